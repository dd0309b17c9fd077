using System.Xml.Linq;
using RatIlgpu.Analysis;

namespace RatIlgpu.Html.Tests.Attention;

public sealed class LinksFigureTests
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Each_pair_that_can_be_seen_has_a_line_as_opaque_as_its_probability()
    {
        var figure = XDocument.Parse(Figure(["a", "b", "c"], [[1], [0.75f, 0.25f], [0.5f, 0.01f, 0.49f]]));
        var lines = figure.Descendants(Svg + "path").ToArray();
        Assert.Equal(
            ["1", "0.75", "0.25", "0.5", "0.49"], lines.Select(line => line.Attribute("stroke-opacity")!.Value));
        Assert.Equal(["a", "a", "b", "b", "c", "c"], figure.Descendants(Svg + "g").Elements(Svg + "text")
            .Select(text => text.Value));
        // From the second query, in the second row, to the first key.
        Assert.Contains(" 24C", lines[1].Attribute("d")!.Value, StringComparison.Ordinal);
        Assert.EndsWith(" 8", lines[1].Attribute("d")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_and_titles_are_text()
    {
        var figure = XDocument.Parse(Figure(["</g><script>", "\0\u202e"], [[1], [0.5f, 0.5f]], "<b>\u0001"));
        Assert.Empty(figure.Descendants(Svg + "script"));
        Assert.Contains(figure.Descendants(Svg + "text"), text => text.Value == "</g><script>");
        Assert.Contains(figure.Descendants(Svg + "text"), text => text.Value == "<b>⟨0001⟩");
    }

    static string Figure(string[] tokens, float[][] rows, string? title = null)
    {
        var builder = new AttentionPageBuilder(new() { Mode = AttentionMode.Lines, Title = title });
        builder.BeginPrompt([.. tokens.Select((token, i) => new Text.TokenText(i, token, []))]);
        builder.Add(new HeadAttention(new(0, 0), tokens.Length, (first, written) =>
        {
            for (var i = 0; i < written.Length; i++)
                written[i] = rows[first + (i / tokens.Length)].ElementAtOrDefault(i % tokens.Length);
        })
        {
            Queries = [.. new float[tokens.Length]],
            Keys = [.. new float[tokens.Length]],
        });
        return builder.ToSvg();
    }
}
