using System.Text;

namespace RatIlgpu.Analysis;

/// <summary>Short prompts whose last tokens nearly determine what comes next, written for this project.</summary>
/// <remarks>Set phrases, names, code, counting and repetition, in English, code and German. goodfire-ai/spd, pull
/// request 403, has prediction tables of such prompts; these are others.</remarks>
public static class CraftedPrompts
{
    static readonly Lazy<ImmutableArray<CraftedPrompt>> Own = new(() => Parse(Read()));

    /// <summary>Gets the 40 prompts, family by family.</summary>
    public static ImmutableArray<CraftedPrompt> All => Own.Value;

    /// <summary>Reads prompts: one a line, those of a family below a line with a number sign and its name; blank lines
    /// do not count, and <c>\n</c> is a line break.</summary>
    internal static ImmutableArray<CraftedPrompt> Parse(string text)
    {
        var prompts = ImmutableArray.CreateBuilder<CraftedPrompt>();
        var (family, number) = ("", 0);
        foreach (var line in text.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.Length > 0))
            if (line.StartsWith("# ", StringComparison.Ordinal))
                (family, number) = (line[2..], 0);
            else
                prompts.Add(new(family, ++number, line.Replace("\\n", "\n", StringComparison.Ordinal)));
        return prompts.ToImmutable();
    }

    static string Read()
    {
        using var stream = typeof(CraftedPrompts).Assembly.GetManifestResourceStream("prompts.txt")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}

/// <summary>A short prompt.</summary>
/// <param name="Family">What kind of text it is, such as <c>binomials</c>.</param>
/// <param name="Number">Its number in the family, from 1.</param>
/// <param name="Text">The prompt.</param>
public sealed record CraftedPrompt(string Family, int Number, string Text)
{
    /// <summary>Gets the family and the number, such as <c>binomials 2</c>.</summary>
    public string Label => FormattableString.Invariant($"{Family} {Number}");
}
