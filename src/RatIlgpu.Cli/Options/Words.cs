using System.Text;

namespace RatIlgpu.Cli.Options;

/// <summary>Spells the members of an enumeration as the command line does: <c>HeadBySource</c> is
/// <c>head-by-source</c>.</summary>
static class Words
{
    /// <summary>Returns the word of a member.</summary>
    public static string Of<T>(T member)
        where T : struct, Enum => Kebab(member.ToString());

    /// <summary>Returns the words of all members, with commas between.</summary>
    public static string All<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetValues<T>().Select(Of));

    /// <summary>Returns the words of all members as the help shows the value of an option.</summary>
    public static string Choice<T>()
        where T : struct, Enum => string.Join('|', Enum.GetValues<T>().Select(Of));

    /// <summary>Reads the word of a member; numbers are refused.</summary>
    /// <exception cref="FormatException">There is no such member.</exception>
    public static T Read<T>(string text)
        where T : struct, Enum => Read(text, Enum.GetValues<T>());

    /// <summary>Reads the word of one of some members.</summary>
    /// <exception cref="FormatException">It is none of them.</exception>
    public static T Read<T>(string text, params ReadOnlySpan<T> allowed)
        where T : struct, Enum
    {
        foreach (var member in allowed)
            if (Of(member) == text)
                return member;
        var words = string.Join(", ", allowed.ToArray().Select(Of));
        throw new FormatException($"is '{OneLine.Escape(text)}', expected {words}.");
    }

    /// <summary>Returns a name in small letters with dashes between its words.</summary>
    public static string Kebab(string name)
    {
        var word = new StringBuilder();
        foreach (var (i, letter) in name.Index())
        {
            if (i > 0 && char.IsAsciiLetterUpper(letter))
                word.Append('-');
            word.Append(char.ToLowerInvariant(letter));
        }

        return word.ToString();
    }
}
