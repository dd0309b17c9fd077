using System.Collections.Concurrent;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests;

public sealed class OutputFolderTests : IDisposable
{
    const int Writers = 8, Rounds = 100;

    readonly TemporaryFolder folder = new();
    readonly ConcurrentBag<Exception> faults = [];

    public void Dispose() => folder.Dispose();

    // Each writer stands for a process: they share nothing but the folder.
    [Fact]
    public void Several_writers_of_one_new_folder_do_not_disturb_each_other()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var path = folder.Path($"{round}", "of", "several");
            using var start = new Barrier(Writers);
            var writers = Enumerable.Range(0, Writers).Select(number => new Thread(() => Write(path, number, start)))
                .ToList();
            writers.ForEach(writer => writer.Start());
            writers.ForEach(writer => writer.Join());
            Assert.Empty(faults);
            Assert.Equal(Writers, Directory.GetFileSystemEntries(path).Length);
        }
    }

    [Fact]
    public void A_folder_that_is_only_tried_is_gone_again_with_those_above_it()
    {
        OutputFolder.For(folder.Path("one", "two"), "a.html");
        Assert.Empty(Directory.GetFileSystemEntries(folder.Root));
        Directory.CreateDirectory(folder.Path("one"));
        OutputFolder.For(folder.Path("one", "two"), "a.html");
        Assert.Equal([folder.Path("one")], Directory.GetFileSystemEntries(folder.Root));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path("one")));
    }

    void Write(string path, int number, Barrier start)
    {
        try
        {
            start.SignalAndWait();
            OutputFolder.For(path, $"{number}.txt").Write($"{number}.txt", stream => stream.WriteByte(1));
        }
        catch (Exception fault)
        {
            faults.Add(fault);
        }
    }
}
