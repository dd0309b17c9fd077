namespace RatIlgpu.Analysis;

/// <summary>Two prompts of the same length whose positions have the same meaning: a clean one, and a corrupted one
/// without the behaviour under study.</summary>
public sealed record PromptPair
{
    /// <summary>Makes a pair.</summary>
    /// <param name="clean">The prompt whose activations are patched in, <c>[tokens]</c>.</param>
    /// <param name="corrupted">The prompt that runs with the patches, <c>[tokens]</c>.</param>
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
    public ValueArray<int> Clean { get; }

    /// <summary>Gets the corrupted prompt.</summary>
    public ValueArray<int> Corrupted { get; }

    /// <summary>Gets the number of tokens of each prompt.</summary>
    public int Length => Clean.Length;

    /// <summary>Gets the first position at which the prompts differ; <see cref="Length"/> if they do not. Attention is
    /// causal, so the two runs agree before it.</summary>
    public int FirstDifference { get; }

    /// <summary>Returns the pair with the roles exchanged: the corrupted run is patched into the clean one.</summary>
    public PromptPair Swapped() => new(Corrupted.AsSpan(), Clean.AsSpan());
}
