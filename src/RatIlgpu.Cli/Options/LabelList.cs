using RatIlgpu.Cli.Prompts;

namespace RatIlgpu.Cli.Options;

/// <summary>Names of prompts: given with commas between, or in a file.</summary>
/// <param name="Names">The names; empty where a file has them.</param>
/// <param name="File">The file; null where the names are given.</param>
sealed record LabelList(ValueArray<string> Names, string? File)
{
    // A label a line; a page of more prompts is too large long before.
    const int MostBytes = 1 << 24;

    /// <summary>Reads names with commas between, or <c>@FILE</c>.</summary>
    /// <exception cref="FormatException">There is no name.</exception>
    public static LabelList Parse(string text) => text switch
    {
        "" => throw new FormatException("is empty, expected names with commas between, or @FILE."),
        ['@', .. var file] => file.Length > 0
            ? new([], file)
            : throw new FormatException("is @, expected the name of a file behind it."),
        _ => new([.. text.Split(',')], null),
    };

    /// <summary>Returns a name for each prompt.</summary>
    /// <param name="count">The number of prompts.</param>
    /// <exception cref="ArgumentException">There are more or fewer names.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The file is too large or no text.</exception>
    public ImmutableArray<string> For(int count)
    {
        ImmutableArray<string> names = File is null ? Names : Lines(File);
        return names.Length == count
            ? names
            : throw new ArgumentException(
                $"{File ?? "--labels"}: {names.Length} label{(names.Length == 1 ? "" : "s")}, expected {count}, one "
                + "for each prompt.");
    }

    static ImmutableArray<string> Lines(string file)
    {
        var text = PromptText.Decode(InputFile.Read(file, MostBytes), file);
        return [.. text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')];
    }
}
