using System.Collections.Immutable;
using RatIlgpu.Analysis;
using RatIlgpu.Tracing;

namespace RatIlgpu.Cli.Analysis;

/// <summary>What the command <c>patch</c> found: paths, or a grid of an activation.</summary>
/// <param name="Paths">A map for each source; none for an activation.</param>
/// <param name="Grid">The grid of an activation; null for paths.</param>
sealed record PatchFindings(ImmutableArray<PathPatchMap> Paths, PatchGrid? Grid)
{
    /// <summary>Gets the metric of the clean run.</summary>
    public double Clean => Grid?.CleanMetric ?? Paths[0].CleanMetric;

    /// <summary>Gets the metric of the corrupted run.</summary>
    public double Corrupted => Grid?.CorruptedMetric ?? Paths[0].CorruptedMetric;

    /// <summary>Gets what was patched, as a heading.</summary>
    public string What => Grid is { } grid
        ? $"{grid.Target.Activation} by {grid.Target.Axes}"
        : $"Direct paths into the {Paths[0].Input} of later heads";

    /// <summary>Returns a line for every patch.</summary>
    public IEnumerable<PatchLine> Lines(PromptPair pair, LanguageModel model)
    {
        foreach (var map in Paths)
            foreach (var to in map.Destinations)
                yield return new($"{map.Source} -> {to}", map[to]!.Value, map.Effect(to)!.Value, map.Recovery(to));
        if (Grid is null)
            yield break;
        foreach (var cell in Grid.Cells)
            if (Grid[cell] is { } value)
                yield return new(Name(cell), value, Grid.Effect(cell)!.Value, Grid.Recovery(cell));

        string Name(PatchCell cell) => cell.Position is { } position
            ? $"{cell} {PathText.Token(model.Tokenizer.Token(pair.Corrupted[position]))}"
            : cell.ToString();
    }
}
