namespace RatIlgpu.Cli.Options;

/// <summary>Checks the words of a command line before the parser reads them, and brings them to one form: an option is
/// followed by its value as a word of its own.</summary>
/// <remarks>The parser alone would take an option that stands where a value is expected for the value, and would refuse
/// an empty value after an equals sign.</remarks>
sealed class Arguments
{
    readonly Command root;
    readonly List<string> words = [];
    readonly HashSet<Option> given = [];
    readonly List<string> texts = [];
    Command command;
    bool asksForVersion;

    Arguments(Command root) => command = this.root = root;

    /// <summary>Returns the words for the parser.</summary>
    /// <exception cref="UsageException">A word is no command, option or value that can stand there.</exception>
    public static string[] Check(Command root, string[] args)
    {
        var arguments = new Arguments(root);
        arguments.Read(args);
        if (arguments.asksForVersion)
            return ["--version"];
        // Behind two dashes the parser takes no text for an option.
        return arguments.texts.Count == 0 ? [.. arguments.words] : [.. arguments.words, "--", .. arguments.texts];
    }

    void Read(string[] args)
    {
        if (args is ["help", .. var asked])
            args = [.. asked is ["help"] ? [] : asked, "--help"];
        // Switches of the whole program may stand before the command.
        var next = 0;
        while (next < args.Length && IsOption(args[next]))
            next = Option(args, next);
        if (next < args.Length && args[next] != "--")
            Enter(args[next++]);
        if (command != root && next < args.Length && command.Subcommands.Any(sub => sub.Name == args[next]))
            Enter(args[next++]);
        while (next < args.Length)
            if (args[next] is "--")
            {
                foreach (var text in args[(next + 1)..])
                    Text(text);
                break;
            }
            else if (IsOption(args[next]))
                next = Option(args, next);
            else
                Text(args[next++]);
    }

    void Enter(string name)
    {
        var names = command.Subcommands.Select(sub => sub.Name).ToList();
        words.Insert(command == root ? 0 : 1, name);
        command = command.Subcommands.FirstOrDefault(sub => sub.Name == name)
            ?? throw new UsageException(
                $"there is no command {OneLine.Quote(name)}{Suggestion.For(name, names) switch
                {
                    "" => $", expected {string.Join(", ", names)}.",
                    var hint => hint,
                }}");
    }

    // Adds an option and its value; returns the place of the next word.
    int Option(string[] args, int at)
    {
        var word = args[at];
        var end = word.IndexOfAny(['=', ':']);
        var name = Modern(end < 0 ? word : word[..end]);
        var attached = end < 0 ? null : word[(end + 1)..];
        var option = Options.FirstOrDefault(one => one.Name == name || one.Aliases.Contains(name))
            ?? throw Unknown(end < 0 ? word : word[..end]);
        if (!given.Add(option))
            throw new UsageException($"{option.Name} is given twice; give it once.");
        asksForVersion |= option is VersionOption;
        words.Add(name);
        if (option.Arity.MaximumNumberOfValues == 0 || option is not CliOption)
            return attached is null
                ? at + 1
                : throw new UsageException($"{option.Name} is a switch and has no value; found {OneLine.Quote(word)}.");
        if (attached is not null)
        {
            // The parser would take a value that starts with a dash for an option if it stands alone, and refuse an
            // empty one that is attached.
            if (attached.StartsWith('-'))
                words[^1] = $"{name}={attached}";
            else
                words.Add(attached);
            return at + 1;
        }

        if (at + 1 == args.Length)
            throw new UsageException($"{option.Name} needs a value: {option.HelpName}.");
        var value = args[at + 1];
        if (IsOption(value) || value == "--")
            throw new UsageException(
                $"{option.Name} needs a value: {option.HelpName}; found {OneLine.Quote(value)}. A value that starts "
                + $"with a dash goes after an equals sign: {option.Name}={OneLine.Shorten(value)}");
        words.Add(value);
        return at + 2;
    }

    IEnumerable<Option> Options => command == root ? root.Options : [.. command.Options, .. root.Options];

    bool TakesText => command is TerminalCommand { TakesPrompt: true };

    // The spellings of the original tracer.
    string Modern(string name) =>
        command is TerminalCommand { OldNames: var aliases } && aliases.TryGetValue(name, out var modern)
            ? modern
            : name;

    UsageException Unknown(string name)
    {
        var names = Options.Where(option => !option.Hidden).Select(option => option.Name);
        var hint = Suggestion.For(name, names);
        var text = TakesText ? " A text that starts with a dash goes after --, or to --text=." : "";
        var place = command == root ? " Options of a command go behind its name." : "";
        return new($"there is no option {OneLine.Shorten(name)}{(hint.Length > 0 ? hint : ".")}{text}{place}");
    }

    void Text(string text)
    {
        texts.Add(text);
        var most = command.Arguments.Sum(argument => argument.Arity.MaximumNumberOfValues);
        if (texts.Count <= most)
            return;
        if (command == root)
            throw new UsageException($"{OneLine.Quote(text)} is no command.");
        if (command.Subcommands.Count > 0)
            throw new UsageException(
                $"there is no command '{command.Name} {OneLine.Shorten(text)}', expected "
                + $"{string.Join(", ", command.Subcommands.Select(sub => sub.Name))} behind {command.Name}, or none.");
        if (TakesText && words.Count > 0 && words[^1].EndsWith(',') && words.Count > 1)
            throw new UsageException(
                $"{OneLine.Quote(text)} is too much: a list has no blank after its commas, as in "
                + $"{OneLine.Shorten(words[^1] + texts[0])}.");
        var pair = command.Options.Any(option => option.Name == "--corrupted")
            ? " The corrupted prompt goes to --corrupted."
            : "";
        throw new UsageException(TakesText
            ? $"{OneLine.Quote(text)} stands behind the prompt; quote the prompt: "
                + $"\"{OneLine.Shorten(string.Join(' ', texts))} …\"{(pair.Length > 0 ? "." : "")}{pair}"
            : $"{OneLine.Quote(text)} is too much: {command.Name} takes "
                + $"{(most == 0 ? "no argument" : string.Join(" and ", command.Arguments.Select(one => one.Name)))}.");
    }

    // A number, a range, one dash (standard input or output) and a text with spaces are values; the value after an
    // equals sign may have spaces.
    static bool IsOption(string word)
    {
        var end = word.IndexOfAny(['=', ':']);
        var name = end < 0 ? word : word[..end];
        return name is ['-', _, ..] && name != "--" && !char.IsAsciiDigit(name[1]) && name[1] is not ('.' or ',')
            && !name.Any(char.IsWhiteSpace);
    }
}
