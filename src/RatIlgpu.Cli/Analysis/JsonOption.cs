using System.CommandLine;
using RatIlgpu.Files;

namespace RatIlgpu.Cli.Analysis;

/// <summary>The option that asks for the whole result as a file.</summary>
sealed class JsonOption
{
    public Option<string?> Option { get; } = new("--json")
    {
        Description = "Write the whole result to this file; its form is told in docs/analysis.md.",
        HelpName = "file",
    };

    /// <summary>Writes the file, if one was asked for, and says so.</summary>
    public static void Write(OutputFile? file, Action<string> save, TextWriter output)
    {
        if (file is null)
            return;
        save(file.Path);
        output.WriteLine();
        output.WriteLine($"Wrote {OneLine.Escape(file.Path)}");
    }

    /// <summary>Returns the file; null where none was asked for.</summary>
    public OutputFile? Read(ParseResult parsed) => OutputFile.For(parsed.GetValue(Option));
}
