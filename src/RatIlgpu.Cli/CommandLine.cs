using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using RatIlgpu.Cli.Ablation;
using RatIlgpu.Cli.Analysis;
using RatIlgpu.Cli.Bench;
using RatIlgpu.Cli.Checkpoints;
using RatIlgpu.Cli.Components;
using RatIlgpu.Cli.Heads;
using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Tracing;
using RatIlgpu.Ilgpu;

namespace RatIlgpu.Cli;

/// <summary>The command <c>ratilgpu</c>.</summary>
static class CommandLine
{
    const int BadInput = 1, BadUsage = 2, Cancelled = 130, Terminated = 143;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // In characters; one path alone may have 4,096.
    const int MostShown = 800;

    /// <summary>Runs the command.</summary>
    /// <returns>0 for success; 1 for bad input; 2 if the command line alone is wrong; 3 if the time given was over;
    /// 130 after Ctrl-C, 143 after SIGTERM.</returns>
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
            // An operation on a device cannot be interrupted; files are whole whenever the process ends.
            if (!stop.IsCancellationRequested)
                Task.Delay(Patience).ContinueWith(
                    _ => Environment.Exit(Say(terminal, "stopped.", stopped, "")), TaskScheduler.Default);
            stop.Cancel();
        }
    }

    /// <summary>Runs the command until it ends or is stopped.</summary>
    public static int Run(string[] args, Terminal terminal, CancellationToken cancellation)
    {
        var options = new CliOptions();
        var root = Root(args, terminal, options);
        var (command, isVerbose) = ("", false);
        try
        {
            // Without a replacer a prompt that begins with @ is text, not the name of a response file.
            var parsed = root.Parse(
                Arguments.Check(root, args), new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.CommandResult.Command is var found && found != root)
                command = HelpText.PathOf(found, root);
            isVerbose = parsed.Get(options.Verbose);
            if (Fault(parsed, root) is { } fault)
                throw new UsageException(fault);
            var configuration = new InvocationConfiguration
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return parsed.InvokeAsync(configuration, cancellation).GetAwaiter().GetResult();
        }
        catch (Exception e) when (WasStopped(CauseOf(e), cancellation))
        {
            return Fail("stopped.", Cancelled);
        }
        catch (UsageException e)
        {
            command = command.Length > 0 ? command : CommandOf(args, root);
            return Fail(OneLine(e.Message), BadUsage);
        }
        catch (Exception e)
        {
            var line = OneLine(LineOf(CauseOf(e), command));
            return Fail(isVerbose ? $"{line}\n{e}" : line, BadInput);
        }

        int Fail(string message, int code) => Say(terminal, message, code, command);
    }

    /// <summary>Returns the command with all its subcommands.</summary>
    internal static Command Root(string[] args, Terminal terminal, CliOptions options)
    {
        var call = new Call([.. args]);
        (string Name, Func<Command> Make)[] commands =
        [
            ("trace", () => new TraceCommand(terminal, options, call)),
            ("compare", () => new CompareCommand(terminal, options)),
            ("attention", () => new AttentionCommand(terminal, options, call)),
            ("attribute", () => new AttributeCommand(terminal, options, call)),
            ("explain", () => new ExplainCommand(terminal, options, call)),
            ("lens", () => new LensCommand(terminal, options, call)),
            ("patch", () => new PatchCommand(terminal, options, call)),
            ("predict", () => new PredictCommand(terminal, options, call)),
            ("heads", () => new HeadsCommand(terminal, options, call)),
            ("ablate", () => new AblateCommand(terminal, options, call)),
            ("components", () => new ComponentsCommand(terminal, options, call)),
            ("diff", () => new DiffCommand(terminal, options, call)),
            ("tokenize", () => new TokenizeCommand(terminal, options)),
            ("devices", () => new DevicesCommand(terminal, options)),
            ("verify", () => new VerifyCommand(terminal, options)),
            ("bench", () => new BenchCommand(terminal, options)),
        ];
        var root = new Command("ratilgpu", "See which words of a prompt influenced what a Qwen2 model does with it.");
        // To make all commands and their options takes as long as a short command.
        var asked = args is ["help", var of, ..] ? of : args.FirstOrDefault();
        foreach (var (name, make) in commands)
            if (name == asked || commands.All(one => one.Name != asked))
                root.Subcommands.Add(make());
        root.Options.Add(options.Verbose);
        root.Options.Add(HelpText.MakeOption());
        root.Options.Add(new VersionOption { Description = "Show the version." });
        return root;
    }

    // The words were checked before; what is left are values that cannot be read, and things that are missing.
    static string? Fault(ParseResult parsed, Command root) => parsed switch
    {
        { Errors: [] } => null,
        _ when root.Options.OfType<HelpOption>().Any(help => parsed.GetResult(help) is not null) => null,
        { CommandResult.Command: var command } when command == root =>
            $"expected a command: {string.Join(", ", root.Subcommands.Select(sub => sub.Name))}.",
        { Errors: [{ SymbolResult: OptionResult, Message: var message }, ..] } => message,
        { CommandResult.Command: var command } when command.Arguments.Count > 0 =>
            $"{command.Name} needs "
            + $"{string.Join(" and ", command.Arguments.Select(one => one.Name.ToUpperInvariant()))}.",
        { Errors: [var first, ..] } => first.Message,
    };

    static string CommandOf(string[] args, Command root) =>
        args.FirstOrDefault(word => root.Subcommands.Any(sub => sub.Name == word)) is { } name ? " " + name : "";

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

    // Ctrl-C also interrupts system calls of a driver, whose error may arrive before the cancellation.
    static bool WasStopped(Exception e, CancellationToken cancellation) =>
        e is OperationCanceledException || (cancellation.IsCancellationRequested && IsExpected(e));

    // A number that is not finite is the weights' fault and is told by an ArithmeticException. What derives from it, a
    // division by zero or an overflow, is a fault of the program, also where a shape is refused: sizes that come from
    // files and options are compared before.
    static bool IsExpected(Exception e) =>
        e is ArgumentException or FormatException or InvalidDataException or IOException or UnauthorizedAccessException
            or PlatformNotSupportedException or OutOfMemoryException or DeviceException
        || e.GetType() == typeof(ArithmeticException);

    // Threads that work together wrap what one of them throws.
    static Exception CauseOf(Exception e) =>
        e is AggregateException { InnerExceptions: [var first, ..] } ? CauseOf(first) : e;

    // A fault of the program itself is told by its type: the message alone was not written for the reader.
    static string LineOf(Exception e, string command) => IsExpected(e)
        ? OptionNames.MessageOf(e)
        : $"{(command.Length > 0 ? command.TrimStart() : "the command")} failed with {e.GetType().Name}: {e.Message} "
            + "This is a fault of ratilgpu: give --verbose to see where, and report it.";

    // A message may quote a file: control characters are escaped, and a long message loses its middle, since the path
    // stands at its start and the fault at its end.
    static string OneLine(string message)
    {
        var line = Files.OneLine.Escape(message);
        return line.Length <= MostShown ? line : $"{line[..(MostShown / 2)]} … {line[^(MostShown / 2)..]}";
    }
}

/// <summary>The command line is wrong: a bad value, or options that contradict each other.</summary>
sealed class UsageException(string message) : Exception(message);

/// <summary>How the command was called.</summary>
/// <param name="Args">Its words.</param>
sealed record Call(ValueArray<string> Args)
{
    /// <summary>Gets the version of the program.</summary>
    public static string Version =>
        typeof(Call).Assembly.GetName().Version is { } version ? version.ToString(3) : "";

    /// <summary>Gets the command line, with quotes around words that need them.</summary>
    public string Line => string.Join(' ', Args.Select(Quoted).Prepend("ratilgpu"));

    static string Quoted(string word) =>
        word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:,=+@%".Contains(letter))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
