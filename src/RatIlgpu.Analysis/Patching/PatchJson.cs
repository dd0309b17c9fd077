namespace RatIlgpu.Analysis;

/// <summary>Writes grids of patches as JSON; docs/analysis.md describes the files.</summary>
public static class PatchJson
{
    /// <summary>Returns the text of the file of an activation's patches: ASCII, and safe inside a script element of a
    /// page.</summary>
    /// <param name="grid">The patches.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(PatchGrid<PatchTarget> grid, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, grid, model, origin));

    /// <summary>Writes the file of an activation's patches to a stream, which stays open.</summary>
    /// <param name="grid">The patches.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(
        PatchGrid<PatchTarget> grid, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, grid, model, origin));

    /// <summary>Writes the file of an activation's patches whole or not at all.</summary>
    /// <param name="grid">The patches.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(
        PatchGrid<PatchTarget> grid, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, grid, model, origin));

    /// <summary>Returns the text of the file of direct paths: ASCII, and safe inside a script element of a
    /// page.</summary>
    /// <param name="grids">The paths of one or more sources of one sweep.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <exception cref="ArgumentException">There is no grid, or the grids are of different sweeps.</exception>
    public static string Write(
        IReadOnlyList<PatchGrid<PathTarget>> grids, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(Checked(grids, model, origin));

    /// <summary>Writes the file of direct paths to a stream, which stays open.</summary>
    /// <param name="grids">The paths of one or more sources of one sweep.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <exception cref="ArgumentException">There is no grid, or the grids are of different sweeps.</exception>
    public static void Write(
        IReadOnlyList<PatchGrid<PathTarget>> grids,
        LanguageModel model,
        Stream destination,
        TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, Checked(grids, model, origin));

    /// <summary>Writes the file of direct paths whole or not at all.</summary>
    /// <param name="grids">The paths of one or more sources of one sweep.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <exception cref="ArgumentException">There is no grid, or the grids are of different sweeps.</exception>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(
        IReadOnlyList<PatchGrid<PathTarget>> grids, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, Checked(grids, model, origin));

    /// <summary>Returns the text of the file of an activation's patches in several pairs; a single pair has the form of
    /// <see cref="Write(PatchGrid{PatchTarget}, LanguageModel, TraceOrigin)"/>.</summary>
    /// <param name="batch">The patches.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static string Write(PatchBatch<PatchTarget> batch, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => PatchBatchJson.Write(json, batch, model, origin));

    /// <summary>Writes the file of an activation's patches in several pairs to a stream, which stays open.</summary>
    /// <param name="batch">The patches.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    public static void Write(
        PatchBatch<PatchTarget> batch, LanguageModel model, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => PatchBatchJson.Write(json, batch, model, origin));

    /// <summary>Writes the file of an activation's patches in several pairs whole or not at all.</summary>
    /// <param name="batch">The patches.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(
        PatchBatch<PatchTarget> batch, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => PatchBatchJson.Write(json, batch, model, origin));

    /// <summary>Returns the text of the file of direct paths in several pairs; a single pair has the form of
    /// <see cref="Write(IReadOnlyList{PatchGrid{PathTarget}}, LanguageModel, TraceOrigin)"/>.</summary>
    /// <param name="batches">The paths of one or more sources of one sweep.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <exception cref="ArgumentException">There is no batch, or the batches are of different sweeps.</exception>
    public static string Write(
        IReadOnlyList<PatchBatch<PathTarget>> batches, LanguageModel model, TraceOrigin? origin = null) =>
        AnalysisJson.Text(PatchBatchJson.Checked(batches, model, origin));

    /// <summary>Writes the file of direct paths in several pairs to a stream, which stays open.</summary>
    /// <param name="batches">The paths of one or more sources of one sweep.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <exception cref="ArgumentException">There is no batch, or the batches are of different sweeps.</exception>
    public static void Write(
        IReadOnlyList<PatchBatch<PathTarget>> batches,
        LanguageModel model,
        Stream destination,
        TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, PatchBatchJson.Checked(batches, model, origin));

    /// <summary>Writes the file of direct paths in several pairs whole or not at all.</summary>
    /// <param name="batches">The paths of one or more sources of one sweep.</param>
    /// <param name="model">The model that ran; gives the names of model and tokens.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made the results; null if unknown.</param>
    /// <exception cref="ArgumentException">There is no batch, or the batches are of different sweeps.</exception>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(
        IReadOnlyList<PatchBatch<PathTarget>> batches, LanguageModel model, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, PatchBatchJson.Checked(batches, model, origin));

    /// <summary>Throws if grids are not of one sweep.</summary>
    internal static void Check(IReadOnlyList<PatchGrid<PathTarget>> grids)
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
    }

    static Action<Utf8JsonWriter> Checked(
        IReadOnlyList<PatchGrid<PathTarget>> grids, LanguageModel model, TraceOrigin? origin)
    {
        Check(grids);
        return json =>
        {
            AnalysisJson.WriteHead(json, "patch", model, origin);
            WriteOne(json, grids, model);
        };
    }

    static void Write(Utf8JsonWriter json, PatchGrid<PatchTarget> grid, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "patch", model, origin);
        WriteOne(json, grid, model);
    }

    /// <summary>Writes the patches of an activation in one pair.</summary>
    internal static void WriteOne(Utf8JsonWriter json, PatchGrid<PatchTarget> grid, LanguageModel model)
    {
        WriteRuns(json, grid, model);
        json.WriteString("activation", AnalysisJson.Name(grid.Target.Activation));
        json.WriteString("scope", AnalysisJson.Name(grid.Target.Scope));
        WriteChoice(json, grid.Choice);
        AnalysisJson.WriteArray(json, grid.ToArray());
        AnalysisJson.WriteObjects(json, "patches", grid.Cells, cell =>
        {
            WritePlace(json, cell);
            WriteNumbers(json, value => grid.Value(value, cell));
        });
    }

    /// <summary>Writes the paths of one or more sources in one pair.</summary>
    internal static void WriteOne(
        Utf8JsonWriter json, IReadOnlyList<PatchGrid<PathTarget>> grids, LanguageModel model)
    {
        var (target, toLayers) = (grids[0].Target, grids[0].Axes == PatchAxes.Layer);
        WriteRuns(json, grids[0], model);
        json.WriteString("input", AnalysisJson.Name(target.Input));
        json.WriteString("norm", AnalysisJson.Name(target.Options.Norm));
        if (!toLayers)
            json.WriteString("scope", AnalysisJson.Name(target.Options.Scope));
        AnalysisJson.WriteList(json, "axes", PatchAxisWords.Of(target.Options.Axes), json.WriteStringValue);
        WriteChoice(json, grids[0].Choice);
        AnalysisJson.WriteObjects(json, "sources", grids, grid => WriteSource(
            json, grid.Target.Source, toLayers, grid.Patched, (value, cell) => grid.Value(value, cell)));
    }

    /// <summary>Writes the paths of one source.</summary>
    internal static void WriteSource(
        Utf8JsonWriter json,
        HeadIndex source,
        bool toLayers,
        IEnumerable<PatchCell> cells,
        Func<PatchValue, PatchCell, double?> numbers)
    {
        json.WriteString("source", source.ToString());
        AnalysisJson.WriteObjects(json, toLayers ? "layers" : "paths", cells, cell =>
        {
            if (toLayers)
                json.WriteNumber("layer", cell.Layer);
            else
                json.WriteString("destination", cell.ToString());
            WriteNumbers(json, value => numbers(value, cell));
        });
    }

    /// <summary>Writes the place of a patch: layer, and position, head and key as far as they were patched one by
    /// one.</summary>
    internal static void WritePlace(Utf8JsonWriter json, PatchCell cell)
    {
        json.WriteNumber("layer", cell.Layer);
        foreach (var (name, place) in new[]
            { ("position", cell.Position), ("head", cell.Head), ("key", cell.Key) })
            if (place is { } some)
                json.WriteNumber(name, some);
    }

    /// <summary>Writes the numbers of a patch.</summary>
    internal static void WriteNumbers(Utf8JsonWriter json, Func<PatchValue, double?> number)
    {
        AnalysisJson.WriteNumber(json, "metric", number(PatchValue.Metric));
        AnalysisJson.WriteNumber(json, "effect", number(PatchValue.Effect));
        AnalysisJson.WriteNumber(json, "recovery", number(PatchValue.Recovery));
    }

    static void WriteChoice(Utf8JsonWriter json, PatchChoice choice)
    {
        AnalysisJson.WritePlaces(json, "layers", choice.Layers);
        AnalysisJson.WritePlaces(json, "positions", choice.Positions);
        AnalysisJson.WritePlaces(json, "heads", choice.Heads);
    }

    static void WriteRuns<TTarget>(Utf8JsonWriter json, PatchGrid<TTarget> grid, LanguageModel model)
    {
        AnalysisJson.WriteTokens(json, "clean", grid.Pair.Clean, model);
        AnalysisJson.WriteTokens(json, "corrupted", grid.Pair.Corrupted, model);
        AnalysisJson.WritePlaces(json, "attention_mask", grid.Pair.AttentionMask);
        var metric = grid.Metric;
        json.WriteString("metric", metric.Kind is { } kind ? AnalysisJson.Name(kind) : "custom");
        AnalysisJson.WriteTarget(json, metric.ReadTarget, model);
        ImmutableArray<int> places =
            [.. metric.LogitPositions.Select(position => position.GetOffset(grid.Pair.Length))];
        if (places is [var place])
            json.WriteNumber("position", place);
        else
            AnalysisJson.WritePlaces(json, "position", places);
        AnalysisJson.WriteNumber(json, "clean_metric", grid.CleanMetric);
        AnalysisJson.WriteNumber(json, "corrupted_metric", grid.CorruptedMetric);
    }
}
