namespace RatIlgpu.Analysis;

/// <summary>The replacements that a study takes from its samples: the outputs and values of heads in the runs of all
/// samples.</summary>
/// <remarks>The runs end in the last layer that is needed, and the stream before the first changed layer is kept: the
/// baseline of a sample goes on from there.</remarks>
sealed class AblationSources
{
    // Early positions are unlike later ones: the first takes most attention, and the next see few keys.
    static readonly ImmutableArray<int> Starts = [0, 1, 8];

    readonly Qwen2Model model;
    readonly ImmutableArray<AblationSample> samples;
    readonly Dictionary<(Site Site, int Sample), float[]> numbers = [];
    readonly Dictionary<Site, HeldNumbers> means = [];

    AblationSources(Qwen2Model model, ImmutableArray<AblationSample> samples) =>
        (this.model, this.samples) = (model, samples);

    /// <summary>Gets the stream of each sample before the first changed layer; empty where nothing is put in place, and
    /// no run was needed.</summary>
    public ImmutableArray<KnownStream> Streams { get; private init; } = [];

    /// <summary>Gets the run of each sample with the normed streams that components read; empty where none are taken
    /// out.</summary>
    public ImmutableArray<Recording> Runs { get; private init; } = [];

    /// <summary>Runs the samples as far as the conditions need.</summary>
    public static AblationSources For(
        Qwen2Model model,
        ImmutableArray<AblationSample> samples,
        ImmutableArray<AblationCondition> conditions,
        CancellationToken cancellation)
    {
        if (conditions.Any(condition => condition.Components is not null))
            return OfComponents(model, samples, conditions[0].Layer, cancellation);
        var needed = conditions
            .Where(condition => condition.Kind is AblationKind.Mean or AblationKind.Resample)
            .SelectMany(condition => condition.Heads.Select(head => SiteOf(condition.Part, head.Layer))).ToHashSet();
        if (needed.Count == 0)
            return new(model, samples);
        var first = new Site(Activation.ResidualBefore, conditions.Min(condition => condition.Layer));
        var streams = ImmutableArray.CreateBuilder<KnownStream>();
        var kept = new Dictionary<(Site, int), float[]>();
        ImmutableArray<NumbersProbe> probes = [.. samples.Select(_ => new NumbersProbe([first, .. needed]))];
        model.RunAll(
            [.. samples.Zip(probes, (sample, probe) => new BatchPrompt(sample.Ids) { Probe = probe })],
            new()
            {
                LogitCount = 0,
                StopAfter = needed.Max(Site.RunOrder),
                Cancellation = cancellation,
            });
        foreach (var (place, probe) in probes.Index())
        {
            streams.Add(new(first.Layer, probe.Numbers[first]));
            foreach (var site in needed)
                kept.Add((site, place), probe.Numbers[site]);
        }

        var sources = new AblationSources(model, samples) { Streams = streams.ToImmutable() };
        foreach (var (key, value) in kept)
            sources.numbers.Add(key, value);
        return sources;
    }

    /// <summary>Returns an intervention that puts something in the place of a part of heads of one layer.</summary>
    /// <param name="target">The part.</param>
    /// <param name="part">What it is.</param>
    /// <param name="kind">Mean or resample.</param>
    /// <param name="sample">The place of the sample that is changed.</param>
    public Intervention Put(InterventionTarget target, AblatedPart part, AblationKind kind, int sample)
    {
        var site = SiteOf(part, target.Site.Layer);
        var heads = part == AblatedPart.Value ? model.Config.KeyValueHeadCount : model.Config.HeadCount;
        var shared = model.Config.HeadCount / heads;
        if (kind == AblationKind.Mean)
            return Intervention.ReplaceRows(
                target,
                new(MeansOf(site, heads), (position, head) => (BucketOf(position) * heads) + (head / shared)),
                "average");
        var other = (sample + 1) % samples.Length;
        var last = samples[other].Ids.Length - 1;
        return Intervention.ReplaceRows(
            target,
            new(
                new(model.Config.HeadSize, ImmutableCollectionsMarshal.AsImmutableArray(numbers[(site, other)])),
                (position, head) => (int.Min(position, last) * heads) + (head / shared)),
            "resample");
    }

    static AblationSources OfComponents(
        Qwen2Model model, ImmutableArray<AblationSample> samples, int layer, CancellationToken cancellation)
    {
        ImmutableArray<Capture> captures =
        [
            new(Activation.AttentionInput) { Layers = [layer] }, new(Activation.ResidualBefore) { Layers = [layer] },
        ];
        ImmutableArray<Recording> runs =
        [
            .. new Recorder(model).RecordAll(
                [.. samples.Select(sample => new RecordedPrompt(sample.Ids))], captures, cancellation: cancellation),
        ];
        return new(model, samples)
        {
            Runs = runs,
            Streams =
            [
                .. runs.Select(run => new KnownStream(
                    layer, [.. run[new(Activation.ResidualBefore, layer)].Values])),
            ],
        };
    }

    static Site SiteOf(AblatedPart part, int layer) =>
        new(part == AblatedPart.Value ? Activation.Value : Activation.HeadOutput, layer);

    /// <summary>Returns which positions a mean is taken over, by one of them.</summary>
    public static int BucketOf(int position) => Starts.Count(start => start <= position) - 1;

    // [buckets, heads, headSize]
    HeldNumbers MeansOf(Site site, int heads)
    {
        if (means.TryGetValue(site, out var found))
            return found;
        var width = heads * model.Config.HeadSize;
        var (sums, counts) = (new double[Starts.Length * width], new int[Starts.Length]);
        for (var sample = 0; sample < samples.Length; sample++)
        {
            var all = numbers[(site, sample)];
            for (var position = 0; position < samples[sample].Ids.Length; position++)
            {
                var bucket = BucketOf(position);
                counts[bucket]++;
                for (var i = 0; i < width; i++)
                    sums[(bucket * width) + i] += all[(position * width) + i];
            }
        }

        found = new(model.Config.HeadSize, [.. sums.Select((sum, i) => (float)(sum / int.Max(1, counts[i / width])))]);
        means.Add(site, found);
        return found;
    }
}

/// <summary>Keeps the numbers of some activations of a run.</summary>
sealed class NumbersProbe(ImmutableArray<Site> sites) : IProbe
{
    /// <summary>Gets the numbers.</summary>
    public Dictionary<Site, float[]> Numbers { get; } = [];

    public bool Wants(Site site) => sites.Contains(site);

    public void Begin(int firstPosition, int positionCount)
    {
    }

    public void Show(Site site, Tensor activation, Device device) => Numbers[site] = device.Download(activation);
}
