namespace RatIlgpu.Cli.Analysis;

/// <summary>Tells what a run has that was recorded before, and can lack what a page shows beside the result.</summary>
static class RecordedRun
{
    /// <summary>Tells whether a run has activations, each at the layers and positions of its capture.</summary>
    public static bool Has(Recording run, IEnumerable<Capture> captures) => captures.All(capture =>
    {
        var length = run.TokenIds.Length;
        var layers = capture.Layers?.Select(layer => layer.Value).ToHashSet();
        var sites = run.Sites.Where(site =>
            site.Activation == capture.Activation && layers?.Contains(site.Layer) != false).ToList();
        return sites.Count >= (layers?.Count ?? 1) && sites.All(site =>
            run[site] is var found && (capture.Positions is not { } places
                ? found.Positions.Length == length
                : places.All(place => found.Positions.Contains(place.GetOffset(length)))));
    });
}
