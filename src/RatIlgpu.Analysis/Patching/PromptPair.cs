using System.Collections.Immutable;

namespace RatIlgpu.Analysis;

/// <summary>Two prompts that mean the same position by position: a clean one, and one that differs from it in what is
/// studied.</summary>
public sealed class PromptPair
{
    /// <summary>Joins two prompts.</summary>
    /// <param name="clean">The prompt whose activations are put in.</param>
    /// <param name="corrupted">The prompt that runs, and into which they are put.</param>
    /// <exception cref="ArgumentException">A prompt is empty, or one is longer than the other.</exception>
    public PromptPair(ReadOnlySpan<int> clean, ReadOnlySpan<int> corrupted)
    {
        if (clean.IsEmpty || corrupted.IsEmpty)
            throw new ArgumentException("A prompt is empty: at least one token is needed.");
        if (clean.Length != corrupted.Length)
            throw new ArgumentException(
                $"The clean prompt has {clean.Length} tokens, the corrupted one {corrupted.Length}; expected equally "
                + "many, so that each position means the same in both.");
        (Clean, Corrupted) = ([.. clean], [.. corrupted]);
        FirstDifference = clean.CommonPrefixLength(corrupted);
    }

    /// <summary>Gets the clean prompt.</summary>
    public ImmutableArray<int> Clean { get; }

    /// <summary>Gets the corrupted prompt.</summary>
    public ImmutableArray<int> Corrupted { get; }

    /// <summary>Gets how many tokens each prompt has.</summary>
    public int Length => Clean.Length;

    /// <summary>Gets the first position at which they differ; <see cref="Length"/> where they do not. Attention is
    /// causal: before it, the two runs are the same.</summary>
    public int FirstDifference { get; }

    /// <summary>Returns the pair with the roles exchanged: corruption is put into the clean run.</summary>
    public PromptPair Swapped() => new(Corrupted.AsSpan(), Clean.AsSpan());
}
