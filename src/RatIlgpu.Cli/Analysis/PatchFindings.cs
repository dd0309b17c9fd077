using System.Collections.Immutable;
using RatIlgpu.Analysis;
using RatIlgpu.Tracing;

namespace RatIlgpu.Cli.Analysis;

/// <summary>The result of the command <c>patch</c>, of paths or of an activation.</summary>
/// <param name="Clean">The metric of the clean run.</param>
/// <param name="Corrupted">The metric of the corrupted run.</param>
/// <param name="What">The heading of the report.</param>
/// <param name="Lines">Returns a line for every patch, given the prompts and the model.</param>
/// <param name="Save">Writes the result to a JSON file.</param>
sealed record PatchFindings(
    double Clean,
    double Corrupted,
    string What,
    Func<PromptPair, LanguageModel, IEnumerable<PatchLine>> Lines,
    Action<LanguageModel, string> Save)
{
    /// <summary>Returns the result of patching paths.</summary>
    /// <param name="paths">A grid for each source, at least one.</param>
    public static PatchFindings Of(ImmutableArray<PatchGrid<PathTarget>> paths)
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
    public static PatchFindings Of(PatchGrid<PatchTarget> grid)
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
