using RatIlgpu.Files;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Files;

public sealed class WholeFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Replaces_a_file_and_leaves_nothing_else_behind()
    {
        var path = folder.Path("file");
        WholeFile.Write(path, "a longer text");
        WholeFile.Write(path, "a text");

        Assert.Equal("a text"u8, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void A_name_may_be_as_long_as_the_disk_allows()
    {
        var path = folder.Path(new string('x', 255));
        WholeFile.Write(path, "text");

        Assert.Equal("text", File.ReadAllText(path));
    }

    [Fact]
    public void What_fails_half_way_leaves_the_file_as_it_was()
    {
        var path = folder.Write("before"u8.ToArray(), "file");

        Assert.Throws<FormatException>(() => WholeFile.Write(path, stream =>
        {
            stream.Write("after"u8);
            throw new FormatException();
        }));

        Assert.Equal("before", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Root));
    }

    [Fact]
    public void A_link_named_without_its_folder_leads_to_its_neighbour()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has links only for some.");
        var (file, link) = ($"{Guid.NewGuid()}.file", $"{Guid.NewGuid()}.link");
        try
        {
            File.WriteAllText(file, "before");
            File.CreateSymbolicLink(link, file);

            WholeFile.Write(link, "after");

            Assert.Equal("after", File.ReadAllText(file));
            Assert.Equal("after", InputFile.Text(link, 100));
            Assert.NotNull(new FileInfo(link).LinkTarget);
        }
        finally
        {
            File.Delete(link);
            File.Delete(file);
        }
    }

    [Fact]
    public void A_file_keeps_its_permissions_and_a_link_stays_one()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such permissions, and links only for some.");
            return;
        }

        var (path, link) = (folder.Path("private"), folder.Path("link"));
        File.WriteAllText(path, "before");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(link, path);

        WholeFile.Write(link, "after");

        Assert.Equal("after", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.NotNull(new FileInfo(link).LinkTarget);
    }

    [Fact]
    public void A_device_is_written_to_and_not_replaced()
    {
        Assert.SkipUnless(
            new FileInfo("/dev/full") is { Exists: true, Length: 0 }, "This system has no device /dev/full.");
        Assert.StartsWith(
            "/dev/full: cannot be written: ",
            Assert.Throws<IOException>(() => WholeFile.Write("/dev/full", "text")).Message, StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo("/dev/full").Length);
        WholeFile.Write("/dev/null", "text");
        Assert.Empty(File.ReadAllText("/dev/null"));
    }

    [Fact]
    public void A_pipe_is_not_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Folders of Windows have no pipes.");
        var pipe = folder.MakePipe("pipe");
        Assert.Equal(
            $"{pipe}: is a pipe, expected the name of a file to write.",
            Assert.Throws<IOException>(() => WholeFile.Write(pipe, "text")).Message);
        Assert.True(WholeFile.IsPipe(pipe));
    }

    [Fact]
    public void Says_that_a_folder_is_in_the_way()
    {
        var fault = Assert.Throws<IOException>(() => WholeFile.Write(folder.Root, "text"));

        Assert.Equal($"{folder.Root}: is a folder, expected the name of a file to write.", fault.Message);
    }

    [Fact]
    public void A_failure_names_the_file_that_was_asked_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has a folder that nobody may write to.");
        var fault = Assert.ThrowsAny<SystemException>(() => WholeFile.Write("/proc/self/file", "text"));

        Assert.StartsWith("/proc/self/file: cannot be written: ", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(".part", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_that_there_is_no_folder()
    {
        var path = folder.Path("nowhere", "file");
        var fault = Assert.Throws<DirectoryNotFoundException>(() => WholeFile.Write(path, "text"));

        Assert.Equal($"{path}: there is no such folder to write to.", fault.Message);
    }
}
