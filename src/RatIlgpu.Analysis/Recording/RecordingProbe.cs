namespace RatIlgpu.Analysis;

/// <summary>A probe that copies the requested heads and positions of the activations it is shown.</summary>
sealed class RecordingProbe(Qwen2Config config, IReadOnlyDictionary<Site, Capture> captures, int length) : IProbe
{
    readonly List<RecordedActivation> recorded = [];

    /// <summary>Gets the copies, in the order of the run.</summary>
    public IReadOnlyList<RecordedActivation> Recorded => recorded;

    public void Begin(int firstPosition, int positionCount)
    {
    }

    public bool Wants(Site site) => captures.ContainsKey(site);

    public void Show(Site site, Tensor activation, Device device)
    {
        var capture = captures[site];
        var layout = RowLayout.Of(site.Activation, activation.Shape, length);
        var positions = ActivationAxes.Resolve(capture.Positions, length, "position");
        var hasHeads = ActivationAxes.HeadsOf(site.Activation, config) > 0;
        ImmutableArray<int> heads =
            capture.Heads is { } some ? [.. some.Order()] : [.. Enumerable.Range(0, layout.Heads)];

        // From the first requested position to the last.
        var (start, count) = (positions[0] - layout.First, positions[^1] - positions[0] + 1);
        var cut = layout with { First = positions[0], Count = count };
        float[] numbers;
        if (layout.HeadsFirst)
        {
            // A pattern may be larger than everything else together: only the requested rows are downloaded, head by
            // head.
            cut = cut with { Heads = heads.Length };
            numbers = new float[checked(heads.Length * count * layout.Width)];
            for (var h = 0; h < heads.Length; h++)
                device.Download(
                    activation.Slice(heads[h], 1).Reshape(layout.Count, layout.Width).Slice(start, count),
                    numbers.AsSpan(h * count * layout.Width, count * layout.Width));
        }
        else
            numbers = device.Download(activation.Slice(start, count));

        ImmutableArray<int> places = [.. layout.HeadsFirst ? Enumerable.Range(0, heads.Length) : heads];
        var values = Select(numbers, cut, positions, places);
        recorded.Add(new(site, positions, hasHeads ? heads : [], layout.Width, values));
    }

    static ImmutableArray<float> Select(
        float[] numbers, RowLayout cut, ImmutableArray<int> positions, ImmutableArray<int> heads)
    {
        var to = new RowLayout(0, positions.Length, heads.Length, cut.Width, cut.HeadsFirst);
        if (to == cut with { First = 0 })
            return ImmutableCollectionsMarshal.AsImmutableArray(numbers);
        var values = new float[positions.Length * heads.Length * cut.Width];
        for (var p = 0; p < positions.Length; p++)
            for (var h = 0; h < heads.Length; h++)
                numbers.AsSpan(cut.Row(positions[p], heads[h])).CopyTo(values.AsSpan(to.Row(p, h)));
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }
}

/// <summary>Two probes of one run; the second sees the changes of the first.</summary>
sealed class ProbePair(IProbe first, IProbe second) : IProbe
{
    public void Begin(int firstPosition, int positionCount)
    {
        first.Begin(firstPosition, positionCount);
        second.Begin(firstPosition, positionCount);
    }

    public void BeginLogits(ImmutableArray<int> positions)
    {
        first.BeginLogits(positions);
        second.BeginLogits(positions);
    }

    public bool Wants(Site site) => first.Wants(site) || second.Wants(site);

    public void Show(Site site, Tensor activation, Device device)
    {
        if (first.Wants(site))
            first.Show(site, activation, device);
        if (second.Wants(site))
            second.Show(site, activation, device);
    }
}
