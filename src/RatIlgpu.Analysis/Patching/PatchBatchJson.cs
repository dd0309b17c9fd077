namespace RatIlgpu.Analysis;

/// <summary>Writes the patches of several pairs as JSON.</summary>
static class PatchBatchJson
{
    /// <summary>Writes the patches of an activation.</summary>
    public static void Write(
        Utf8JsonWriter json, PatchBatch<PatchTarget> batch, LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "patch", model, origin);
        if (batch.Grids is [var only])
        {
            PatchJson.WriteOne(json, only, model);
            return;
        }

        AnalysisJson.WritePrompts(
            json, AnalysisJson.Numbered(batch.Grids), grid => PatchJson.WriteOne(json, grid, model));
        WriteCells("mean", number => number.Mean);
        WriteCells("spread", number => number.Spread);

        void WriteCells(string name, Func<MeanAndSpread, double> number) =>
            AnalysisJson.WriteObjects(json, name, batch.Cells, cell =>
            {
                PatchJson.WritePlace(json, cell);
                PatchJson.WriteNumbers(json, value => number(batch.Over(value, cell)));
            });
    }

    /// <summary>Returns the writer of the paths of one or more sources.</summary>
    public static Action<Utf8JsonWriter> Checked(
        IReadOnlyList<PatchBatch<PathTarget>> batches, LanguageModel model, TraceOrigin? origin)
    {
        if (batches.Count == 0)
            throw new ArgumentException("There is no batch to write: at least that of one source is needed.");
        var pairs = batches[0].Grids.Length;
        if (batches.Any(batch => batch.Grids.Length != pairs))
            throw new ArgumentException(
                $"The batches are of different sweeps, expected those of the same {pairs} pairs.");
        var grids = Enumerable.Range(0, pairs)
            .Select(pair => batches.Select(batch => batch.Grids[pair]).ToList()).ToList();
        grids.ForEach(PatchJson.Check);
        return json => Write(json, batches, grids, model, origin);
    }

    static void Write(
        Utf8JsonWriter json,
        IReadOnlyList<PatchBatch<PathTarget>> batches,
        List<List<PatchGrid<PathTarget>>> grids,
        LanguageModel model, TraceOrigin? origin)
    {
        AnalysisJson.WriteHead(json, "patch", model, origin);
        if (grids is [var only])
        {
            PatchJson.WriteOne(json, only, model);
            return;
        }

        AnalysisJson.WritePrompts(json, AnalysisJson.Numbered(grids), pair => PatchJson.WriteOne(json, pair, model));
        WriteSources("mean", number => number.Mean);
        WriteSources("spread", number => number.Spread);

        void WriteSources(string name, Func<MeanAndSpread, double> number) =>
            AnalysisJson.WriteObjects(json, name, batches, batch => PatchJson.WriteSource(
                json,
                batch.Target.Source,
                batch.Target.Options.Axes == PatchAxes.Layer,
                batch.Patched,
                (value, cell) => number(batch.Over(value, cell))));
    }
}
