namespace RatIlgpu.Cli.Tests;

public sealed class KeptFileTests : IDisposable
{
    readonly StringWriter error = new() { NewLine = "\n" };
    readonly List<string> saved = [];
    string? fault;

    public void Dispose() => error.Dispose();

    [Fact]
    public void A_file_that_cannot_be_written_for_a_while_does_not_end_the_run()
    {
        var file = Make("sums", TimeSpan.Zero);
        file.SaveInTurn();
        fault = "sums: no space.";
        file.SaveInTurn();
        file.SaveInTurn();
        const string Note = "ratilgpu: note: nothing new is kept for now: sums: no space.\n";
        Assert.Equal(Note, error.ToString());
        fault = null;
        file.SaveInTurn();
        Assert.Equal(["sums", "sums"], saved);
        fault = "sums: no space.";
        file.SaveInTurn();
        Assert.Equal(Note + Note, error.ToString());
        Assert.Equal("sums: no space.", Assert.Throws<IOException>(file.Save).Message);
    }

    [Fact]
    public void Between_two_turns_nothing_is_written()
    {
        var file = Make("sums", TimeSpan.MaxValue);
        file.SaveInTurn();
        Assert.Empty(saved);
        Make(null, TimeSpan.Zero).SaveInTurn();
        Assert.Empty(saved);
    }

    [Fact]
    public void What_is_not_kept_at_a_stop_is_said_with_its_cause()
    {
        fault = "sums: no space.";
        var file = Make("sums", TimeSpan.Zero);
        file.SaveInTurn();
        file.Stop("3 sequences are");
        Assert.Equal(
            "ratilgpu: note: nothing is kept for now: sums: no space.\n"
            + "ratilgpu: note: 3 sequences are not kept: sums: no space.\n",
            error.ToString());
    }

    [Fact]
    public void What_was_kept_before_a_stop_is_said_to_be_there()
    {
        var file = Make("sums", TimeSpan.MaxValue);
        file.Save();
        fault = "sums: no space.";
        file.Stop("3 sequences are");
        Assert.Equal(
            "ratilgpu: note: what was done last is not kept: sums: no space. The same command goes on from what sums "
            + "held before.\n",
            error.ToString());
    }

    [Fact]
    public void The_rest_of_a_work_goes_from_nothing_to_the_whole()
    {
        var seen = new List<double>();
        var rest = new RestProgress(new Seen(seen.Add));
        foreach (var share in (double[])[0.5, 0.75, 1])
            rest.Report(share);
        Assert.Equal([0.5, 1], seen);
    }

    KeptFile Make(string? path, TimeSpan between)
    {
        var terminal = new Terminal(Stream.Null, false, TextWriter.Null, error, ShowsProgress: false);
        return new(path, Save, new ProgressLine(terminal), terminal, between);
    }

    void Save(string path)
    {
        if (fault is not null)
            throw new IOException(fault);
        saved.Add(path);
    }

    sealed class Seen(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
