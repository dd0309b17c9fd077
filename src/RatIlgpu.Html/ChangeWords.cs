using RatIlgpu.Files;

namespace RatIlgpu.Html;

/// <summary>The facts that a page says about what changed the runs that it shows: heads that were ablated, other
/// interventions, and padding. They are in the words of the command's report.</summary>
static class ChangeWords
{
    // A file can hold any number of them. More would hide the other facts.
    const int MostHeads = 24, MostOthers = 8, MostPositions = 24, MostPrompts = 8;

    /// <summary>Returns the facts about a run; those are missing that say nothing.</summary>
    /// <param name="interventions">The lines that describe the interventions.</param>
    /// <param name="mask">1 for a token, 0 for padding, <c>[tokens]</c>; null for no padding.</param>
    public static ImmutableArray<(string Name, string Value)> Facts(
        ValueArray<string> interventions, IEnumerable<int>? mask) => Facts([(interventions, mask)], 1);

    /// <summary>Returns the facts about the runs of prompts; where they differ, prompt by prompt.</summary>
    /// <param name="prompts">The lines that describe the interventions, and the mask, of each prompt.</param>
    /// <param name="first">The number of the first prompt on the page.</param>
    public static ImmutableArray<(string Name, string Value)> Facts(
        IEnumerable<(ValueArray<string> Interventions, IEnumerable<int>? Mask)> prompts, int first)
    {
        var runs = prompts.Select(prompt => (Changes: RunChanges.Of(prompt.Interventions), prompt.Mask)).ToList();
        (string Name, string Value)[] facts =
        [
            ("Ablated", Together(runs.Select(run => Listed(run.Changes.Ablated, MostHeads)), first)),
            ("Changed", Together(runs.Select(run => Listed(run.Changes.Others.Select(Shown), MostOthers)), first)),
            ("Padding", Together(runs.Select(run => Positions(run.Mask)), first)),
        ];
        return [.. facts.Where(fact => fact.Value.Length > 0)];
    }

    /// <summary>Returns the fact about padding of pairs of prompts; none without padding.</summary>
    /// <param name="positions">The positions that are padding, of each pair.</param>
    public static ImmutableArray<(string Name, string Value)> PaddingOfPairs(
        IEnumerable<ImmutableArray<int>> positions)
    {
        var told = Together(positions.Select(padding => CountText.Positions(padding, MostPositions)), 1, "pair");
        return told.Length == 0 ? [] : [("Padding", told)];
    }

    static string Positions(IEnumerable<int>? mask) => CountText.Positions(
        [.. (mask ?? []).Index().Where(entry => entry.Item == 0).Select(entry => entry.Index)], MostPositions);

    static string Shown(string change) => TraceWords.Isolated(TraceWords.Name(change));

    static string Listed<T>(IEnumerable<T> all, int most)
    {
        var list = all.ToList();
        var shown = string.Join(", ", list.Take(most));
        return list.Count <= most ? shown : $"{shown} and {list.Count - most} more";
    }

    static string Together(IEnumerable<string> ofPrompts, int first, string noun = "prompt")
    {
        var all = ofPrompts.ToList();
        if (all.Distinct().Count() < 2)
            return all.FirstOrDefault("");
        var told = all.Index().Where(one => one.Item.Length > 0).Select(one => string.Create(
            CultureInfo.InvariantCulture, $"{noun} {one.Index + first}: {one.Item}")).ToList();
        var shown = string.Join("; ", told.Take(MostPrompts));
        return told.Count <= MostPrompts
            ? shown
            : $"{shown} and {CountText.Of(told.Count - MostPrompts, $"more {noun}")}";
    }
}
