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
    /// <param name="noun">What the page calls one of them.</param>
    public static ImmutableArray<(string Name, string Value)> Facts(
        IEnumerable<(ValueArray<string> Interventions, IEnumerable<int>? Mask)> prompts,
        int first,
        string noun = "prompt")
    {
        var runs = prompts.Select(prompt => (Changes: RunChanges.Of(prompt.Interventions), prompt.Mask)).ToList();
        (string Name, IEnumerable<string> Values)[] facts =
        [
            ("Ablated", runs.Select(run => Listed(run.Changes.Ablated, MostHeads))),
            ("Changed", runs.Select(run => Listed(run.Changes.Others.Select(Shown), MostOthers))),
            ("Padding", runs.Select(run => Positions(run.Mask))),
        ];
        return
        [
            .. facts.Select(fact => (fact.Name, Value: Together(fact.Values, first, noun)))
                .Where(fact => fact.Value.Length > 0),
        ];
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

    static string Together(IEnumerable<string> ofPrompts, int first, string noun)
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
