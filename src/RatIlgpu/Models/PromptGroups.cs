namespace RatIlgpu.Models;

/// <summary>The rule by which prompts of a batch run together.</summary>
/// <remarks>Support code for the project's own packages.</remarks>
public static class PromptGroups
{
    /// <summary>The most tokens of a group of several prompts: a matrix product of more rows is no faster for each
    /// row.</summary>
    public const int MostTokens = ForwardPass.BlockRows;

    /// <summary>Cuts a list of prompts into groups of neighbours. The prompts of a group are alike and have 256 tokens
    /// together at most; a prompt of more tokens is a group by itself.</summary>
    /// <param name="lengths">The number of tokens of each prompt.</param>
    /// <param name="areAlike">Tells whether two neighbours, given by their indices, may run together; null if any
    /// may.</param>
    /// <returns>The indices of the prompts of each group, first group first.</returns>
    public static IEnumerable<Range> Of(IReadOnlyList<int> lengths, Func<int, int, bool>? areAlike = null)
    {
        var (start, tokens) = (0, 0L);
        for (var index = 0; index < lengths.Count; index++)
        {
            tokens += lengths[index];
            if (index == start || (tokens <= MostTokens && (areAlike?.Invoke(index - 1, index) ?? true)))
                continue;
            yield return start..index;
            (start, tokens) = (index, lengths[index]);
        }

        if (start < lengths.Count)
            yield return start..lengths.Count;
    }
}
