using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Patterns in an array, <c>[prompts, heads, queries, keys]</c>, where the first two axes can be absent. The
/// array is read where it is.</summary>
sealed class PatternArrays
{
    readonly Array patterns;
    readonly ImmutableArray<IReadOnlyList<string>> prompts;
    readonly int size;

    /// <summary>Checks patterns.</summary>
    /// <param name="prompts">The tokens of each prompt.</param>
    /// <param name="patterns">The patterns.</param>
    /// <param name="heads">The number of heads.</param>
    /// <param name="rows">The number of prompts in the array.</param>
    /// <exception cref="ArgumentException">The patterns do not fit the tokens, or hold a number that is no probability.
    /// </exception>
    public PatternArrays(ImmutableArray<IReadOnlyList<string>> prompts, Array patterns, int rows, int heads)
    {
        (this.prompts, this.patterns, HeadCount) = (prompts, patterns, heads);
        foreach (var (prompt, tokens) in prompts.Index())
            if (tokens is null || tokens.Contains(null!))
                throw new ArgumentException(
                    $"Prompt {prompt} has no tokens, or one that is null; give a text for each.");
        size = patterns.GetLength(patterns.Rank - 1);
        CheckSizes(rows);
        for (var prompt = 0; prompt < prompts.Length; prompt++)
            for (var head = 0; head < heads; head++)
                CheckValues(prompt, head);
    }

    public int HeadCount { get; }

    /// <summary>Tells whether no query of a prompt has a key after itself, in any head.</summary>
    public bool IsCausal(int prompt)
    {
        for (var head = 0; head < HeadCount; head++)
            for (var query = 0; query < prompts[prompt].Count; query++)
                if (Row(prompt, head, query)[(query + 1)..].ContainsAnyExcept(0f))
                    return false;
        return true;
    }

    public HeadAttention Head(int prompt, int head)
    {
        var count = prompts[prompt].Count;
        return new(new(0, head), count, (first, rows) =>
        {
            for (var query = 0; query < rows.Length / count; query++)
                Row(prompt, head, first + query).CopyTo(rows[(query * count)..]);
        });
    }

    ReadOnlySpan<float> Row(int prompt, int head, int query)
    {
        // An array of several axes can have more numbers than a span.
        var start = (((((nint)prompt * HeadCount) + head) * size) + query) * size;
        ref var first = ref Unsafe.As<byte, float>(ref MemoryMarshal.GetArrayDataReference(patterns));
        return MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref first, start), prompts[prompt].Count);
    }

    void CheckSizes(int rows)
    {
        var shape = string.Join(", ", Enumerable.Range(0, patterns.Rank).Select(patterns.GetLength));
        if (rows != prompts.Length)
            throw new ArgumentException(
                $"The patterns are [{shape}], those of {rows} prompts, but the tokens are of {prompts.Length}.");
        if (patterns.LongLength == 0)
            throw new ArgumentException($"The patterns are [{shape}]; at least one head and one token are needed.");
        if (patterns.GetLength(patterns.Rank - 2) != size)
            throw new ArgumentException(
                $"The patterns are [{shape}]; the last two numbers, queries and keys, must be equal.");
        if (prompts.Length == 1 && prompts[0].Count != size)
            throw new ArgumentException(
                $"The patterns are [{shape}], for {size} tokens, but there are {prompts[0].Count} tokens; was a token "
                + "added at the start?");
        if (prompts.Max(tokens => tokens.Count) > size)
            throw new ArgumentException(
                $"The patterns are [{shape}], for {size} tokens at most, but the longest prompt has "
                + $"{prompts.Max(tokens => tokens.Count)}.");
    }

    void CheckValues(int prompt, int head)
    {
        for (var query = 0; query < prompts[prompt].Count; query++)
        {
            var row = Row(prompt, head, query);
            for (var key = 0; key < row.Length; key++)
                if (!(row[key] is >= 0 and <= 1))
                    throw new ArgumentException(string.Create(
                        CultureInfo.InvariantCulture,
                        $"Prompt {prompt}, head {head}, query {query}, key {key}: {row[key]} is no probability; give "
                        + $"the attention after its softmax, numbers from 0 to 1."));
        }
    }
}
