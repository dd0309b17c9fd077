namespace RatIlgpu.Text;

/// <summary>A token of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The text between tags, the name, the operator, or the string without its quotes.</param>
/// <param name="Line">The line on which it starts, from 1.</param>
/// <param name="Number">The value of a number: a <see cref="long"/> or a <see cref="double"/>.</param>
readonly record struct TemplateToken(TokenKind Kind, string Text, int Line, object? Number = null)
{
    /// <summary>Gets the token as a message names it.</summary>
    public string Shown => Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.Data => "text",
        _ => Files.OneLine.Quote(Text),
    };
}

/// <summary>What a token is.</summary>
enum TokenKind
{
    /// <summary>Text between tags.</summary>
    Data,

    /// <summary><c>{%</c>.</summary>
    BlockBegin,

    /// <summary><c>%}</c>.</summary>
    BlockEnd,

    /// <summary><c>{{</c>.</summary>
    PrintBegin,

    /// <summary><c>}}</c>.</summary>
    PrintEnd,

    /// <summary>A name or a keyword.</summary>
    Name,

    /// <summary>A string.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>An operator, bracket or comma.</summary>
    Operator,

    /// <summary>The end of the template.</summary>
    End,
}
