using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>A trace or a flow as a page of several has it.</summary>
interface IPathView
{
    /// <summary>Gets the tokens of the prompt.</summary>
    ValueArray<TokenText> Tokens { get; }

    /// <summary>Gets how many of them were not generated.</summary>
    int PromptLength { get; }

    /// <summary>Gets 1 for a token and 0 for padding, <c>[tokens]</c>; null for no padding.</summary>
    IEnumerable<int>? Mask { get; }

    /// <summary>Gets the facts at the top of the page, in reading order.</summary>
    ImmutableArray<(string Name, string Value)> Facts { get; }

    /// <summary>Gets what the reader must know.</summary>
    ValueArray<string> Notices { get; }

    /// <summary>Writes the members that depend on more than the prompt.</summary>
    void WriteMembers(Utf8JsonWriter json);

    /// <summary>Returns the file that the page exports.</summary>
    string Exported();
}
