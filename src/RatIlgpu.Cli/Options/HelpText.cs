using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RatIlgpu.Cli.Options;

/// <summary>Writes the help of a command: its use, its options under headings, and examples.</summary>
sealed class HelpText : SynchronousCommandLineAction
{
    const int Width = 100, Column = 30;

    /// <summary>Returns the option <c>--help</c>.</summary>
    public static HelpOption MakeOption() => new("--help", "-h")
    {
        Description = "Show this help.",
        Action = new HelpText(),
    };

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var command = parseResult.CommandResult.Command;
        Write(command, parseResult.RootCommandResult.Command, parseResult.InvocationConfiguration.Output);
        return 0;
    }

    static void Write(Command command, Command root, TextWriter output)
    {
        Paragraph(command.Description ?? "", 0, output);
        output.WriteLine();
        var name = root.Name + PathOf(command, root);
        var arguments = string.Concat(command.Arguments.Select(Usage));
        output.WriteLine(command == root ? $"Usage: {name} COMMAND [options]" : $"Usage: {name}{arguments} [options]");
        if (command == root)
        {
            WriteCommands(root, output);
            output.WriteLine();
            output.WriteLine("'ratilgpu help COMMAND' explains a command.");
        }
        else if (command.Subcommands.Count > 0)
            WriteCommands(command, output);
        WriteOptions(command, root, output);
        if (command is not TerminalCommand { Examples: var examples })
            return;
        output.WriteLine();
        output.WriteLine("Examples:");
        foreach (var (what, line) in examples)
        {
            output.WriteLine($"  {what}");
            output.WriteLine($"    {name} {line}".TrimEnd());
        }
    }

    static string Usage(Argument argument)
    {
        var name = argument.Name.ToUpperInvariant();
        if (argument.Arity.MaximumNumberOfValues > 1)
            name += " …";
        return argument.Arity.MinimumNumberOfValues == 0 ? $" [{name}]" : $" {name}";
    }

    /// <summary>Returns the words that name a command, each with a blank before it.</summary>
    public static string PathOf(Command command, Command root) => command == root
        ? ""
        : $"{command.Parents.OfType<Command>().Select(parent => PathOf(parent, root)).FirstOrDefault()} {command.Name}";

    static void WriteCommands(Command parent, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine("Commands:");
        foreach (var sub in parent.Subcommands)
            Entry(sub.Name, sub.Description ?? "", output);
    }

    static void WriteOptions(Command command, Command root, TextWriter output)
    {
        var options = (command == root ? root.Options : [.. command.Options, .. root.Options])
            .Where(option => !option.Hidden)
            .GroupBy(option => option is CliOption own ? own.Group : OptionGroup.Other)
            .OrderBy(group => group.Key).ToDictionary(group => group.Key);
        var isPrompt = command is TerminalCommand { TakesPrompt: true };
        if (command.Arguments.Count > 0 && !isPrompt)
        {
            output.WriteLine();
            WriteArguments(command, output);
        }

        foreach (var (group, members) in options)
        {
            output.WriteLine();
            output.WriteLine($"{HeadingOf(group)}:");
            if (group == OptionGroup.Prompt && isPrompt)
                WriteArguments(command, output);
            foreach (var option in members)
                Entry(NameOf(option, command), DescriptionOf(option, command), output);
        }
    }

    static string HeadingOf(OptionGroup group) => group switch
    {
        OptionGroup.Choice => "Where to look",
        OptionGroup.Metric => "What is explained",
        OptionGroup.Analysis => "How",
        OptionGroup.Timing => "What is timed",
        _ => group.ToString(),
    };

    static void WriteArguments(Command command, TextWriter output)
    {
        foreach (var argument in command.Arguments)
            Entry(argument.Name.ToUpperInvariant(), argument.Description ?? "", output);
    }

    static (string Value, string Text) HelpOf(Option option, Command command) =>
        command is TerminalCommand { OwnHelp: var own } && own.TryGetValue(option, out var given)
            ? given
            : (option is CliOption ? option.HelpName ?? "" : "", option.Description ?? "");

    static string NameOf(Option option, Command command)
    {
        var names = option.Aliases.Order(StringComparer.Ordinal).Where(alias => alias.Length == 2).Append(option.Name);
        var value = HelpOf(option, command).Value;
        return string.Join(", ", names) + (value.Length > 0 ? " " + value : "");
    }

    static string DescriptionOf(Option option, Command command)
    {
        const string Introduction = " Default: ";
        var text = HelpOf(option, command).Text;
        if (command is TerminalCommand own && own.OldNames.FirstOrDefault(pair => pair.Value == option.Name) is
            { Key: { } old })
            text += $" Also {old}, as the original tracer spells it.";
        var initial = command is TerminalCommand { Defaults: var defaults } && defaults.TryGetValue(option, out var of)
            ? of
            : (option as CliOption)?.Default;
        if (initial is null)
            return text;
        // A command's own default stands in place of that in the description.
        var end = text.IndexOf(Introduction, StringComparison.Ordinal);
        return $"{(end < 0 ? text : text[..end])}{Introduction}{initial}.";
    }

    static void Entry(string name, string description, TextWriter output)
    {
        var lines = Wrap(description, Width - Column).ToList();
        var head = $"  {name}";
        if (head.Length > Column - 2)
            output.WriteLine(head);
        else
            output.WriteLine((head.PadRight(Column) + lines.FirstOrDefault()).TrimEnd());
        foreach (var line in head.Length > Column - 2 ? lines : lines.Skip(1))
            output.WriteLine(new string(' ', Column) + line);
    }

    static void Paragraph(string text, int indent, TextWriter output)
    {
        foreach (var line in Wrap(text, Width - indent))
            output.WriteLine(new string(' ', indent) + line);
    }

    static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }
}
