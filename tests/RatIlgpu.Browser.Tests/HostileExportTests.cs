using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;
using RatIlgpu.Tracing;

namespace RatIlgpu.Browser.Tests;

/// <summary>Exported files are valid and hold every token, however hostile the tokens are.</summary>
public sealed class HostileExportTests(Chromium chromium) : PageTests(chromium)
{
    // Also spreadsheet formulas, characters that XML cannot hold, and separators of CSV.
    static readonly ImmutableArray<string> tokens =
        [.. SampleTrace.Hostile, "=1+cmd|' /C calc'!A0", " @sum(1)", "\uffff\u0301", "a,\"b\"\r\nc", "\u0085", " end"];

    static readonly TraceResult Trace = SampleTrace.Of(tokens,
        ([.. Enumerable.Range(0, tokens.Length).Reverse()], [.. Enumerable.Repeat(0.5, tokens.Length - 1)]));

    [Theory]
    [InlineData("hops")]
    [InlineData("position")]
    public void The_exported_SVG_is_well_formed_and_has_no_script(string columns)
    {
        Open(Trace, "#c=" + columns);
        var drawing = XDocument.Parse(Exported("svg"));
        string[] known = ["svg", "g", "path", "rect", "text", "tspan"];
        Assert.Subset(known.ToHashSet(), drawing.Descendants().Select(part => part.Name.LocalName).ToHashSet());
        Assert.DoesNotContain(drawing.Descendants().Attributes(), attribute =>
            attribute.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase)
            || attribute.Name.LocalName is "href" or "style");
        var labels = drawing.Descendants().Where(part => (string?)part.Attribute("class") == "token").ToArray();
        Assert.Equal(tokens.Length, labels.Length);
        Assert.All(labels, label => Assert.Equal("isolate", (string?)label.Attribute("unicode-bidi")));
        // The labels of many tokens are shortened; their accessible names are not.
        var names = drawing.Descendants().Where(part => part.Attribute("data-node") is not null)
            .OrderBy(part => (int)part.Attribute("data-node")!).Select(part => (string)part.Attribute("aria-label")!);
        foreach (var (at, name) in names.Index())
            Assert.StartsWith($"Token \u2068{TokenGlyphs.Show(Trace.Tokens[at], 39)}", name.Replace("…", ""),
                StringComparison.Ordinal);
    }

    [Fact]
    public void The_PNG_is_made_without_an_error()
    {
        Open(Trace);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], Export("png")[..4]);
        Assert.Empty(Driver.Manage().Logs.GetLog(OpenQA.Selenium.LogType.Browser));
    }

    [Fact]
    public void The_CSV_returns_every_token_and_has_no_formula()
    {
        Open(Trace);
        var rows = Cells(Exported("csv")[1..]);
        Assert.Equal(Trace.Sankey.Links.Length + 1, rows.Count);
        Assert.All(rows, row => Assert.Equal(9, row.Count));
        foreach (var (row, link) in rows.Skip(1).Zip(Trace.Sankey.Links))
        {
            Assert.Equal([$"{link.Target}", $"{link.Source}"], new[] { row[1], row[3] });
            AssertCell(row[2], tokens[link.Target]);
            AssertCell(row[4], tokens[link.Source]);
        }

        static void AssertCell(string cell, string token)
        {
            Assert.DoesNotMatch(@"^\s*[=+\-@]", cell);
            Assert.Contains(cell, new[] { WellFormed(token), "'" + WellFormed(token) });
        }
    }

    [Fact]
    public void The_JSON_returns_every_token()
    {
        Open(Trace);
        var json = Exported("json");
        Assert.Equal(TraceJson.Write(Trace), json);
        using var data = JsonDocument.Parse(json);
        Assert.Equal(tokens.Select(WellFormed),
            data.RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!));
    }

    [Fact]
    public void The_JSON_of_a_second_layer_returns_every_token()
    {
        var second = SampleTrace.AtLayer(Trace, 30);
        Open(TracePage.Render([Trace, second]));
        Assert.Equal(TraceJson.Write(second), Exported("json", "trace-L30"));
    }

    // Parses CSV by RFC 4180.
    static List<List<string>> Cells(string table)
    {
        List<List<string>> rows = [[]];
        var cell = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < table.Length; i++)
            if (table[i] == '"' && isQuoted && i + 1 < table.Length && table[i + 1] == '"')
                cell.Append(table[i++]);
            else if (table[i] == '"')
                isQuoted = !isQuoted;
            else if (isQuoted || (table[i] != ',' && !table.AsSpan(i).StartsWith("\r\n")))
                cell.Append(table[i]);
            else
            {
                rows[^1].Add(cell.ToString());
                cell.Clear();
                if (table[i] == '\r' && ++i < table.Length - 1)
                    rows.Add([]);
            }

        return rows;
    }

    static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
