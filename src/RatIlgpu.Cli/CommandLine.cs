using System.CommandLine.Help;
using System.Runtime.InteropServices;
using RatIlgpu.Cli.Analysis;
using RatIlgpu.Cli.Bench;
using RatIlgpu.Ilgpu;

namespace RatIlgpu.Cli;

/// <summary>The command <c>ratilgpu</c>.</summary>
static class CommandLine
{
    const int BadInput = 1, BadUsage = 2, Cancelled = 130, Terminated = 143;

    // In characters; one path alone may have 4,096.
    const int MostShown = 800;

    /// <summary>Runs the command.</summary>
    /// <returns>0 for success, 1 for bad input, 2 for bad usage, 130 after Ctrl-C, 143 after SIGTERM.</returns>
    public static int Run(string[] args, Terminal terminal)
    {
        using var stop = new CancellationTokenSource();
        var stopped = Cancelled;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var code = Run(args, terminal, stop.Token);
        return code == Cancelled ? stopped : code;

        // The first signal cancels the command; the second one ends the process.
        void Stop(PosixSignalContext context)
        {
            context.Cancel = !stop.IsCancellationRequested;
            if (context.Signal == PosixSignal.SIGTERM)
                stopped = Terminated;
            stop.Cancel();
        }
    }

    /// <summary>Runs the command until it ends or is stopped.</summary>
    public static int Run(string[] args, Terminal terminal, CancellationToken cancellation)
    {
        var verbose = new CliOption<bool>("--verbose", "Show the stack trace of an error.");

        // Without a replacer a prompt that begins with @ is text, not the name of a response file.
        var parsed = Root(terminal, verbose).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
            return Fail(OneLine(parsed.Errors[0].Message), BadUsage);
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
        catch (Exception e) when (WasStopped(e, cancellation))
        {
            return Fail("stopped.", Cancelled);
        }
        catch (UsageException e)
        {
            return Fail(OneLine(e.Message), BadUsage);
        }
        catch (Exception e) when (IsExpected(e))
        {
            return Fail(parsed.GetValue(verbose) ? e.ToString() : OneLine(TraceSettings.MessageOf(e)), BadInput);
        }

        int Fail(string message, int code) => Say(terminal, message, code, Path(parsed));
    }

    static int Say(Terminal terminal, string message, int code, string command)
    {
        try
        {
            terminal.Error.WriteLine($"ratilgpu: {message}");
            if (code == BadUsage)
                terminal.Error.WriteLine($"See ratilgpu{command} --help.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nobody can read the message; the exit code still says what happened.
        }

        return code;
    }

    static Command Root(Terminal terminal, Option<bool> verbose)
    {
        var root = new Command("ratilgpu", "See which words of a prompt influenced what a Qwen2 model does with it.")
        {
            new TraceCommand(terminal),
            new CompareCommand(terminal),
            new AttributeCommand(terminal),
            new LensCommand(terminal),
            new PatchCommand(terminal),
            new TokenizeCommand(terminal),
            new DevicesCommand(terminal),
            new VerifyCommand(terminal),
            new BenchCommand(terminal),
        };
        verbose.Recursive = true;
        root.Options.Add(verbose);
        root.Options.Add(new HelpOption());
        root.Options.Add(new VersionOption());
        return root;
    }

    // Ctrl-C also interrupts system calls of a driver, whose error may arrive before the cancellation.
    static bool WasStopped(Exception e, CancellationToken cancellation) =>
        e is OperationCanceledException || (cancellation.IsCancellationRequested && IsExpected(e));

    static bool IsExpected(Exception e) =>
        e is ArgumentException or FormatException or InvalidDataException or IOException or UnauthorizedAccessException
            or PlatformNotSupportedException or OutOfMemoryException or ArithmeticException or DeviceException;

    // A message may quote a file: control characters are escaped, and a long message loses its middle, since the path
    // stands at its start and the fault at its end.
    static string OneLine(string message)
    {
        var line = Files.OneLine.Escape(message);
        return line.Length <= MostShown ? line : $"{line[..(MostShown / 2)]} … {line[^(MostShown / 2)..]}";
    }

    static string Path(ParseResult parsed) =>
        parsed.CommandResult.Command.Name is var name and not "ratilgpu" ? " " + name : "";
}

/// <summary>The command line is wrong: a bad value, or options that contradict each other.</summary>
sealed class UsageException(string message) : Exception(message);
