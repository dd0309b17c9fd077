using System.Collections.Immutable;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>Checks what is asked about a recording.</summary>
static class AskedPositions
{
    /// <summary>Returns positions of a recording, counted from 0, in the order asked.</summary>
    /// <param name="run">The recording.</param>
    /// <param name="model">The model that it must be of.</param>
    /// <param name="positions">The positions, <c>^1</c> for the last.</param>
    /// <exception cref="ArgumentException">The recording is of another model; no position is asked for, or one twice,
    /// or one that is padding.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The prompt has no such position.</exception>
    public static ImmutableArray<int> Of(Recording run, Qwen2Model model, ImmutableArray<Index> positions)
    {
        run.CheckFor(model);
        Axes.Resolve(positions.IsDefault ? [] : positions, run.TokenIds.Length, "position");
        return [.. positions.Select(run.Resolve)];
    }
}
