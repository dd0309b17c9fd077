using System.Reflection;

namespace RatIlgpu.Analysis;

/// <summary>What the sums of a part of an atlas are of: parts with the same model, texts and options add up.</summary>
sealed record PartialSource
{
    /// <summary>The option that names the rules of scores.</summary>
    public const string ProfileOption = "score-profile";

    /// <summary>The option that names the seed.</summary>
    public const string SeedOption = "seed";

    /// <summary>Gets the name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Gets what identifies its weights and settings.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Gets the device and its level of instructions, whose rounding the sums have.</summary>
    public required string Device { get; init; }

    /// <summary>Gets the version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>Gets where the texts are from.</summary>
    public required string Texts { get; init; }

    /// <summary>Gets the SHA-256 of the texts; empty for random tokens.</summary>
    public required string TextsHash { get; init; }

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

    /// <summary>Gets the options that decide the sequences and the rules, as the command line spells them.</summary>
    public required ValueArray<PartialOption> Options { get; init; }

    /// <summary>Gets the rules by which heads are scored and labelled.</summary>
    public ScoreProfile Profile => Enum.Parse<ScoreProfile>(this[ProfileOption]!);

    /// <summary>Gets the seed of all drawn sequences.</summary>
    public int Seed => int.Parse(this[SeedOption]!, CultureInfo.InvariantCulture);

    /// <summary>Gets the value of an option; null where there is none.</summary>
    public string? this[string option] => Options.FirstOrDefault(one => one.Name == option).Value;

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
            Version = typeof(PartialSource).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()?.Version ?? "",
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

    /// <summary>Returns the device of sums: those of the processor depend on the width of its vectors, and not on its
    /// threads.</summary>
    public static string LevelOf(Device device) => device is CpuDevice cpu
        ? $"{cpu.Name}, {cpu.Level}"
        : $"{device.Name.Split(':')[0]}, {device.Description}";

    /// <summary>Returns the first difference that keeps sums from adding up, from this, the expected one; null for
    /// none.</summary>
    /// <param name="found">The other.</param>
    /// <param name="allowsMixture">Whether other devices and versions of the program are none.</param>
    public PartialDifference? DifferenceTo(PartialSource found, bool allowsMixture)
    {
        if (found.Fingerprint != Fingerprint)
            return new("model", $"{found.Model} ({found.Fingerprint})", $"{Model} ({Fingerprint})");
        if (found.TextsHash != TextsHash)
            return new(
                "texts", $"{found.Texts} (SHA-256 {Short(found.TextsHash)})", $"{Texts} (SHA-256 {Short(TextsHash)})");
        foreach (var option in Options.Select(one => one.Name).Union(found.Options.Select(one => one.Name)))
            if (this[option] != found[option])
                return new($"--{option}", found[option] ?? "not given", this[option] ?? "not given");
        if ((found.LayerCount, found.HeadCount, found.KeyValueHeadCount, found.Window)
            != (LayerCount, HeadCount, KeyValueHeadCount, Window) || found.HasWindow != HasWindow)
            return new("sizes", found.SizesText, SizesText);
        return allowsMixture ? null
            : found.Device != Device ? new("device", found.Device, Device) { IsMixture = true }
            : found.Version != Version ? new("program", found.Version, Version) { IsMixture = true }
            : null;
    }

    string SizesText => string.Create(
        CultureInfo.InvariantCulture,
        $"{LayerCount} layers, {HeadCount}/{KeyValueHeadCount} heads, window {Window}");

    static string Short(string hash) => hash.Length > 16 ? hash[..16] : "none";

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

/// <summary>An option of a part of an atlas.</summary>
/// <param name="Name">The name, as the command line spells it.</param>
/// <param name="Value">The value.</param>
readonly record struct PartialOption(string Name, string Value);

/// <summary>Why two parts do not add up.</summary>
/// <param name="What">What differs.</param>
/// <param name="Found">What the second has.</param>
/// <param name="Expected">What the first has.</param>
sealed record PartialDifference(string What, string Found, string Expected)
{
    /// <summary>Gets whether the sums differ by rounding alone.</summary>
    public bool IsMixture { get; init; }
}
