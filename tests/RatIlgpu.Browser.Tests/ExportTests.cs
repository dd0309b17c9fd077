using System.Buffers.Binary;
using System.Xml.Linq;
using RatIlgpu.Html.Tests;
using RatIlgpu.Tracing;

namespace RatIlgpu.Browser.Tests;

public sealed class ExportTests(Chromium chromium) : PageTests(chromium)
{
    [Fact]
    public void The_drawing_is_a_picture_of_its_own()
    {
        Open();
        var drawing = XDocument.Parse(System.Text.Encoding.UTF8.GetString(Export("svg")));
        Assert.Equal("svg", drawing.Root!.Name.LocalName);
        var lines = drawing.Descendants().Where(part => part.Attribute("data-edge") is not null).ToArray();
        Assert.Equal(All(".ln").Count, lines.Length);
        Assert.All(lines, line => Assert.StartsWith("rgb", line.Attribute("stroke")!.Value, StringComparison.Ordinal));
        Assert.Contains("·Mary", drawing.Descendants().Select(part => part.Value));
    }

    [Fact]
    public void The_picture_shows_more_than_its_ground()
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
    public void The_data_are_the_trace_json_that_was_given()
    {
        var trace = SampleTrace.FivePaths();
        var json = TraceJson.Write(trace);
        Open(trace, options: new() { TraceJson = json });
        Assert.Equal(json, System.Text.Encoding.UTF8.GetString(Export("json")));
    }

    [Fact]
    public void The_table_has_a_row_for_each_link()
    {
        Open();
        var table = System.Text.Encoding.UTF8.GetString(Export("csv"));
        Assert.StartsWith("\ufefflayer,query_position,", table, StringComparison.Ordinal);
        Assert.Equal(SampleTrace.FivePaths().Sankey.Links.Length + 2, table.Split("\r\n").Length);
    }

    byte[] Export(string kind)
    {
        Driver.ExecuteCdpCommand("Browser.setDownloadBehavior", new()
        {
            ["behavior"] = "allow",
            ["downloadPath"] = Folder.Root,
        });
        Click("#export-" + kind);
        var file = Folder.Path("trace." + kind);
        Until(() => File.Exists(file));
        return File.ReadAllBytes(file);
    }
}
