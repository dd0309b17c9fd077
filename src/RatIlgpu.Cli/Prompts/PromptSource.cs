using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Prompts;

/// <summary>Where a command takes its prompts from.</summary>
sealed class PromptSource
{
    readonly CliOptions options;
    readonly TerminalCommand command;
    readonly PromptKind kind;
    readonly Argument<string?> argument;

    /// <summary>Adds argument and options of the prompt to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="options">The options of all commands.</param>
    /// <param name="kind">What the command does with a prompt.</param>
    public PromptSource(TerminalCommand command, CliOptions options, PromptKind kind)
    {
        (this.command, this.options, this.kind) = (command, options, kind);
        argument = new("text")
        {
            Description = kind switch
            {
                PromptKind.Cut => "The text. Default: all of standard input, its line breaks too.",
                PromptKind.Crafted => "The prompt. Default: standard input, without the line break at its end; the "
                    + "crafted prompts where that is a terminal.",
                PromptKind.Pair => "The clean prompt. Default: standard input, without the line break at its end.",
                PromptKind.Sample => "A prompt, instead of texts of the corpus.",
                _ => "The prompt. Default: standard input, without the line break at its end.",
            },
            Arity = ArgumentArity.ZeroOrOne,
        };
        command.Arguments.Add(argument);
        command.AddAll(options.Text, options.Ids, options.Prompts, options.Chat, options.System);
        if (kind == PromptKind.Pair)
            command.AddAll(options.Clean, options.Corrupted, options.CorruptedIds);
        if (kind == PromptKind.Crafted)
            command.AddAll(options.Crafted);
        if (kind is PromptKind.Run or PromptKind.Pair)
            command.AddAll(options.AttentionMask, options.FromRecording);
    }

    /// <summary>Tells whether a prompt is given on the command line.</summary>
    public bool IsGiven(ParseResult parsed) => Given(parsed).Any();

    /// <summary>Reads which prompts are asked for; standard input and files are read by the function that is
    /// returned.</summary>
    /// <exception cref="UsageException">There is no prompt, or more than one kind.</exception>
    public Func<CancellationToken, ImmutableArray<Prompt>> Prepare(ParseResult parsed, Terminal terminal)
    {
        var given = Given(parsed).ToList();
        if (given.Count > 1)
            throw new UsageException(
                $"the prompt is given twice, {given[0].How} and {given[1].How}; give it once.");
        CheckCombinations(parsed);
        if (given.Count == 0 && kind == PromptKind.Sample)
            return _ => [];
        if (given.Count == 0 && !terminal.IsInputPiped && kind != PromptKind.Crafted)
            throw new UsageException(
                "there is no prompt: give it as an argument, with --text, --ids or --prompts, or on standard input.");
        var (chat, mask) = (parsed.Get(options.Chat), parsed.Get(options.AttentionMask));
        if (kind != PromptKind.Cut && !chat && given is [{ Prompt: { Text: "" } }])
            throw new UsageException("the prompt is empty, expected at least one token.");
        var (pair, system) = (PairOf(parsed), parsed.Get(options.System));
        var folder = parsed.Get(options.Model) ?? DemoModel.Folder;
        return cancellation =>
        {
            if (parsed.Has(options.FromRecording))
                return Recorded(
                    parsed.Get(options.FromRecording), parsed.Has(options.Position) || parsed.Has(options.Query));
            var chats = chat ? ChatPrompts.Load(folder, system) : null;
            return
            [
                .. Read(parsed, given, terminal, cancellation)
                    .Select(prompt => prompt with { AttentionMask = prompt.AttentionMask ?? mask })
                    .Select(prompt => Complete(prompt, pair, chats)),
            ];
        };
    }

    ImmutableArray<Prompt> Read(
        ParseResult parsed,
        List<(string How, Prompt? Prompt)> given,
        Terminal terminal,
        CancellationToken cancellation) => parsed.Get(options.Prompts) switch
        {
            _ when parsed.Get(options.Crafted) || (given.Count == 0 && !terminal.IsInputPiped) =>
                [.. CraftedPrompts.All.Select(prompt => new Prompt(prompt.Text, prompt.Label))],
            "-" => PromptFile.Parse(terminal.ReadInput(cancellation), "standard input"),
            { } path => PromptFile.Read(path),
            null when given is [{ Prompt: { } prompt }] => [prompt],
            null => [new(Trimmed(terminal.ReadInput(cancellation)), "standard input")],
        };

    IEnumerable<(string How, Prompt? Prompt)> Given(ParseResult parsed)
    {
        if (parsed.GetResult(argument)?.Tokens is [var token])
            yield return ("as an argument", new(PromptText.Unmarked(token.Value), "the prompt"));
        foreach (var option in (CliOption<string?>[])[options.Text, options.Clean])
            if (command.Options.Contains(option) && parsed.Get(option) is { } text)
                yield return ($"with {option.Name}", new(PromptText.Unmarked(text), option.Name));
        if (parsed.Has(options.Ids))
            yield return ("with --ids", new(null, "--ids") { Ids = parsed.Get(options.Ids) });
        foreach (var option in (Option[])[options.Prompts, options.FromRecording, options.Crafted])
            if (parsed.Has(option))
                yield return ($"with {option.Name}", null);
    }

    void CheckCombinations(ParseResult parsed)
    {
        var (isBatch, isRecorded) = (parsed.Has(options.Prompts), parsed.Has(options.FromRecording));
        if (parsed.Has(options.Chat) && (parsed.Has(options.Ids) || parsed.Has(options.CorruptedIds) || isRecorded))
            throw new UsageException(
                "--chat wraps a text; --ids, --corrupted-ids and --from-recording give tokens as they are.");
        if (parsed.Has(options.System) && !parsed.Has(options.Chat))
            throw new UsageException("--system gives the system message of a chat; give --chat with it.");
        if (parsed.Has(options.AttentionMask) && (isBatch || isRecorded))
            throw new UsageException(
                "--attention-mask is for one prompt that runs, not for several or for recordings.");
        if (kind != PromptKind.Pair)
            return;
        var (hasText, hasIds) = (parsed.Has(options.Corrupted), parsed.Has(options.CorruptedIds));
        if (hasText && hasIds)
            throw new UsageException("the corrupted prompt is given twice, with --corrupted and --corrupted-ids.");
        if ((isBatch || isRecorded) && (hasText || hasIds))
            throw new UsageException(
                "with --prompts or --from-recording every pair has its own corrupted prompt; leave --corrupted out.");
        if (!isBatch && !isRecorded && !hasText && !hasIds)
            throw new UsageException("there is no corrupted prompt: give it with --corrupted or --corrupted-ids.");
        if (parsed.Get(options.Corrupted) is { } text && !parsed.Has(options.Chat)
            && PromptText.Unmarked(text).Length == 0)
            throw new UsageException("--corrupted is empty, expected a prompt.");
        if (isRecorded && parsed.Get(options.FromRecording).Length % 2 != 0)
            throw new UsageException(
                "--from-recording needs two files for each pair, the clean run and the corrupted.");
    }

    Prompt? PairOf(ParseResult parsed) => kind != PromptKind.Pair ? null
        : parsed.Get(options.Corrupted) is { } text ? new(PromptText.Unmarked(text), "--corrupted")
        : parsed.Has(options.CorruptedIds)
            ? new(null, "--corrupted-ids") { Ids = parsed.Get(options.CorruptedIds) }
            : null;

    // A recording keeps its positions; those of the command line come before them.
    ImmutableArray<Prompt> Recorded(ImmutableArray<string> files, bool isPositioned)
    {
        var prompts = files.Select(file =>
        {
            var run = RecordingFiles.Load(file);
            return new Prompt(null, file)
            {
                Ids = [.. run.TokenIds],
                AttentionMask = run.AttentionMask,
                Position = isPositioned || run.AskedPositions.IsEmpty ? null : Selection.Of(run.AskedPositions),
                Recording = run,
            };
        }).ToList();
        return kind == PromptKind.Pair
            ? [.. prompts.Chunk(2).Select(pair => pair[0] with { Corrupted = pair[1] })]
            : [.. prompts];
    }

    Prompt Complete(Prompt prompt, Prompt? pair, ChatPrompts? chats)
    {
        // One file of prompts serves all commands: what one of them has no use for is left out.
        prompt = prompt with { Corrupted = kind == PromptKind.Pair ? prompt.Corrupted ?? pair : null };
        if (kind == PromptKind.Pair && prompt.Corrupted is null)
            throw new InvalidDataException($"{prompt.Where}: has no corrupted prompt, expected the key corrupted.");
        if (chats is null && prompt.System is not null)
            throw new InvalidDataException(
                $"{prompt.Where}: has the key system, which means something with --chat only.");
        return chats?.Of(prompt) ?? prompt;
    }

    string Trimmed(string text) => kind == PromptKind.Cut ? text
        : text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2]
        : text.EndsWith('\n') || text.EndsWith('\r') ? text[..^1]
        : text;
}

/// <summary>What a command does with a prompt.</summary>
enum PromptKind
{
    /// <summary>Cuts it into tokens.</summary>
    Cut,

    /// <summary>Runs it.</summary>
    Run,

    /// <summary>Runs it in branches, without padding; there are crafted prompts to run.</summary>
    Crafted,

    /// <summary>Runs it beside a corrupted one.</summary>
    Pair,

    /// <summary>Runs it in place of a text of the corpus; there may be none.</summary>
    Sample,
}
