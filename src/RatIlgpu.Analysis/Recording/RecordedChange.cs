using System.Text.RegularExpressions;

namespace RatIlgpu.Analysis;

/// <summary>An intervention of a recorded run at an activation that has heads, read from its description.</summary>
/// <param name="Text">The description.</param>
/// <param name="Site">The changed site.</param>
/// <param name="Heads">The changed heads.</param>
/// <param name="IsZero">Whether the activation of these heads is 0 at all positions.</param>
sealed partial record RecordedChange(string Text, Site Site, ImmutableArray<int> Heads, bool IsZero)
{
    /// <summary>Reads the descriptions of the interventions of a run; those at activations without heads are left
    /// out.</summary>
    public static ImmutableArray<RecordedChange> In(IEnumerable<string> texts) =>
        [.. texts.Select(Read).OfType<RecordedChange>()];

    static RecordedChange? Read(string text)
    {
        var found = Change.Match(text);
        if (!found.Success || !Enum.TryParse<Activation>(found.Groups["activation"].ValueSpan, out var activation))
            return null;
        return new(
            text, new(activation, Number(found.Groups["layer"].Value)),
            [.. found.Groups["head"].Captures.Select(head => Number(head.Value))],
            found.Groups["verb"].Value == "zero" && !found.Groups["positions"].Success);

        static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
    }

    // The words of Intervention and of its target: any verb, the site, the heads, and the positions unless all.
    [GeneratedRegex(
        @"\A(?<verb>.*) (?<activation>[A-Za-z]+) of layer (?<layer>[0-9]{1,6}), heads (?<head>[0-9]{1,6})"
        + @"(, (?<head>[0-9]{1,6}))*(?<positions>, positions [0-9, ]+)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Change { get; }
}
