using System.Text.RegularExpressions;

namespace RatIlgpu.Interventions;

/// <summary>An intervention, read back from the line that <see cref="Intervention.ToString"/> writes and that
/// recordings and traces keep.</summary>
/// <param name="Text">The line.</param>
/// <param name="Verb">The kind of change, such as <c>zero</c> or <c>scale</c>.</param>
/// <param name="Site">The changed site.</param>
/// <param name="Heads">The changed heads: query heads, or key/value heads at an activation that has those. Empty if the
/// activation has no heads.</param>
/// <param name="Positions">The changed positions. Empty if all positions are changed.</param>
public sealed partial record InterventionLine(
    string Text, string Verb, Site Site, ValueArray<int> Heads, ValueArray<int> Positions)
{
    [GeneratedRegex(
        @"\A(?<verb>.+?) (?<activation>[A-Z][A-Za-z]+)( of layer (?<layer>[0-9]{1,6}))?"
        + @"(, heads (?<head>[0-9]{1,6})(, (?<head>[0-9]{1,6}))*)?"
        + @"(, positions (?<position>[0-9]{1,9})(, (?<position>[0-9]{1,9}))*)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Line { get; }

    /// <summary>Gets whether the activation of these heads is 0 at all positions.</summary>
    public bool IsZero => Verb == "zero" && Positions.IsEmpty;

    /// <summary>Reads a line.</summary>
    /// <param name="text">The line.</param>
    /// <returns>The intervention; null if the line has another form, as that of an intervention of one's own
    /// may.</returns>
    public static InterventionLine? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var found = Line.Match(text);
        if (!found.Success || !Enum.TryParse<Activation>(found.Groups["activation"].ValueSpan, out var activation))
            return null;
        var layer = found.Groups["layer"];
        var site = new Site(activation, layer.Success ? Number(layer) : 0);
        var heads = found.Groups["head"].Captures;
        return site.IsInLayer == layer.Success && ActivationAxes.HasHeads(activation) == heads.Count > 0
            ? new(
                text, found.Groups["verb"].Value, site, [.. heads.Select(Number)],
                [.. found.Groups["position"].Captures.Select(Number)])
            : null;

        static int Number(Capture digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);
    }
}
