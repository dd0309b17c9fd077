using System.Text.Json;
using System.Xml.Linq;

namespace RatIlgpu.Browser.Tests;

public sealed class AttentionExportTests(Chromium chromium) : AttentionTests(chromium)
{
    [Fact]
    public void The_pictures_show_the_matrix_and_name_its_head()
    {
        OpenAttention("#h=1.0");
        var drawing = XDocument.Parse(Exported("svg", "attention-1.0"));
        Assert.Contains("L1H0 · <s>Mary and John met↵", drawing.Descendants().Select(part => part.Value));
        // The background; the rectangles of 21 cells, of which neighbours of one colour are one; masked cells.
        Assert.InRange(drawing.Descendants().Count(part => part.Name.LocalName == "rect"), 10, 37);
        var picture = Export("png", "attention-1.0");
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], picture[..4]);
        var colours = Script<long>("""
            return createImageBitmap(new Blob([Uint8Array.from(atob(arguments[0]), (c) => c.charCodeAt(0))]))
              .then((bitmap) => {
                const paper = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
                paper.drawImage(bitmap, 0, 0);
                return new Set(new Uint32Array(paper.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer)).size;
              });
            """, Convert.ToBase64String(picture));
        Assert.True(colours >= 5, $"The picture has {colours} colours.");
    }

    [Fact]
    public void The_JSON_has_the_locked_head_or_all()
    {
        OpenAttention("#h=1.0");
        using (var one = JsonDocument.Parse(Export("json", "attention-1.0")))
        {
            var head = Assert.Single(one.RootElement.GetProperty("heads").EnumerateArray().ToArray());
            Assert.Equal(
                ("L1H0", 1, 0),
                (head.GetProperty("name").GetString(), head.GetProperty("layer").GetInt32(),
                    head.GetProperty("head").GetInt32()));
            Assert.Equal(SampleAttention.Sentence,
                one.RootElement.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()));
            AssertRows(head, 2);
        }

        Press(OpenQA.Selenium.Keys.Escape);
        Leave();
        Await("head", "");
        using var all = JsonDocument.Parse(Export("json", "attention-max"));
        var heads = all.RootElement.GetProperty("heads").EnumerateArray().ToArray();
        Assert.Equal(4, heads.Length);
        for (var head = 0; head < 4; head++)
            AssertRows(heads[head], head);
        AssertClean();
    }

    [Fact]
    public void The_CSV_and_the_clipboard_have_the_shown_matrix()
    {
        OpenAttention("#h=1.0");
        var table = Exported("csv", "attention-1.0");
        var lines = table.Split("\r\n");
        Assert.Equal("\ufeffquery_position,query_token,0: <s>,1: Mary,2:  and,3:  John,4:  met,\"5: \n\"", lines[0]);
        Assert.Equal(6, lines[1..^1].Length);
        // The page has probabilities in steps of 1 / 65,535.
        Assert.Equal("1,Mary,0.749996,0.250004,,,,", lines[2]);
        Driver.ExecuteCdpCommand("Browser.grantPermissions", new()
        {
            ["permissions"] = new[] { "clipboardReadWrite", "clipboardSanitizedWrite" },
        });
        Click("#copy");
        Until(() => Find("#said").Text == "Copied L1H0 as CSV.");
        // The clipboard has the line ends of the system.
        Assert.Equal(
            table.TrimStart('\ufeff').ReplaceLineEndings("\n"),
            Script<string>("return navigator.clipboard.readText()").ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Tokens_that_are_formulas_stay_text_in_the_table()
    {
        OpenAttention(SampleAttention.Of(null, (["=1+1", "@x", "</script>"], null)), "#h=0.0");
        var lines = Exported("csv", "attention-0.0").Split("\r\n");
        Assert.StartsWith("0,'=1+1,1", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("1,'@x,1", lines[2], StringComparison.Ordinal);
    }

    static void AssertRows(JsonElement head, int index)
    {
        var rows = head.GetProperty("rows").EnumerateArray().ToArray();
        Assert.Equal(6, rows.Length);
        for (var query = 0; query < 6; query++)
        {
            var row = rows[query].EnumerateArray().Select(value => value.GetDouble()).ToArray();
            Assert.Equal(query + 1, row.Length);
            for (var key = 0; key <= query; key++)
                Assert.InRange(row[key] - SampleAttention.Value(index, query, key), -1e-5, 1e-5);
        }
    }
}
