using RatIlgpu.Files;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Files;

public sealed class InputFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Reads_what_a_link_leads_to()
    {
        folder.Write("text"u8.ToArray(), "file");
        File.CreateSymbolicLink(folder.Path("link"), "file");

        Assert.Equal("text", InputFile.Text(folder.Path("link"), 4));
    }

    [Fact]
    public void Refuses_a_pipe_without_waiting_for_what_may_come()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Folders of Windows have no pipes.");
        var pipe = folder.MakePipe("pipe");

        Assert.Equal(
            $"{pipe}: is empty, or no regular file; expected a file with content.",
            Refusal(() => InputFile.Open(pipe)));
    }

    [Fact]
    public void Refuses_a_file_above_the_limit_before_reading_it()
    {
        var file = folder.Write(new byte[1001], "file");

        Assert.Equal($"{file}: has 1,001 bytes, expected at most 1,000.", Refusal(() => InputFile.Read(file, 1000)));
    }

    [Fact]
    public void Says_that_a_link_leads_nowhere()
    {
        File.CreateSymbolicLink(folder.Path("link"), "nothing");

        Assert.Throws<FileNotFoundException>(() => InputFile.Open(folder.Path("link")));
    }

    static string Refusal(Action read) => Assert.Throws<InvalidDataException>(read).Message;
}
