namespace RatIlgpu.Analysis;

/// <summary>The part of an atlas that one machine makes: exact sums over the sequences of a shard. Parts are saved,
/// taken up again where a run was stopped, and merged; all shards together have the bits of one run.</summary>
public sealed class PartialAtlas
{
    readonly PartialSource source;
    readonly AtlasSums sums;

    internal PartialAtlas(PartialSource source, AtlasShard shard, AtlasSums sums) =>
        (this.source, Shard, this.sums) = (source, shard, sums);

    /// <summary>Gets the shard.</summary>
    public AtlasShard Shard { get; }

    /// <summary>Gets whether all sequences of the shard are in the sums.</summary>
    public bool IsComplete { get; internal set; }

    /// <summary>Gets how many sequences, each with its controls, are in the sums of each pass.</summary>
    public ImmutableSortedDictionary<AtlasPass, int> Units =>
        AtlasLayouts.Passes.ToImmutableSortedDictionary(pass => pass, pass => sums[pass].Numbers.Count);

    /// <summary>Gets the name of the model.</summary>
    public string Model => source.Model;

    /// <summary>Gets what identifies the weights and settings of the model.</summary>
    public string Fingerprint => source.Fingerprint;

    /// <summary>Gets the seconds that the runs took, of all parts together.</summary>
    public double Seconds => sums.Seconds;

    /// <summary>Gets what the reader of the atlas must know.</summary>
    public ImmutableArray<string> Warnings { get; internal set; } = [];

    internal PartialSource Source => source;

    internal AtlasSums Sums => sums;

    /// <summary>Returns a part without a sequence.</summary>
    /// <param name="model">The model that will run.</param>
    /// <param name="options">On what heads are scored.</param>
    /// <param name="shard">The shard.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="FileNotFoundException">A file of the texts is not there.</exception>
    /// <exception cref="InvalidDataException">A file of the texts cannot be read.</exception>
    public static PartialAtlas Begin(LanguageModel model, AtlasOptions options, AtlasShard shard)
    {
        options.Check();
        return new(PartialSource.Of(model, options), shard, new(model.Config));
    }

    /// <summary>Returns the part that a file has, or one without a sequence where there is no file.</summary>
    /// <inheritdoc cref="Begin"/>
    /// <param name="path">The file.</param>
    /// <param name="model">The model that will run.</param>
    /// <param name="options">On what heads are scored.</param>
    /// <param name="shard">The shard.</param>
    /// <exception cref="InvalidDataException">The file is damaged, or has a part of another shard, model, device or
    /// text, or with other options; or a file of the texts cannot be read.</exception>
    public static PartialAtlas Resume(string path, LanguageModel model, AtlasOptions options, AtlasShard shard)
    {
        var begun = Begin(model, options, shard);
        if (!File.Exists(path))
            return begun;
        var found = Load(path);
        var difference = found.Shard != shard
            ? new("shard", found.Shard.ToString(), shard.ToString())
            : begun.source.DifferenceTo(found.source, allowsMixture: false);
        return difference is null ? found : throw difference.Refusal(path);
    }

    /// <summary>Reads a part.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or no part of an atlas.</exception>
    public static PartialAtlas Load(string path) => PartialReader.Read(path);

    /// <summary>Adds up the parts of all shards.</summary>
    /// <param name="paths">The files, in any order.</param>
    /// <param name="allowsMixture">Whether parts of different devices and versions of the program are taken, whose
    /// sums have different rounding.</param>
    /// <returns>The whole.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, unfinished or of another model, text, device, or with
    /// other options; or a shard is missing or there twice.</exception>
    public static PartialAtlas Merge(IEnumerable<string> paths, bool allowsMixture = false) =>
        PartialMerge.Of(paths.Select(path => (path, Load(path))), allowsMixture);

    /// <summary>Writes the part, whole or not at all.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="DirectoryNotFoundException">The folder of the file is not there.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Save(string path) => WholeFile.Write(path, stream => PartialWriter.Write(this, stream));

    /// <summary>Runs the sequences of the shard that are not in the sums.</summary>
    /// <param name="model">The model with which the part was begun.</param>
    /// <param name="options">The options with which it was begun.</param>
    /// <param name="goesOn">Told after each few sequences how much is done; returns whether to go on. Null: to the
    /// end.</param>
    /// <param name="cancellation">Stops within a run, whose sequences are then not added.</param>
    /// <returns>Whether all sequences are in the sums.</returns>
    /// <exception cref="ArithmeticException">The attention of a head is not a number.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped; what was done is in the sums.</exception>
    public bool Run(
        LanguageModel model,
        AtlasOptions options,
        Func<PartialProgress, bool>? goesOn = null,
        CancellationToken cancellation = default)
    {
        var plan = new AtlasPlan(model.Tokenizer, model.Config, options);
        Warnings = [.. Warnings.Union(plan.Warnings)];
        var work = new PartialWork(plan, options, Shard);
        using var scorer = new AtlasScorer(model.Network, plan);
        return IsComplete = scorer.Run(
            Shard, sums,
            unit => goesOn?.Invoke(new(sums.Seconds, Units.Values.Sum(), work.ShareAfter(unit))) ?? true, cancellation);
    }

    /// <summary>Returns the atlas of the sums: scores and roles, without what only the model tells, such as ablations
    /// and examples.</summary>
    public HeadAtlas ToAtlas()
    {
        var heads = AtlasHeads.Of(
            sums, source.Sizes, source.Profile,
            ImmutableDictionary<HeadIndex, ImmutableSortedDictionary<string, HeadScore>>.Empty);
        var known = heads.SelectMany(head => head.Scores.Keys).ToHashSet();
        return new()
        {
            Manifest = ToManifest(),
            Scores = [.. AtlasHeads.Definitions(source.Sizes).Where(score => known.Contains(score.Id))],
            Heads = heads,
        };
    }

    /// <summary>Returns the options with which the sums were made.</summary>
    /// <param name="corpus">The texts of which they are; null for those that come with the library.</param>
    /// <exception cref="ArgumentException">The texts are others.</exception>
    /// <exception cref="InvalidDataException">The part has an option that is none, or lacks one.</exception>
    /// <exception cref="FileNotFoundException">A file of the texts is not there.</exception>
    public AtlasOptions ToOptions(TextCorpus? corpus = null)
    {
        corpus ??= TextCorpus.BuiltIn;
        if (source.TextsHash.Length > 0 && corpus.Hash() != source.TextsHash)
            throw new ArgumentException(
                $"The texts are {corpus.Origin}, expected {OneLine.Shorten(source.Texts)}, of which the sums are; give "
                + "the same files.");
        return source.ToOptions(corpus);
    }

    /// <summary>Returns what the sums were made of.</summary>
    internal AtlasManifest ToManifest() => new()
    {
        Model = source.Model,
        Fingerprint = source.Fingerprint,
        LayerCount = source.LayerCount,
        HeadCount = source.HeadCount,
        KeyValueHeadCount = source.KeyValueHeadCount,
        Profile = source.Profile,
        Seed = source.Seed,
        Units = Units,
        Texts = source.Texts,
        TextsHash = source.TextsHash,
        Device = source.Device,
        Version = source.Version,
        Seconds = sums.Seconds,
        Warnings = [.. Warnings, .. Limits()],
    };

    IEnumerable<string> Limits()
    {
        if (Shard.Count > 1)
            yield return $"The atlas is of shard {Shard} of the sequences alone.";
        else if (IsComplete && sums[AtlasPass.Text].Numbers.Count == 0
            && source.TextsHash.Length > 0 && source["documents"] is not (null or "0"))
            yield return FormattableString.Invariant(
                $"No text of {OneLine.Shorten(source.Texts)} has {new TextSequenceOptions().Least} tokens or more: ")
                + "there are no scores of texts.";
        if (!IsComplete)
            yield return "The run was stopped before its end: "
                + string.Join(", ", Units.Select(unit => FormattableString.Invariant(
                    $"{unit.Value} of {JsonNamingPolicy.KebabCaseLower.ConvertName(unit.Key.ToString())}")))
                + " were run, and roles that need more are missing.";
    }
}

/// <summary>How far the run of a part is.</summary>
/// <param name="Seconds">The seconds that all runs of the part took.</param>
/// <param name="Units">The sequences, each with its controls, that are in the sums.</param>
/// <param name="Share">The share of the work that is done, about; null where the texts are not counted before they are
/// read.</param>
public readonly record struct PartialProgress(double Seconds, long Units, double? Share);

/// <summary>Estimates the work of a shard by its tokens.</summary>
/// <param name="plan">The sequences.</param>
/// <param name="options">The options.</param>
/// <param name="shard">The shard.</param>
sealed class PartialWork(AtlasPlan plan, AtlasOptions options, AtlasShard shard)
{
    /// <summary>Returns the share of the work that is done after a unit; null where it is not known.</summary>
    public double? ShareAfter(AtlasUnit unit)
    {
        var counts = AtlasLayouts.Passes.Select(pass => pass == AtlasPass.Text ? TextCount : plan.CountOf(pass));
        if (counts.Any(count => count is null))
            return null;
        var works = AtlasLayouts.Passes.Zip(counts, (pass, count) => count!.Value * LengthOf(pass)).ToArray();
        var at = AtlasLayouts.Passes.IndexOf(unit.Pass);
        var number = unit.Pass == AtlasPass.Text ? unit.Number / AtlasPlan.MostParts : unit.Number;
        var inPass = Math.Min(1, (double)(number + shard.Count) / Math.Max(1, counts.ElementAt(at)!.Value));
        return works.Sum() == 0 ? 1 : (works.Take(at).Sum() + (inPass * works[at])) / works.Sum();
    }

    int? TextCount => options.Corpus.Count is { } count ? Math.Min(count, options.Documents ?? count) : null;

    // The usual tokens of a unit, with its controls.
    double LengthOf(AtlasPass pass) => pass switch
    {
        AtlasPass.Text => options.TextLength,
        AtlasPass.Repeats => 96 * options.Repeats,
        AtlasPass.Successors => 60,
        _ => 40,
    };
}
