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
        var rows = activation.Reshape(layout.Rows, layout.Width);
        recorded.Add(new(
            site, positions, hasHeads ? heads : [],
            HeldNumbers.Copy(rows, RowsOf(layout, positions, heads), device)));
    }

    /// <summary>Runs, and frees the copies if the run fails.</summary>
    public T Record<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch
        {
            Discard();
            throw;
        }
    }

    /// <summary>Frees the copies of a run that failed.</summary>
    public void Discard()
    {
        foreach (var one in recorded)
            one.Numbers.Dispose();
        recorded.Clear();
    }

    // In the order of a recorded activation.
    static int[] RowsOf(RowLayout layout, ImmutableArray<int> positions, ImmutableArray<int> heads) => layout.HeadsFirst
        ? [.. heads.SelectMany(head => positions.Select(position => layout.IndexOf(position, head)))]
        : [.. positions.SelectMany(position => heads.Select(head => layout.IndexOf(position, head)))];
}

/// <summary>Two probes of one run; the second sees the changes of the first.</summary>
sealed class ProbePair(IProbe first, IProbe second) : IProbe
{
    public void Begin(int firstPosition, int positionCount)
    {
        first.Begin(firstPosition, positionCount);
        second.Begin(firstPosition, positionCount);
    }

    public void BeginBranches(int branches)
    {
        first.BeginBranches(branches);
        second.BeginBranches(branches);
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
