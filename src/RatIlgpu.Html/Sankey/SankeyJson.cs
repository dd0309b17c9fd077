namespace RatIlgpu.Html;

/// <summary>Writes layouts of paths as JSON for the script.</summary>
static class SankeyJson
{
    /// <summary>Writes the members of a layout.</summary>
    /// <param name="json">The object.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="labels">The labels of its bars.</param>
    /// <param name="textOf">Returns the visible text of a position.</param>
    /// <param name="linkOf">Returns the index of the link that a ribbon belongs to.</param>
    public static void Write(
        Utf8JsonWriter json,
        SankeyLayout layout,
        IEnumerable<Label> labels,
        Func<int, string> textOf,
        Func<Ribbon, int> linkOf)
    {
        json.WriteNumber("width", Pixels(layout.Width));
        json.WriteNumber("height", Pixels(layout.Height));
        var labelOf = labels.ToDictionary(label => label.Position);
        TraceData.Array(json, "bars", layout.Bars, bar =>
        {
            json.WriteStartArray();
            json.WriteNumberValue(bar.Position);
            json.WriteNumberValue(Pixels(bar.Left));
            json.WriteNumberValue(Pixels(bar.Top));
            json.WriteNumberValue(Pixels(bar.Height));
            if (labelOf.TryGetValue(bar.Position, out var label))
                WriteLabel(json, label, textOf);
            json.WriteEndArray();
        });
        TraceData.Array(json, "ribbons", layout.Ribbons, ribbon =>
        {
            json.WriteStartArray();
            json.WriteNumberValue(ribbon.Path);
            json.WriteNumberValue(linkOf(ribbon));
            json.WriteNumberValue(Pixels(ribbon.Width));
            foreach (var (x, y) in ribbon.Line)
            {
                json.WriteNumberValue(Pixels(x));
                json.WriteNumberValue(Pixels(y));
            }

            json.WriteEndArray();
        });
    }

    /// <summary>Writes the values of a label: its text only if it is shortened, as the page has the whole token.
    /// </summary>
    public static void WriteLabel(Utf8JsonWriter json, Label label, Func<int, string> textOf)
    {
        var (anchor, x) = label.Anchor;
        json.WriteStringValue(anchor);
        json.WriteNumberValue(Pixels(x));
        json.WriteNumberValue(Pixels(label.Box.Top));
        json.WriteNumberValue(Pixels(label.Box.Width));
        if (label.Text != textOf(label.Position))
            json.WriteStringValue(label.Text);
    }

    /// <summary>Returns a number as a page has it. Nine digits tell every F32 from its neighbours; more would only
    /// enlarge the page.</summary>
    public static double Short(double number) =>
        double.Parse(number.ToString("G9", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>Returns a length as a page has it: a tenth of a pixel is finer than a screen shows.</summary>
    public static double Pixels(double length) => Math.Round(length, 1);
}
