namespace RatIlgpu.Text;

/// <summary>A rendering in progress: its clock, the place it has reached, and what it may still use.</summary>
/// <param name="clock">The clock of <c>strftime_now</c>.</param>
/// <param name="mostCharacters">How many characters it may make, in texts that it keeps and in those that it
/// drops.</param>
sealed class TemplateRun(TimeProvider clock, long mostCharacters)
{
    /// <summary>How many steps a rendering may take: the long published templates take some 100 for each message.
    /// </summary>
    public const int MostSteps = 1_000_000;

    // Expressions, statements and macros within each other; a template of the largest size that calls no macro has
    // some 500.
    const int MostNested = 1_000;

    // A step takes about as long as reading so many characters.
    const int CharactersOfStep = 64;

    // So many characters are compared in about the time in which a search looks at one place.
    const int CharactersOfSearch = 1_024;

    int steps;
    long characters;
    int nested;

    /// <summary>Gets the clock.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Gets or sets the line of the template that is rendered.</summary>
    public int Line { get; set; } = 1;

    /// <summary>Counts steps.</summary>
    /// <exception cref="TemplateException">There are too many.</exception>
    public void Step(long count = 1)
    {
        if (count > MostSteps - steps)
            throw Fault(FormattableString.Invariant($"rendering takes more than {MostSteps:N0} steps"));
        steps += (int)count;
    }

    /// <summary>Counts the reading of a text from one end to the other.</summary>
    /// <exception cref="TemplateException">There are too many steps.</exception>
    public void Scan(string text) => Step(text.Length / CharactersOfStep);

    /// <summary>Counts the search for a part in a text, which at worst compares much of the part at every place of the
    /// text.</summary>
    /// <exception cref="TemplateException">There are too many steps.</exception>
    public void Seek(string text, string part) =>
        Step(text.Length / CharactersOfStep * (1 + (long)part.Length / CharactersOfSearch));

    /// <summary>Counts the characters of a text that is about to be made.</summary>
    /// <exception cref="TemplateException">There are too many.</exception>
    public void Charge(long count)
    {
        if (count > mostCharacters - characters)
            throw Fault(FormattableString.Invariant($"rendering makes more than {mostCharacters:N0} characters"));
        characters += count;
    }

    /// <summary>Enters an expression or a statement.</summary>
    /// <exception cref="TemplateException">Too many lie in each other.</exception>
    public void Enter()
    {
        Step();
        if (++nested > MostNested || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Fault(FormattableString.Invariant($"more than {MostNested:N0} constructs run in each other"));
    }

    /// <summary>Leaves it.</summary>
    public void Leave() => nested--;

    /// <summary>Makes the exception for a fault at this place.</summary>
    public TemplateException Fault(string fault) => new(Line, fault);

    /// <summary>Makes the exception for a construct that this interpreter does not know.</summary>
    public TemplateException Unknown(string construct) => TemplateException.Unknown(Line, construct);
}
