using System.Text.RegularExpressions;
using RatIlgpu.Cli.Prompts;

namespace RatIlgpu.Cli;

/// <summary>What was changed in a recorded run.</summary>
/// <param name="Ablated">The heads that went without output.</param>
/// <param name="Others">All else, in the words of the recording.</param>
sealed partial record RecordedChanges(ImmutableArray<HeadIndex> Ablated, ImmutableArray<string> Others)
{
    /// <summary>Reads the changes of the recording of a prompt; none of a prompt without one.</summary>
    public static RecordedChanges Of(Prompt prompt)
    {
        var changes = (prompt.Recording?.Interventions ?? []).Select(text => (Text: text, Heads: AblatedIn(text)))
            .ToList();
        return new(
            [.. changes.SelectMany(change => change.Heads)],
            [.. changes.Where(change => change.Heads.IsEmpty).Select(change => change.Text)]);
    }

    // What --ablate does, as a recording describes it: the words of Intervention.Zero and of its target. A head whose
    // values are 0 has the output 0.
    static ImmutableArray<HeadIndex> AblatedIn(string change)
    {
        var found = ZeroedHeads.Match(change);
        return
        [
            .. found.Groups["head"].Captures.Select(head =>
                new HeadIndex(Number(found.Groups["layer"].Value), Number(head.Value))),
        ];

        static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(
        @"\Azero Head(Output|Value) of layer (?<layer>[0-9]{1,6}), heads (?<head>[0-9]{1,6})(, (?<head>[0-9]{1,6}))*\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ZeroedHeads { get; }
}
