using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace RatIlgpu.Analysis;

/// <summary>What the measured patches of a sweep were computed from.</summary>
sealed record PatchSource : PartialOrigin
{
    const int ShownHash = 16;

    /// <summary>Makes an origin from its properties.</summary>
    public PatchSource()
    {
    }

    /// <summary>Reads an origin.</summary>
    [SetsRequiredMembers]
    public PatchSource(PartReader file)
        : base(file) => Options = file.Options();

    /// <inheritdoc/>
    protected override string TextsName => "text of the prompts";

    /// <summary>Describes what a sweep over an activation computes its patches from.</summary>
    /// <exception cref="ArgumentException">A metric is a function, which cannot be told from others.</exception>
    public static PatchSource Of(
        Qwen2Model model, IReadOnlyList<PatchCase> cases, PatchTarget target, ActivationPatchingOptions options) =>
        Of(model, cases,
        [
            new("activation", Word(target.Activation)),
            new("axes", Axes(target.Axes)),
            new("scope", Word(target.Scope)),
            .. Places(model.Config, options.Layers, options.Heads, options.Positions, options.MaxBatchRows),
        ]);

    /// <summary>Describes what a sweep over direct paths computes its patches from.</summary>
    /// <exception cref="ArgumentException">A metric is a function, which cannot be told from others.</exception>
    public static PatchSource Of(
        Qwen2Model model,
        IReadOnlyList<PatchCase> cases,
        IReadOnlyList<HeadIndex> sources,
        HeadInput input,
        DirectPathOptions options) => Of(model, cases,
        [
            new("source", AreAll(sources, model.Config) ? "all" : string.Join(',', sources)),
            new("input", Word(input)),
            new("norm", Word(options.Norm)),
            new("axes", Axes(options.Axes)),
            new("scope", Word(options.Scope)),
            .. Places(
                model.Config, options.DestinationLayers, options.DestinationHeads, options.Positions,
                options.MaxBatchRows),
        ]);

    static PatchSource Of(
        Qwen2Model model, IReadOnlyList<PatchCase> cases, IEnumerable<PartialOption> options) => new()
        {
            Model = "",
            Fingerprint = ModelFingerprint.Of(model).Text,
            Device = LevelOf(model.Device),
            Version = ProgramVersion,
            Texts = CountText.Of(cases.Count, "pair"),
            TextsHash = PatchDigest.Of(cases, PatchDigest.Prompts),
            Options =
            [
                // Products of a matrix in another format may have another order of sums.
                new("format of the weights", string.Join(", ", model.Weights.All
                    .Select(one => one.Weight.DataType.ToString()).Distinct().Order(StringComparer.Ordinal))),
                new("attention-mask", OfAll(cases, one => one.Pair.AttentionMask is { } mask
                    ? string.Concat(mask)
                    : "none")),
                new("masks of the pairs", PatchDigest.Of(cases, PatchDigest.Mask)[..ShownHash]),
                .. options,
                .. MetricsOf(cases),
            ],
        };

    // A position from the end is another one in each pair.
    static IEnumerable<PartialOption> Places(
        Qwen2Config config,
        ValueArray<Index>? layers,
        ValueArray<int>? heads,
        ValueArray<Index>? positions,
        int batchRows) =>
    [
        new("layers", layers is null ? "all" : Joined(ActivationAxes.Resolve(layers, config.LayerCount, "layer"))),
        new("heads", heads is { } some ? Joined(some.Order()) : "all"),
        new("patch-position", positions is { } places
            ? string.Join(',', places.Select(place => (place.IsFromEnd ? "-" : "") + Text(place.Value)))
            : "all"),
        new("max-batch-rows", Text(batchRows)),
    ];

    // In another order they are measured in another one.
    static bool AreAll(IReadOnlyList<HeadIndex> sources, Qwen2Config config) =>
        sources.Count == config.LayerCount * config.HeadCount
        && sources.Index().All(one => one.Item == new HeadIndex(
            one.Index / config.HeadCount, one.Index % config.HeadCount));

    static IEnumerable<PartialOption> MetricsOf(IReadOnlyList<PatchCase> cases) =>
    [
        new("metric", Word(cases[0].Metric.Kind ?? throw new ArgumentException(
            "The metric is a function of one's own, which cannot be told from others: patches that are kept need a "
            + "metric of another kind."))),
        new("answer", OfAll(cases, one => one.Metric.ReadTarget?.Answer is { } token ? $"#{Text(token)}" : "none")),
        new("foil", OfAll(cases, one => one.Metric.ReadTarget?.Foil is { } token ? $"#{Text(token)}" : "none")),
        new("direction", OfAll(cases, one => one.Metric.ReadTarget?.Direction is { } along
            ? $"{along.Name} (SHA-256 {PatchDigest.Of([one], PatchDigest.Direction)[..ShownHash]})"
            : "none")),
        new("position", OfAll(cases, one => Joined(
            one.Metric.LogitPositions.Select(position => position.GetOffset(one.Pair.Length))))),
        new("metrics of the pairs", PatchDigest.Of(cases, PatchDigest.Metric)[..ShownHash]),
        new("recorded runs", cases.All(one => one.Pair is { CleanRun: null, CorruptedRun: null })
            ? "none"
            : $"SHA-256 {PatchDigest.Of(cases, PatchDigest.Runs)[..ShownHash]}"),
    ];

    static string OfAll(IReadOnlyList<PatchCase> cases, Func<PatchCase, string> text) =>
        cases.Select(text).Distinct().ToList() is [var only] ? only : "its own for each pair";

    static string Joined(IEnumerable<int> numbers) => string.Join(',', numbers.Select(Text));

    // Every grid has layers; the option names them only where there is no other axis.
    static string Axes(PatchAxes axes) =>
        string.Join(',', PatchAxisWords.Of(axes).Skip(axes == PatchAxes.Layer ? 0 : 1));

    static string Word(Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Computes hashes of the inputs of a sweep of patches.</summary>
static class PatchDigest
{
    /// <summary>Returns the SHA-256 of a part of each pair, in hexadecimal digits.</summary>
    public static string Of(IEnumerable<PatchCase> cases, Action<IncrementalHash, PatchCase> part)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var one in cases)
            part(hash, one);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>Adds the tokens of a pair.</summary>
    public static void Prompts(IncrementalHash hash, PatchCase one)
    {
        Add<int>(hash, one.Pair.Clean.AsSpan());
        Add<int>(hash, one.Pair.Corrupted.AsSpan());
    }

    /// <summary>Adds the mask of a pair.</summary>
    public static void Mask(IncrementalHash hash, PatchCase one) =>
        Add<int>(hash, one.Pair.AttentionMask is { } mask ? mask.AsSpan() : []);

    /// <summary>Adds what is measured of a pair.</summary>
    public static void Metric(IncrementalHash hash, PatchCase one)
    {
        var (metric, length) = (one.Metric, one.Pair.Length);
        Add<int>(hash, [(int)metric.Kind!.Value, .. metric.ReadTarget?.Tokens ?? []]);
        Add<int>(hash, [.. metric.LogitPositions.Select(position => position.GetOffset(length))]);
        Direction(hash, one);
        Add(hash, (metric as LogitMetric.KlDivergence)?.Reference);
    }

    /// <summary>Adds the direction that is read of a pair.</summary>
    public static void Direction(IncrementalHash hash, PatchCase one) =>
        Add<double>(hash, one.Metric.ReadTarget?.Direction is { } along ? along.Values.AsSpan() : []);

    /// <summary>Adds the recorded runs of a pair.</summary>
    public static void Runs(IncrementalHash hash, PatchCase one)
    {
        Add(hash, one.Pair.CleanRun);
        Add(hash, one.Pair.CorruptedRun);
    }

    static void Add(IncrementalHash hash, Recording? run)
    {
        foreach (var one in run is null ? [] : run.Sites.Select(site => run[site]))
        {
            Add<int>(hash, [(int)one.Site.Activation, one.Site.Layer, one.Width]);
            Add<int>(hash, one.Positions.AsSpan());
            Add<int>(hash, one.Heads.AsSpan());
            Add(hash, one.Values);
        }

        Add<int>(hash, []);
    }

    // After its length, so that no two lists together are two others.
    static void Add<T>(IncrementalHash hash, ReadOnlySpan<T> numbers)
        where T : unmanaged
    {
        hash.AppendData(BitConverter.GetBytes(numbers.Length));
        for (var at = 0; at < numbers.Length; at += PartFormat.Piece)
            hash.AppendData(MemoryMarshal.AsBytes(numbers[at..Math.Min(numbers.Length, at + PartFormat.Piece)]));
    }
}
