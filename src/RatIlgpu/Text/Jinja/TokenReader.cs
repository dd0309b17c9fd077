using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Reads tokens one after the other, and bounds how deep they are nested.</summary>
sealed class TokenReader(List<TemplateToken> tokens)
{
    // Published templates nest 20 deep, and join some 30 operands.
    const int MostNested = 200;

    int next;

    /// <summary>Gets or sets how deep the reader is in nested constructs.</summary>
    public int Depth { get; set; }

    /// <summary>Gets the token that is read next.</summary>
    public TemplateToken Current => tokens[next];

    /// <summary>Gets the token behind it.</summary>
    public TemplateToken Following => tokens[Math.Min(next + 1, tokens.Count - 1)];

    /// <summary>Goes one construct deeper.</summary>
    /// <exception cref="TemplateException">That is too deep.</exception>
    public void Deepen()
    {
        if (++Depth > MostNested)
            throw new TemplateException(Current.Line, $"more than {MostNested} constructs lie in each other");
    }

    /// <summary>Tells whether the next token is this operator.</summary>
    public bool IsOperator(string text) => Current.Kind == TokenKind.Operator && Current.Text == text;

    /// <summary>Tells whether the next token is this name.</summary>
    public bool IsName(string text) => Current.Kind == TokenKind.Name && Current.Text == text;

    /// <summary>Reads a token.</summary>
    public TemplateToken Take()
    {
        var token = Current;
        next = Math.Min(next + 1, tokens.Count - 1);
        return token;
    }

    /// <summary>Reads an operator if it is next.</summary>
    public bool Skip(string text)
    {
        var isThere = IsOperator(text);
        if (isThere)
            Take();
        return isThere;
    }

    /// <summary>Reads a name if it is next.</summary>
    public bool SkipName(string text)
    {
        var isThere = IsName(text);
        if (isThere)
            Take();
        return isThere;
    }

    /// <summary>Reads an operator that must be next.</summary>
    /// <exception cref="TemplateException">Another token is next.</exception>
    public void Need(string text)
    {
        if (!Skip(text))
            throw Unexpected($"'{text}'");
    }

    /// <summary>Reads a token of a kind that must be next.</summary>
    /// <exception cref="TemplateException">Another token is next.</exception>
    public TemplateToken Need(TokenKind kind, string expected) =>
        Current.Kind == kind ? Take() : throw Unexpected(expected);

    /// <summary>Returns the exception that says that the next token is not the expected one.</summary>
    public TemplateException Unexpected(string expected) =>
        new(Current.Line, $"found {Current.Shown}, expected {expected}");

    /// <summary>Makes the exception for a construct that this interpreter does not know.</summary>
    public static TemplateException Unknown(TemplateToken token, string kind) =>
        TemplateException.Unknown(token.Line, $"{kind} {OneLine.Quote(token.Text)}");
}
