namespace RatIlgpu.Analysis;

/// <summary>What an atlas was made of.</summary>
public sealed record AtlasManifest
{
    /// <summary>Gets the name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Gets what identifies its weights and settings.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Gets the layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Gets the query heads of a layer.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Gets the key/value heads of a layer.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Gets the rules by which heads are scored and labelled.</summary>
    public ScoreProfile Profile { get; init; }

    /// <summary>Gets the seed of all drawn sequences.</summary>
    public long Seed { get; init; }

    /// <summary>Gets the number of units of each pass that were run.</summary>
    public ImmutableSortedDictionary<AtlasPass, int> Units { get; init; } =
        ImmutableSortedDictionary<AtlasPass, int>.Empty;

    /// <summary>Gets where the texts are from, such as the names of files.</summary>
    public string Texts { get; init; } = "";

    /// <summary>Gets the SHA-256 of the texts, in hexadecimal; empty for random tokens.</summary>
    public string TextsHash { get; init; } = "";

    /// <summary>Gets the device and its level of instructions, whose rounding the sums have.</summary>
    public string Device { get; init; } = "";

    /// <summary>Gets the version of the program.</summary>
    public string Version { get; init; } = "";

    /// <summary>Gets the seconds that the runs took, of all parts together.</summary>
    public double Seconds { get; init; }

    /// <summary>Gets what the reader must know, such as a family of words that the tokenizer cannot express.</summary>
    public ValueArray<string> Warnings { get; init; } = [];

    /// <summary>Gets <see cref="Warnings"/> with those about families of ordered words, where there are several, as one
    /// that counts them; it is the last.</summary>
    public ImmutableArray<string> ShortWarnings => FamilyWarnings.Shorten(Warnings.Items);
}

/// <summary>The rules by which heads are scored and labelled.</summary>
public enum ScoreProfile
{
    /// <summary>Later queries, chance levels and intervals; a label where the lower end of the interval of the excess
    /// is above 0.1 and the excess stands out among all heads.</summary>
    Robust,

    /// <summary>The formulas and thresholds of the first published suite of detectors (goodfire-ai/spd, pull request
    /// 403).</summary>
    Pr403,
}
