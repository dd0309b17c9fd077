using System.ComponentModel;
using RatIlgpu.Testing;

namespace RatIlgpu.Html.Tests;

public sealed class OpenInBrowserTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_browser_gets_the_full_path_of_the_file()
    {
        var started = "";
        HtmlPage.OpenFile("page.html", path => started = path);
        Assert.Equal(Path.GetFullPath("page.html"), started);
    }

    [Theory]
    [InlineData(typeof(Win32Exception))]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(PlatformNotSupportedException))]
    public void Without_a_browser_the_error_names_the_file(Type kind)
    {
        var reason = (Exception)Activator.CreateInstance(kind, "No program is there.")!;
        var error = Assert.Throws<PlatformNotSupportedException>(
            () => HtmlPage.OpenFile("a/page.html", _ => throw reason));
        Assert.Equal(
            "no browser could be started (No program is there); open a/page.html yourself.", error.Message);
        Assert.Same(reason, error.InnerException);
    }

    [Fact]
    public void An_empty_path_is_refused() => Assert.Throws<ArgumentException>(() => HtmlPage.OpenFile(""));

    [Fact]
    public void A_page_that_cannot_be_saved_is_not_opened() => Assert.Throws<DirectoryNotFoundException>(
        () => new HtmlPage("page").OpenInBrowser(folder.Path("missing", "page.html")));

    [Fact]
    public void A_temporary_page_is_for_its_user_alone()
    {
        var path = new HtmlPage("<p>page").SaveForUser();
        try
        {
            Assert.Equal("<p>page", File.ReadAllText(path));
            var parent = Path.GetDirectoryName(path)!;
            if (!OperatingSystem.IsWindows())
                Assert.Equal(
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                    File.GetUnixFileMode(parent));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }
}
