using System.Text;

namespace RatIlgpu.Cli.Tests;

/// <summary>One call of the command, in this process.</summary>
sealed record CommandRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs the command with nothing on standard input.</summary>
    public static CommandRun Of(params string[] args) => With(null, args);

    /// <summary>Runs the command with these bytes on standard input; null for a terminal.</summary>
    public static CommandRun With(byte[]? input, params string[] args)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        using var stream = new MemoryStream(input ?? []);
        var terminal = new Terminal(stream, input is not null, output, error, ShowsProgress: false);
        var code = CommandLine.Run(args, terminal);
        return new CommandRun(code, output.ToString(), error.ToString());
    }

    /// <summary>Runs the command with a text on standard input.</summary>
    public static CommandRun WithText(string input, params string[] args) => With(Encoding.UTF8.GetBytes(input), args);

    /// <summary>Checks that the command refused its input in one line.</summary>
    public void Refuses(string message)
    {
        Assert.Equal(1, ExitCode);
        Assert.Equal($"ratilgpu: {message}\n", Error);
        Assert.Empty(Output);
    }

    /// <summary>Checks that the command was called wrongly, and says how to call it.</summary>
    public void IsMisused(string message, string command = " trace")
    {
        Assert.Equal(2, ExitCode);
        Assert.Equal($"ratilgpu: {message}\nSee ratilgpu{command} --help.\n", Error);
        Assert.Empty(Output);
    }
}
