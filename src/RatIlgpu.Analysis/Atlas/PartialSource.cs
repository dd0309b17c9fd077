using System.Diagnostics.CodeAnalysis;

namespace RatIlgpu.Analysis;

/// <summary>What the sums of a part of an atlas are of: parts with the same model, texts and options add up.</summary>
sealed record PartialSource : PartialOrigin
{
    /// <summary>The option that names the rules of scores.</summary>
    public const string ProfileOption = "score-profile";

    /// <summary>The option that names the seed.</summary>
    public const string SeedOption = "seed";

    /// <summary>Makes an origin from its properties.</summary>
    public PartialSource()
    {
    }

    /// <summary>Reads the beginning of an origin. The file has the sizes next, and the options after them.</summary>
    [SetsRequiredMembers]
    public PartialSource(PartReader file)
        : base(file) => HasWindow = [];

    /// <summary>Gets the layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Gets the query heads of a layer.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Gets the key/value heads of a layer.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Gets the keys that a layer with a window sees; 0 where no layer has one.</summary>
    public required int Window { get; init; }

    /// <summary>Gets for each layer whether it has the window.</summary>
    public required ValueArray<bool> HasWindow { get; init; }

    /// <summary>Gets the rules by which heads are scored and labelled.</summary>
    public ScoreProfile Profile => Enum.Parse<ScoreProfile>(this[ProfileOption]!);

    /// <summary>Gets the seed of all drawn sequences.</summary>
    public int Seed => int.Parse(this[SeedOption]!, CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    protected override string TextsName => "texts";

    /// <summary>Gets the sizes on which the layout of the sums depends, as a model has them; the others are of no
    /// model.</summary>
    public Qwen2Config Sizes => new()
    {
        HiddenSize = 2,
        IntermediateSize = 1,
        LayerCount = LayerCount,
        HeadCount = HeadCount,
        KeyValueHeadCount = KeyValueHeadCount,
        HeadSize = 2,
        VocabularySize = 1,
        RmsNormEpsilon = 1,
        RopeTheta = 2,
        TiesEmbeddings = false,
        MaxPositions = 1,
        SlidingWindow = Window == 0 ? null : Window,
        SlidingLayers = HasWindow,
    };

    /// <summary>Describes what a run of a model would be of.</summary>
    /// <exception cref="FileNotFoundException">A file of the texts is not there.</exception>
    /// <exception cref="InvalidDataException">A file of the texts cannot be read.</exception>
    public static PartialSource Of(LanguageModel model, AtlasOptions options)
    {
        var config = model.Config;
        ImmutableArray<int> windows = [.. Enumerable.Range(0, config.LayerCount).Select(config.WindowOf)];
        var readsTexts = model.Tokenizer.EncodesTexts;
        return new()
        {
            Model = model.Name,
            Fingerprint = ModelFingerprint.Of(model.Network).Text,
            Device = LevelOf(model.Network.Device),
            Version = ProgramVersion,
            Texts = readsTexts ? options.Corpus.Origin : "random tokens",
            TextsHash = readsTexts ? options.Corpus.Hash() : "",
            LayerCount = config.LayerCount,
            HeadCount = config.HeadCount,
            KeyValueHeadCount = config.KeyValueHeadCount,
            Window = windows.Min() is < int.MaxValue and var window ? window : 0,
            HasWindow = [.. windows.Select(own => own < int.MaxValue)],
            Options = [.. OptionsOf(options)],
        };
    }

    /// <summary>Returns the options of the sums.</summary>
    /// <param name="corpus">The texts.</param>
    /// <exception cref="InvalidDataException">An option is missing or none.</exception>
    public AtlasOptions ToOptions(TextCorpus corpus)
    {
        var options = new AtlasOptions
        {
            Profile = Profile,
            Seed = Seed,
            Corpus = corpus,
            Documents = Count("documents"),
            PartsOfDocument = Count("parts-of-document"),
            TextLength = Number("text-length"),
            RepeatSequences = Number("repeat-sequences"),
            Repeats = Number("repeats"),
            SuccessorPrompts = Number("successor-prompts"),
            IndirectObjectPrompts = Number("indirect-object-prompts"),
            StartsWithEndOfText = this["starts-with-end-of-text"] == "true",
        };
        options.Check();
        return options;

        int? Count(string option) => this[option] == "all" ? null : Number(option);

        int Number(string option) =>
            int.TryParse(this[option], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new InvalidDataException(
                    $"The part has {OneLine.Quote(this[option] ?? "")} as --{option}, expected a number.");
    }

    /// <inheritdoc/>
    protected override PartialDifference? SizesTo(PartialOrigin found) =>
        found is PartialSource { SizesText: var sizes, HasWindow: var windows }
            && (sizes != SizesText || windows != HasWindow)
            ? new("sizes", sizes, SizesText)
            : null;

    string SizesText => string.Create(
        CultureInfo.InvariantCulture,
        $"{LayerCount} layers, {HeadCount}/{KeyValueHeadCount} heads, window {Window}");

    static IEnumerable<PartialOption> OptionsOf(AtlasOptions options) =>
    [
        new(ProfileOption, options.Profile.ToString()),
        new(SeedOption, Text(options.Seed)),
        new("corpus-unit", options.Corpus.UnitName),
        new("corpus-files", Text(options.Corpus.FileCount)),
        new("documents", Text(options.Documents)),
        new("parts-of-document", Text(options.PartsOfDocument)),
        new("text-length", Text(options.TextLength)),
        new("repeat-sequences", Text(options.RepeatSequences)),
        new("repeats", Text(options.Repeats)),
        new("successor-prompts", Text(options.SuccessorPrompts)),
        new("indirect-object-prompts", Text(options.IndirectObjectPrompts)),
        new("starts-with-end-of-text", options.StartsWithEndOfText ? "true" : "false"),
    ];

    static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "all";
}
