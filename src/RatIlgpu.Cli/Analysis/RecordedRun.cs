namespace RatIlgpu.Cli.Analysis;

/// <summary>Tells what a run has that was recorded before, and can lack what a page shows beside the result.</summary>
static class RecordedRun
{
    /// <summary>Tells whether a run has activations, each at the layers and positions of its capture.</summary>
    /// <param name="run">The run.</param>
    /// <param name="captures">The activations.</param>
    /// <param name="layerCount">The number of layers of the model, from whose end layers such as <c>^1</c>
    /// count.</param>
    public static bool Has(Recording run, IEnumerable<Capture> captures, int layerCount) => captures.All(capture =>
    {
        var length = run.TokenIds.Length;
        var layers = capture.Layers?.Select(layer => layer.GetOffset(layerCount)).ToHashSet();
        var sites = run.Sites.Where(site =>
            site.Activation == capture.Activation && layers?.Contains(site.Layer) != false).ToList();
        return sites.Count >= (layers?.Count ?? 1) && sites.All(site =>
            run[site] is var found && (capture.Positions is not { } places
                ? found.Positions.Length == length
                : places.All(place => found.Positions.Contains(place.GetOffset(length)))));
    });
}
