using System.Collections.Immutable;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>What a <see cref="LogitLens"/> tells of each state; change it with <c>with</c>.</summary>
public sealed record LensOptions
{
    /// <summary>Gets how many of the likeliest tokens it names, if there are so many. Default: 10.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Gets the tokens to follow through all states. Default: none.</summary>
    public ImmutableArray<int> Tokens { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Refuses what a model has not.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary, or the count is
    /// negative.</exception>
    internal void CheckFor(Qwen2Config config)
    {
        if (Top < 0)
            throw new ArgumentOutOfRangeException(null, $"Top is {Top}, expected 0 or more.");
        foreach (var token in Tokens)
            new LogitTarget(token).Check(config.VocabularySize);
    }
}
