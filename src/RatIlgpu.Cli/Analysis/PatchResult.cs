namespace RatIlgpu.Cli.Analysis;

/// <summary>The result of the command <c>patch</c>, of paths or of an activation.</summary>
/// <param name="Clean">The metric of the clean run.</param>
/// <param name="Corrupted">The metric of the corrupted run.</param>
/// <param name="What">The heading of the report.</param>
/// <param name="Lines">Returns a line for every patch, given the prompts and the model.</param>
/// <param name="Save">Writes the result to a JSON file.</param>
sealed record PatchResult(
    double Clean,
    double Corrupted,
    string What,
    Func<PromptPair, LanguageModel, IEnumerable<PatchLine>> Lines,
    Action<LanguageModel, string> Save)
{
    /// <summary>Returns the result of patching paths.</summary>
    public static PatchResult Of(ImmutableArray<PatchGrid<PathTarget>> paths)
    {
        var first = paths[0];
        var heads = first.Axes == PatchAxes.Layer ? "all heads of a later layer" : "later heads";
        return new(
            first.CleanMetric,
            first.CorruptedMetric,
            $"Direct paths into the {first.Target.Input} of {heads}",
            (_, _) => paths.SelectMany(grid => LinesOf(grid, to => $"{grid.Target.Source} -> {to}")),
            (model, path) => PatchJson.Save(paths, model, path));
    }

    /// <summary>Returns the result of patching an activation.</summary>
    public static PatchResult Of(PatchGrid<PatchTarget> grid)
    {
        return new(
            grid.CleanMetric,
            grid.CorruptedMetric,
            $"{grid.Target.Activation} by {grid.Target.Axes}",
            (pair, model) => LinesOf(grid, cell => Name(cell, pair, model)),
            (model, path) => PatchJson.Save(grid, model, path));

        static string Name(PatchCell cell, PromptPair pair, LanguageModel model) => cell.Position is { } position
            ? $"{cell} {PathText.Token(model.Tokenizer.Token(pair.Corrupted[position]))}"
            : cell.ToString();
    }

    static IEnumerable<PatchLine> LinesOf<TTarget>(PatchGrid<TTarget> grid, Func<PatchCell, string> name) =>
        grid.Patched.Select(cell =>
            new PatchLine(name(cell), grid[cell]!.Value, grid.Effect(cell)!.Value, grid.Recovery(cell)));
}

/// <summary>One line of a report of patches.</summary>
/// <param name="Name">The name of the patched path or activation.</param>
/// <param name="Metric">The metric of the patched run.</param>
/// <param name="Effect">The change of the metric against the corrupted run.</param>
/// <param name="Recovery">The effect as a share of the clean minus the corrupted metric; null where that is 0.</param>
readonly record struct PatchLine(string Name, double Metric, double Effect, double? Recovery);

/// <summary>Prints the effects of patches.</summary>
static class PatchReport
{
    /// <summary>Prints the largest effects.</summary>
    public static void Print(string what, IEnumerable<PatchLine> lines, int top, TextWriter output)
    {
        var all = lines.ToList();
        List<PatchLine> shown = [.. all.OrderByDescending(line => Math.Abs(line.Effect)).Take(top)];
        var width = shown.Select(line => line.Name.Length).DefaultIfEmpty(0).Max();
        output.WriteLine();
        output.WriteLine($"{what}: {shown.Count} of {all.Count} patches, largest effect first");
        if (shown.Count > 0)
            output.WriteLine($"     {"".PadRight(width)}    metric    effect  recovery");
        foreach (var (i, line) in shown.Index())
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{i + 1,3}. {line.Name.PadRight(width)}  {line.Metric,8:F3}  {line.Effect,8:+0.000;-0.000;0.000}")
                + Share(line.Recovery));
    }

    static string Share(double? recovery) => recovery is { } share
        ? string.Create(CultureInfo.InvariantCulture, $"  {Math.Round(share * 100, 1) + 0.0,6:F1} %")
        : "         -";
}
