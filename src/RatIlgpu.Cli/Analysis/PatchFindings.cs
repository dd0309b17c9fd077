using RatIlgpu.Html;

namespace RatIlgpu.Cli.Analysis;

/// <summary>The patches of all pairs, of paths or of an activation.</summary>
/// <param name="Metrics">The metric of the clean and the corrupted run of each pair.</param>
/// <param name="AreNumbers">Whether no metric of a patched run is NaN.</param>
/// <param name="What">The heading of the report.</param>
/// <param name="LinesOf">Returns the lines of one pair.</param>
/// <param name="Mean">Returns the lines of the mean over the pairs.</param>
/// <param name="Json">Writes the JSON.</param>
/// <param name="Page">Makes the page.</param>
/// <param name="Svg">Draws the figure.</param>
sealed record PatchFindings(
    ImmutableArray<(double Clean, double Corrupted)> Metrics,
    bool AreNumbers,
    string What,
    Func<int, IReadOnlyList<PatchLine>> LinesOf,
    Func<IReadOnlyList<PatchLine>> Mean,
    Action<Stream, TraceOrigin> Json,
    Func<PatchPageOptions, HtmlPage> Page,
    Func<PatchPageOptions, string> Svg)
{
    /// <summary>Returns the findings about paths.</summary>
    public static PatchFindings Of(ImmutableArray<PatchBatch<PathTarget>> sources, LanguageModel model)
    {
        var first = sources[0];
        var heads = first.Grids[0].Axes == PatchAxes.Layer ? "all heads of a later layer" : "later heads";
        return new(
            MetricsOf(first),
            sources.All(source => source.Grids.All(IsOfNumbers)),
            $"Direct paths into the {Options.Words.Of(first.Target.Input)} of {heads}",
            pair => [.. sources.SelectMany(one => Lines(one.Grids[pair], to => $"{one.Target.Source} -> {to}"))],
            () => [.. sources.SelectMany(one => MeanLines(one, to => $"{one.Target.Source} -> {to}"))],
            (stream, origin) => PatchJson.Write(sources, model, stream, origin),
            look => PatchPage.Render(sources, model.Tokenizer.Token, look),
            look => PatchPage.ToSvg(sources, model.Tokenizer.Token, look));
    }

    /// <summary>Returns the findings about an activation.</summary>
    public static PatchFindings Of(PatchBatch<PatchTarget> batch, LanguageModel model)
    {
        var axes = string.Join(", ", PatchAxisWords.Of(batch.Target.Axes).Items);
        return new(
            MetricsOf(batch),
            batch.Grids.All(IsOfNumbers),
            $"{Options.Words.Of(batch.Target.Activation)} by {axes}",
            pair => [.. Lines(batch.Grids[pair], cell => Name(cell, batch.Grids[pair].Pair))],
            () => [.. MeanLines(batch, cell => cell.ToString())],
            (stream, origin) => PatchJson.Write(batch, model, stream, origin),
            look => PatchPage.Render(batch, model.Tokenizer.Token, look),
            look => PatchPage.ToSvg(batch, model.Tokenizer.Token, look));

        // The tokens are those of the prompt that runs, the corrupted one.
        string Name(PatchCell cell, PromptPair pair)
        {
            string At(string word, int? place) => place is { } position
                ? $" {word} {position} {TokenLabel.Of(model.Tokenizer.Token(pair.Corrupted[position]))}"
                : "";
            return $"{cell with { Position = null, Key = null }}{At("at", cell.Position)}{At("on", cell.Key)}";
        }
    }

    static ImmutableArray<(double Clean, double Corrupted)> MetricsOf<TTarget>(PatchBatch<TTarget> batch) =>
        [.. batch.Grids.Select(grid => (grid.CleanMetric, grid.CorruptedMetric))];

    static bool IsOfNumbers<TTarget>(PatchGrid<TTarget> grid) =>
        grid.Patched.All(cell => !double.IsNaN(grid[cell]!.Value));

    static IEnumerable<PatchLine> Lines<TTarget>(PatchGrid<TTarget> grid, Func<PatchCell, string> name) =>
        grid.Patched.Select(cell => new PatchLine(
            name(cell), new(grid[cell]!.Value, 0, 1), new(grid.Effect(cell)!.Value, 0, 1),
            grid.Recovery(cell) is { } share ? new(share, 0, 1) : null));

    static IEnumerable<PatchLine> MeanLines<TTarget>(PatchBatch<TTarget> batch, Func<PatchCell, string> name) =>
        batch.Patched.Select(cell => new PatchLine(
            name(cell), batch.Metric(cell), batch.Effect(cell),
            batch.Recovery(cell) is { Count: > 0 } share ? share : null));
}

/// <summary>One line of a report of patches; the spreads of a single pair are 0.</summary>
/// <param name="Name">The name of the patched path or activation.</param>
/// <param name="Metric">The metric of the patched run.</param>
/// <param name="Effect">The change of the metric against the corrupted run.</param>
/// <param name="Recovery">The effect as a share of the clean minus the corrupted metric; null where that is 0.</param>
readonly record struct PatchLine(string Name, MeanAndSpread Metric, MeanAndSpread Effect, MeanAndSpread? Recovery);
