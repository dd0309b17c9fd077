using System.Text;
using RatIlgpu.Testing;

namespace RatIlgpu.Html.Tests;

public sealed class HtmlPageTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Saves_the_document_as_UTF_8_without_a_mark()
    {
        var path = folder.Path("page.html");
        new HtmlPage("<p>é·👩‍🚀</p>").Save(path);
        Assert.Equal(Encoding.UTF8.GetBytes("<p>é·👩‍🚀</p>"), File.ReadAllBytes(path));
    }

    [Fact]
    public void A_page_of_parts_is_written_one_after_the_other_and_stays_open()
    {
        using var stream = new MemoryStream();
        var page = new HtmlPage("<p>é", "·", "</p>");
        page.Write(stream);
        stream.WriteByte((byte)'\n');
        Assert.Equal("<p>é·</p>\n", Encoding.UTF8.GetString(stream.ToArray()));
        Assert.Equal("<p>é·</p>", page.Html);
        Assert.Equal(11, page.ByteCount);
    }

    [Fact]
    public void Replaces_a_page_and_leaves_nothing_else_behind()
    {
        var path = folder.Path("page.html");
        new HtmlPage("a longer page").Save(path);
        new HtmlPage("page").Save(path);
        Assert.Equal("page", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void A_page_that_cannot_be_saved_leaves_nothing_behind()
    {
        var path = folder.Path("page.html");
        Directory.CreateDirectory(path);
        Assert.Throws<IOException>(() => new HtmlPage("page").Save(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void Says_which_folder_is_missing()
    {
        var path = folder.Path("missing", "page.html");
        var error = Assert.Throws<DirectoryNotFoundException>(() => new HtmlPage("page").Save(path));
        Assert.Contains("missing", error.Message, StringComparison.Ordinal);
    }
}
