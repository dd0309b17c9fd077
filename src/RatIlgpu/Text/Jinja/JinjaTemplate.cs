namespace RatIlgpu.Text;

/// <summary>A program in the part of Jinja2 that chat templates use, with the settings of Hugging Face.</summary>
/// <remarks>The language is that of Jinja2 3.1 (https://jinja.palletsprojects.com/en/stable/templates/) in its sandbox,
/// with <c>trim_blocks</c>, <c>lstrip_blocks</c>, loop controls, and Hugging Face's <c>generation</c>, <c>tojson</c>,
/// <c>raise_exception</c> and <c>strftime_now</c>. What is not known here is refused by name.</remarks>
sealed class JinjaTemplate
{
    /// <summary>The most characters of a template; the longest published ones have some 30,000.</summary>
    public const int MostCharacters = 1 << 18;

    // Published templates copy a message some five times: cut, stripped, joined.
    const int CopiesOfInput = 32;

    readonly ScopedBody body;

    JinjaTemplate(ScopedBody body) => this.body = body;

    /// <summary>Reads a template.</summary>
    /// <exception cref="TemplateException">The template is too long, not well-formed, or has a construct that is not
    /// known here.</exception>
    public static JinjaTemplate Parse(string source) => source.Length <= MostCharacters
        ? new(StatementParser.Read(source))
        : throw new TemplateException(1, FormattableString.Invariant(
            $"the template has {source.Length:N0} characters, expected at most {MostCharacters:N0}"));

    /// <summary>Renders the template.</summary>
    /// <param name="inputLength">How many characters the variables have; long ones may be copied more.</param>
    /// <param name="clock">The clock of <c>strftime_now</c>.</param>
    /// <param name="variables">Makes the variables.</param>
    /// <exception cref="TemplateException">It cannot be rendered, or takes more than it may.</exception>
    public string Render(
        long inputLength, TimeProvider clock, Func<TemplateRun, IEnumerable<(string Name, object? Value)>> variables)
    {
        var run = new TemplateRun(clock, MostMade + CopiesOfInput * inputLength);
        var scope = new TemplateScope(null);
        foreach (var (name, value) in variables(run))
            scope.Set(name, value);
        return new StatementRenderer(run).Render(body, scope);
    }

    const long MostMade = 4 << 20;
}
