namespace RatIlgpu.Analysis;

/// <summary>The checked plan of a recorded run: the sites to record, and where the run starts and ends.</summary>
/// <param name="Captures">The capture of each recorded site.</param>
/// <param name="Last">The last recorded site.</param>
/// <param name="LogitCount">The number of last positions at which the final norm and the logits are computed.</param>
/// <param name="Start">The stream from which the run starts; null for the tokens.</param>
sealed record RecordingPlan(
    IReadOnlyDictionary<Site, Capture> Captures, Site Last, int LogitCount, RecordedActivation? Start)
{
    /// <summary>Makes the plan of a recording.</summary>
    /// <exception cref="ArgumentException">A capture, an intervention or an option does not fit the model, the prompt
    /// or another of them.</exception>
    public static RecordingPlan Make(
        Qwen2Model model, ReadOnlySpan<int> ids, ImmutableArray<Capture> captures, RecordingOptions options)
    {
        var (config, length) = (model.Config, ids.Length);
        if (ids.IsEmpty)
            throw new ArgumentException("The prompt is empty: at least one token is needed.");
        if (captures.IsDefaultOrEmpty)
            throw new ArgumentException("There is nothing to record: at least one capture is needed.");
        if (options.PromptLength is { } own && (own < 1 || own > length))
            throw new ArgumentOutOfRangeException(
                nameof(options), $"PromptLength is {own}, expected 1 to {length}, the tokens.");
        var (first, end) = Span(options, model, ids);
        var sites = new Dictionary<Site, Capture>();
        foreach (var capture in captures)
        {
            ActivationAxes.Resolve(capture.Positions, length, "position");
            foreach (var site in capture.Sites(config))
                if (Lies(site, first, end))
                    _ = sites.TryAdd(site, capture) ? true : throw Twice(site);
                else if (capture.Layers is not null || !site.IsInLayer)
                    throw new ArgumentException(
                        $"{site} was asked for, but the run goes from {first} to {end?.ToString() ?? "its end"}.");
        }

        foreach (var intervention in options.Interventions)
        {
            intervention.CheckFor(model, length, options.AttentionMask);
            if (intervention.Target.ChangedSite.IsBefore(first))
                throw new ArgumentException($"{intervention}: the run starts at {first}, behind it.");
        }

        if (sites.Count == 0)
            throw new ArgumentException("There is nothing to record: the run has none of the sites asked for.");
        var last = sites.Keys.Max(Site.RunOrder);
        foreach (var intervention in options.Interventions)
            if (last.IsBefore(intervention.Target.ChangedSite))
                throw new ArgumentException(
                    $"{intervention}: the run ends after {last}, the last site recorded, before it comes there; record "
                    + "a later site, or leave the intervention out.");
        return new(sites, last, RowsOf(sites, length), options.Start);
    }

    /// <summary>Runs the model.</summary>
    public void Run(Qwen2Model model, ReadOnlySpan<int> ids, ForwardOptions options)
    {
        if (Start is null)
        {
            model.Run(ids, options);
            return;
        }

        using var stream = Start.Numbers.On(model.Device);
        model.RunFrom(Start.Site, stream.Tensor, options);
    }

    // The first site of the run, and the one before which it stops; null if it runs to the end. The stream before that
    // last layer is still made.
    static (Site First, Site? End) Span(
        RecordingOptions options, Qwen2Model model, ReadOnlySpan<int> ids)
    {
        var first = options.Start?.Site ?? Site.Embedding;
        if (options.Start is { } start)
            CheckStart(start, model, ids);
        if (options.StopBefore is not { } layer)
            return (first, null);
        var end = new Site(Activation.ResidualBefore, ActivationAxes.Resolve(layer, model.Config.LayerCount, "layer"));
        return !end.IsBefore(first)
            ? (first, end)
            : throw new ArgumentException($"The run starts at {first}, behind {end}, where it is to stop.");
    }

    static void CheckStart(RecordedActivation start, Qwen2Model model, ReadOnlySpan<int> ids)
    {
        var (site, config, length) = (start.Site, model.Config, ids.Length);
        if (site.Activation is not (Activation.ResidualBefore or Activation.ResidualMiddle or Activation.ResidualAfter))
            throw new ArgumentException(
                $"A run cannot start at {site}, only at the stream before, amid or after a layer.");
        site.Check(config.LayerCount);
        if (start.Width != config.HiddenSize)
            throw new ArgumentException(
                $"{site} was recorded {start.Width} wide, expected {config.HiddenSize}: it is of another model.");
        if (!start.Positions.SequenceEqual(Enumerable.Range(0, length)))
            throw new ArgumentException(
                $"{site} was recorded at {start.Positions.Length} positions, {start.Positions[0]} to "
                + $"{start.Positions[^1]}, expected all {length} of the prompt.");
        if (start.Owner is not { } owner)
            return;
        if (ModelFingerprint.Of(model) is var own && owner.Model != own)
            throw new ArgumentException(
                $"{site} was recorded of another model: {OneLine.Shorten(owner.Model.Text)}, expected {own}.");
        if (!owner.TokenIds.AsSpan().SequenceEqual(ids))
            throw new ArgumentException($"{site} was recorded of another prompt than the one that is to run.");
    }

    static bool Lies(Site site, Site first, Site? end) => !site.IsBefore(first) && !(end?.IsBefore(site) ?? false);

    static int RowsOf(Dictionary<Site, Capture> sites, int length)
    {
        var rows = 0;
        foreach (var site in (ReadOnlySpan<Site>)[Site.FinalNorm, Site.Logits])
            if (sites.TryGetValue(site, out var capture))
                rows = int.Max(rows, length - ActivationAxes.Resolve(capture.Positions, length, "position")[0]);
        return rows;
    }

    static ArgumentException Twice(Site site) => new($"{site} is asked for twice.");
}
