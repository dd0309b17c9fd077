using System.CommandLine;
using System.CommandLine.Help;

namespace RatIlgpu.Cli;

/// <summary>The command <c>ratilgpu</c>.</summary>
static class CommandLine
{
    const int BadInput = 1, BadUsage = 2, Cancelled = 130;

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows its name.</param>
    /// <param name="terminal">Where it reads and writes.</param>
    /// <returns>0, 1 for bad input, 2 for bad usage, 130 when it was stopped.</returns>
    public static int Run(string[] args, Terminal terminal)
    {
        using var stop = new CancellationTokenSource();
        ConsoleCancelEventHandler cancel = (_, e) =>
        {
            // The first Ctrl-C stops cleanly; a second one ends the process as usual.
            e.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        };
        Console.CancelKeyPress += cancel;
        try
        {
            return Run(args, terminal, stop.Token);
        }
        finally
        {
            Console.CancelKeyPress -= cancel;
        }
    }

    static int Run(string[] args, Terminal terminal, CancellationToken cancellation)
    {
        var verbose = new Option<bool>("--verbose")
        {
            Description = "Show the stack trace of an error.",
            Recursive = true,
        };
        var root = new Command("ratilgpu", "See which words of a prompt influenced what a Qwen2 model does with it.")
        {
            TraceCommand.Create(terminal),
            TokenizeCommand.Create(terminal),
            DevicesCommand.Create(terminal),
            VerifyCommand.Create(terminal),
        };
        root.Options.Add(verbose);
        root.Options.Add(new HelpOption());
        root.Options.Add(new VersionOption());

        // A prompt may begin with @: it is text, not the name of a file with arguments.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
            return Fail(parsed.Errors[0].Message, BadUsage);
        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return parsed.InvokeAsync(configuration, cancellation).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return Fail("stopped.", Cancelled);
        }
        catch (UsageException e)
        {
            return Fail(e.Message, BadUsage);
        }
        catch (Exception e) when (IsExpected(e))
        {
            return Fail(parsed.GetValue(verbose) ? e.ToString() : OneLine(e.Message), BadInput);
        }

        int Fail(string message, int code)
        {
            terminal.Error.WriteLine($"ratilgpu: {message}");
            if (code == BadUsage)
                terminal.Error.WriteLine($"See ratilgpu{Path(parsed)} --help.");
            return code;
        }
    }

    static bool IsExpected(Exception e) =>
        e is ArgumentException or FormatException or InvalidDataException or IOException or UnauthorizedAccessException
            or PlatformNotSupportedException or OutOfMemoryException;

    static string OneLine(string message) => message.ReplaceLineEndings(" ");

    static string Path(ParseResult parsed) =>
        parsed.CommandResult.Command.Name is var name and not "ratilgpu" ? " " + name : "";
}
