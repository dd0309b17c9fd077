using System.Buffers.Binary;
using System.Xml.Linq;
using RatIlgpu.Html;
using RatIlgpu.Html.Tests;
using RatIlgpu.Tracing;

namespace RatIlgpu.Browser.Tests;

public sealed class ExportTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void The_exported_SVG_is_complete_by_itself()
    {
        Open();
        var drawing = XDocument.Parse(Exported("svg"));
        Assert.Equal("svg", drawing.Root!.Name.LocalName);
        var lines = drawing.Descendants().Where(part => part.Attribute("data-edge") is not null).ToArray();
        Assert.Equal(All(".ln").Count, lines.Length);
        Assert.All(lines, line => Assert.StartsWith("rgb", line.Attribute("stroke")!.Value, StringComparison.Ordinal));
        Assert.Contains("·Mary", drawing.Descendants().Select(part => part.Value));
    }

    [Fact]
    public void The_exported_PNG_has_more_than_a_background()
    {
        Open();
        var picture = Export("png");
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], picture[..4]);
        Assert.True(BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(16)) > 1000);
        var colours = Script<long>("""
            return createImageBitmap(new Blob([Uint8Array.from(atob(arguments[0]), (c) => c.charCodeAt(0))]))
              .then((bitmap) => {
                const paper = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
                paper.drawImage(bitmap, 0, 0);
                return new Set(new Uint32Array(paper.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer)).size;
              });
            """, Convert.ToBase64String(picture));
        Assert.True(colours > 10, $"The picture has {colours} colours.");
    }

    [Fact]
    public void The_page_says_that_no_PNG_can_be_made()
    {
        Open();
        Script<object>("HTMLCanvasElement.prototype.toBlob = (done) => done(null); return 1;");
        Click("#export-png");
        Until(() => All("#said")[0].Text.StartsWith("No PNG can be made here", StringComparison.Ordinal));
    }

    [Fact]
    public void Tokens_that_XML_cannot_hold_are_in_the_SVG_and_the_PNG()
    {
        Open(SampleTrace.Of(["\uffff\u0301X", " b", "\ufffe"], ([2, 1, 0], [0.5, 0.5])));
        var drawing = XDocument.Parse(Exported("svg"));
        Assert.Contains("⟨FFFF⟩\u0301X", drawing.Descendants().Select(part => part.Value));
        Assert.Equal((byte)'P', Export("png")[1]);
    }

    [Fact]
    public void The_exported_JSON_is_that_of_the_library()
    {
        Open();
        Assert.Equal(TraceJson.Write(SampleTrace.FivePaths()), Exported("json"));
    }

    [Fact]
    public void Each_layer_exports_its_own_JSON_and_CSV()
    {
        TraceResult[] layers =
        [
            SampleTrace.AtLayer(SampleTrace.FivePaths(), 3),
            SampleTrace.AtLayer(SampleTrace.Of(SampleTrace.Sentence, ([19, 12, 0], [0.5, 0.5])), 7),
        ];
        Open(TracePage.Render([.. layers]));
        foreach (var trace in layers.Reverse())
        {
            Assert.Equal($"{trace.Layer}", Data("layer"));
            Assert.Equal(TraceJson.Write(trace), Exported("json", $"trace-L{trace.Layer}"));
            var rows = Exported("csv", $"trace-L{trace.Layer}").Split("\r\n")[1..^1];
            Assert.Equal(trace.Sankey.Links.Length, rows.Length);
            Assert.All(rows, row => Assert.StartsWith($"{trace.Layer},", row, StringComparison.Ordinal));
            Press(",");
        }
    }

    [Fact]
    public void The_exported_CSV_has_a_row_for_each_link()
    {
        Open();
        var table = Exported("csv");
        Assert.StartsWith("\ufefflayer,query_position,", table, StringComparison.Ordinal);
        Assert.Equal(SampleTrace.FivePaths().Sankey.Links.Length + 2, table.Split("\r\n").Length);
    }

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData(" @SUM(A1)", "' @SUM(A1)")]
    [InlineData("-", "'-")]
    [InlineData("\t", "'\t")]
    [InlineData("\"", "\"\"\"\"")]
    [InlineData(",", "\",\"")]
    [InlineData("\n", "\"'\n\"")]
    [InlineData("a\r\n\"b\"", "\"a\r\n\"\"b\"\"\"")]
    [InlineData(" plain", " plain")]
    public void A_CSV_cell_holds_any_token_and_is_no_formula(string token, string cell)
    {
        Open(SampleTrace.Of(["start", token], ([1, 0], [0.5])));
        Assert.EndsWith($"paths\r\n23,1,{cell},0,start,0.5,1,0.5,1\r\n", Exported("csv"), StringComparison.Ordinal);
    }
}
