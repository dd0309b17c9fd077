namespace RatIlgpu.Analysis;

/// <summary>The sentences of prompts about an indirect object: <c>{1}</c> and <c>{2}</c> are the two names, <c>{S}</c>
/// is the one that comes again, and the sentence ends where the other is due.</summary>
static class IoiTemplates
{
    /// <summary>The sentences; the distance from the second S to the end differs.</summary>
    public static readonly ImmutableArray<string> All =
    [
        "When {1} and {2} went to the {place}, {S} gave a {object} to",
        "After {1} and {2} came home from the {place}, {S} decided to give the {object} to",
        "Then {1} and {2} met at the {place}, and {S} handed a {object} to",
        "While {1} and {2} were waiting near the {place}, {S} took out a small {object} and gave it to",
        "Yesterday {1} and {2} walked to the {place} together, but {S} wanted to show the old {object} to",
        "In the morning {1} and {2} talked about the {place}, and later {S} sent a {object} to",
        "The {place} was quiet. There {1} and {2} sat down, and {S} passed the {object} to",
        "Because {1} and {2} liked the {place} so much, {S} bought a new {object} there for",
        "The {object} was in the {place}. When {1} and {2} found it, {S} threw it to",
        "At the {place}, {1} and {2} laughed for a long time before {S} offered a {object} to",
        "Once {1} and {2} had left the {place}, {S} said that the {object} belonged to",
        "Two friends, {1} and {2}, worked in the {place}. One day {S} lent the best {object} of all to",
    ];

    /// <summary>Returns a sentence with its words.</summary>
    public static string Fill(
        string template, string first, string second, string repeated, string place, string item) =>
        template.Replace("{1}", first, StringComparison.Ordinal)
            .Replace("{2}", second, StringComparison.Ordinal)
            .Replace("{S}", repeated, StringComparison.Ordinal)
            .Replace("{place}", place, StringComparison.Ordinal)
            .Replace("{object}", item, StringComparison.Ordinal);
}
