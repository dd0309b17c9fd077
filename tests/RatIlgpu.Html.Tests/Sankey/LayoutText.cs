using System.Text;

namespace RatIlgpu.Html.Tests.Sankey;

/// <summary>Writes a drawing as text that a reader can check with a pencil.</summary>
static class LayoutText
{
    /// <summary>Writes a line for the size, one for each bar and one for each ribbon, to a tenth of a pixel.</summary>
    public static string Of(SankeyLayout layout)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{layout.Width:0.#} x {layout.Height:0.#}");
        foreach (var bar in layout.Bars)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nbar {bar.Position} at {bar.Left:0.#}, {bar.Top:0.#}");
            text.Append(CultureInfo.InvariantCulture, $" high {bar.Height:0.#}");
        }

        foreach (var ribbon in layout.Ribbons)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nribbon {ribbon.Path} from {ribbon.Key} to {ribbon.Query}");
            text.Append(CultureInfo.InvariantCulture, $" wide {ribbon.Width:0.#}:");
            foreach (var (x, y) in ribbon.Line)
                text.Append(CultureInfo.InvariantCulture, $" {x:0.#},{y:0.#}");
        }

        return text.ToString();
    }

    /// <summary>Writes a line for each label: its room, to a tenth of a pixel, and its text.</summary>
    public static string Of(ImmutableArray<Label> labels) => string.Join('\n', labels.Select(Line));

    static string Line(Label label)
    {
        var ((left, top, width, _), side) = (label.Box, label.Side.ToString().ToLowerInvariant());
        return string.Create(
            CultureInfo.InvariantCulture,
            $"label {label.Position} {side} at {left:0.#}, {top:0.#} wide {width:0.#}: {label.Text}");
    }
}
