namespace RatIlgpu.Analysis;

/// <summary>Writes grids of patches as JSON; docs/analysis.md describes the files.</summary>
public static class PatchJson
{
    /// <summary>Returns the text of the file of an activation's patches: ASCII, and safe inside a script element of a
    /// page.</summary>
    /// <param name="grid">The patches.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    public static string Write(PatchGrid<PatchTarget> grid, LanguageModel model) =>
        AnalysisJson.Text(json => Write(json, grid, model));

    /// <summary>Writes the file of an activation's patches to a stream, which stays open.</summary>
    /// <param name="grid">The patches.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    public static void Write(PatchGrid<PatchTarget> grid, LanguageModel model, Stream destination) =>
        AnalysisJson.Write(destination, json => Write(json, grid, model));

    /// <summary>Writes the file of an activation's patches whole or not at all.</summary>
    /// <param name="grid">The patches.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <inheritdoc cref="AttributionJson.Save"/>
    public static void Save(PatchGrid<PatchTarget> grid, LanguageModel model, string path) =>
        AnalysisJson.Save(path, json => Write(json, grid, model));

    /// <summary>Returns the text of the file of direct paths: ASCII, and safe inside a script element of a
    /// page.</summary>
    /// <param name="grids">The paths of one or more sources of one sweep.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <exception cref="ArgumentException">There is no grid, or the grids are of different sweeps.</exception>
    public static string Write(IReadOnlyList<PatchGrid<PathTarget>> grids, LanguageModel model) =>
        AnalysisJson.Text(Checked(grids, model));

    /// <summary>Writes the file of direct paths to a stream, which stays open.</summary>
    /// <param name="grids">The paths of one or more sources of one sweep.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <exception cref="ArgumentException">There is no grid, or the grids are of different sweeps.</exception>
    public static void Write(IReadOnlyList<PatchGrid<PathTarget>> grids, LanguageModel model, Stream destination) =>
        AnalysisJson.Write(destination, Checked(grids, model));

    /// <summary>Writes the file of direct paths whole or not at all.</summary>
    /// <param name="grids">The paths of one or more sources of one sweep.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="ArgumentException">There is no grid, or the grids are of different sweeps.</exception>
    /// <inheritdoc cref="AttributionJson.Save"/>
    public static void Save(IReadOnlyList<PatchGrid<PathTarget>> grids, LanguageModel model, string path) =>
        AnalysisJson.Save(path, Checked(grids, model));

    static Action<Utf8JsonWriter> Checked(IReadOnlyList<PatchGrid<PathTarget>> grids, LanguageModel model)
    {
        if (grids.Count == 0)
            throw new ArgumentException("There is no grid to write: at least that of one source is needed.");
        var first = grids[0];
        foreach (var grid in grids)
            if (grid.Pair != first.Pair || grid.Metric != first.Metric
                || grid.Target with { Source = first.Target.Source } != first.Target)
                throw new ArgumentException(
                    $"The grids of {first.Target.Source} and {grid.Target.Source} are of different sweeps, expected "
                    + "the same prompts, metric, input and options.");
        return json => Write(json, grids, model);
    }

    static void Write(Utf8JsonWriter json, PatchGrid<PatchTarget> grid, LanguageModel model)
    {
        WriteRuns(json, grid, model);
        json.WriteString("activation", AnalysisJson.Name(grid.Target.Activation));
        json.WriteString("scope", AnalysisJson.Name(grid.Target.Scope));
        AnalysisJson.WriteList(json, "patches", grid.Cells, cell => WritePatch(json, grid, cell, () =>
        {
            json.WriteNumber("layer", cell.Layer);
            foreach (var (name, place) in new[]
                { ("position", cell.Position), ("head", cell.Head), ("key", cell.Key) })
                if (place is { } some)
                    json.WriteNumber(name, some);
        }));
    }

    static void Write(Utf8JsonWriter json, IReadOnlyList<PatchGrid<PathTarget>> grids, LanguageModel model)
    {
        var (target, toLayers) = (grids[0].Target, grids[0].Axes == PatchAxes.Layer);
        WriteRuns(json, grids[0], model);
        json.WriteString("input", AnalysisJson.Name(target.Input));
        json.WriteString("norm", AnalysisJson.Name(target.Options.Norm));
        if (!toLayers)
            json.WriteString("scope", AnalysisJson.Name(target.Options.Scope));
        AnalysisJson.WriteList(json, "sources", grids, grid =>
        {
            json.WriteStartObject();
            json.WriteString("source", grid.Target.Source.ToString());
            AnalysisJson.WriteList(json, toLayers ? "layers" : "paths", grid.Patched, cell =>
                WritePatch(json, grid, cell, () =>
                {
                    if (toLayers)
                        json.WriteNumber("layer", cell.Layer);
                    else
                        json.WriteString("destination", cell.ToString());
                }));
            json.WriteEndObject();
        });
    }

    static void WriteRuns<TTarget>(Utf8JsonWriter json, PatchGrid<TTarget> grid, LanguageModel model)
    {
        AnalysisJson.WriteHead(json, "patch", model);
        AnalysisJson.WriteTokens(json, "clean", grid.Pair.Clean, model);
        AnalysisJson.WriteTokens(json, "corrupted", grid.Pair.Corrupted, model);
        switch (grid.Metric)
        {
            case LogitMetric.Logit logit:
                AnalysisJson.WriteTarget(json, logit.Target, logit.Position.GetOffset(grid.Pair.Length), model);
                break;
            case LogitMetric.LogProbability of:
                json.WriteString("measure", "log_probability");
                AnalysisJson.WriteTarget(json, new(of.Token), of.Position.GetOffset(grid.Pair.Length), model);
                break;
            default:
                json.WriteString("measure", "custom");
                break;
        }

        AnalysisJson.WriteNumber(json, "clean_metric", grid.CleanMetric);
        AnalysisJson.WriteNumber(json, "corrupted_metric", grid.CorruptedMetric);
    }

    static void WritePatch<TTarget>(
        Utf8JsonWriter json, PatchGrid<TTarget> grid, PatchCell cell, Action writePlace)
    {
        json.WriteStartObject();
        writePlace();
        AnalysisJson.WriteNumber(json, "metric", grid[cell]);
        AnalysisJson.WriteNumber(json, "effect", grid.Effect(cell));
        AnalysisJson.WriteNumber(json, "recovery", grid.Recovery(cell));
        json.WriteEndObject();
    }
}
