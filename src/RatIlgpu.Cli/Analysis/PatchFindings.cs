using System.Collections.Immutable;
using RatIlgpu.Analysis;
using RatIlgpu.Tracing;

namespace RatIlgpu.Cli.Analysis;

/// <summary>What the command <c>patch</c> found: paths, or a grid of an activation.</summary>
/// <param name="Clean">The metric of the clean run.</param>
/// <param name="Corrupted">The metric of the corrupted run.</param>
sealed record PatchFindings(double Clean, double Corrupted)
{
    /// <summary>Gets the paths to single heads, a map for each source.</summary>
    public ImmutableArray<PathPatchMap> Paths { get; init; } = [];

    /// <summary>Gets the paths to whole layers, a map for each source.</summary>
    public ImmutableArray<LayerPatchMap> Layers { get; init; } = [];

    /// <summary>Gets the grid of an activation; null for paths.</summary>
    public PatchGrid? Grid { get; init; }

    /// <summary>Gets what was patched, as a heading.</summary>
    public string What => this switch
    {
        { Grid: { } grid } => $"{grid.Target.Activation} by {grid.Target.Axes}",
        { Layers: [var map, ..] } => $"Direct paths into the {map.Input} of all heads of a later layer",
        _ => $"Direct paths into the {Paths[0].Input} of later heads",
    };

    /// <summary>Returns a line for every patch.</summary>
    public IEnumerable<PatchLine> Lines(PromptPair pair, LanguageModel model)
    {
        foreach (var map in Paths)
            foreach (var to in map.Destinations)
                yield return new($"{map.Source} -> {to}", map[to]!.Value, map.Effect(to)!.Value, map.Recovery(to));
        foreach (var map in Layers)
            foreach (var to in map.Layers)
                yield return new($"{map.Source} -> L{to}", map[to]!.Value, map.Effect(to)!.Value, map.Recovery(to));
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
