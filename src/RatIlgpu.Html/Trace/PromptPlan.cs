using RatIlgpu.Devices;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>What a page has of a prompt: a result for each of its targets with each of its layers and heads.</summary>
/// <param name="Number">The number of the prompt, from 1, unique in the page.</param>
/// <param name="First">The index of its first result among those of the page.</param>
/// <param name="Label">Its text, shortened.</param>
/// <param name="Targets">The target positions, ascending.</param>
/// <param name="Layers">The layers, ascending.</param>
/// <param name="Heads">The choices of heads, as they were given.</param>
record PromptPlan(
    int Number,
    int First,
    string Label,
    ImmutableArray<int> Targets,
    ImmutableArray<int> Layers,
    ImmutableArray<HeadAggregation> Heads)
{
    /// <summary>Says what another result has that is not that of the first, and must be on one page; null for
    /// nothing.</summary>
    /// <param name="first">The model, the interventions, and the options but for what may differ.</param>
    /// <param name="other">Those of the other result.</param>
    public static string? OtherOf<T>(
        (TracedModel Model, ValueArray<string> Interventions, T Options) first,
        (TracedModel Model, ValueArray<string> Interventions, T Options) other)
        where T : class =>
        other.Model != first.Model ? "another model"
            : other.Interventions != first.Interventions ? "other interventions"
            : !other.Options.Equals(first.Options) ? "other options"
            : null;
}

/// <summary>The results of a prompt, in the order of the views of the page: by target, layer and heads.</summary>
abstract record PromptPlan<T>(
    int Number,
    int First,
    string Label,
    ImmutableArray<int> Targets,
    ImmutableArray<int> Layers,
    ImmutableArray<HeadAggregation> Heads,
    ImmutableArray<T> Results) : PromptPlan(Number, First, Label, Targets, Layers, Heads);

/// <summary>The results of one prompt.</summary>
/// <param name="Number">The number of the prompt, from 1, unique in the page.</param>
/// <param name="First">The index of its first result among those of the page.</param>
/// <param name="Label">Its text, shortened.</param>
/// <param name="Results">The results, as they were given.</param>
sealed record PromptGroup<T>(int Number, int First, string Label, ImmutableArray<T> Results)
{
    // In characters, of a prompt in the list of prompts.
    const int LongestLabel = 60;

    /// <summary>Groups results by their prompts, ascending by number.</summary>
    /// <param name="results">The results.</param>
    /// <param name="promptOf">Returns the prompt of a result.</param>
    public static IEnumerable<PromptGroup<T>> All(
        IReadOnlyList<T> results,
        Func<T, (int Prompt, ValueArray<TokenText> Tokens, int Length, ValueArray<int>? Mask)> promptOf)
    {
        // The same number can stand for several prompts, where the results come from several runs.
        var groups = results.GroupBy(promptOf).OrderBy(group => group.Key.Prompt).ToArray();
        var isNumbered = groups.DistinctBy(group => group.Key.Prompt).Count() == groups.Length;
        var first = 0;
        foreach (var (index, group) in groups.Index())
        {
            // Without what was generated, which differs between runs of one prompt.
            var text = string.Concat(group.Key.Tokens.Take(group.Key.Length).Select(token => token.Text));
            var number = 1 + (isNumbered ? group.Key.Prompt : index);
            yield return new(number, first, TokenGlyphs.Line(text, LongestLabel), [.. group]);
            first += group.Count();
        }
    }
}
