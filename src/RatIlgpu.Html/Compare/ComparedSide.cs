using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>One of two compared results, as their page shows it.</summary>
sealed record ComparedSide
{
    /// <summary>Gets the tokens.</summary>
    public required ImmutableArray<TokenText> Tokens { get; init; }

    /// <summary>Gets the facts at the top.</summary>
    public required ImmutableArray<(string Name, string Value)> Facts { get; init; }

    /// <summary>Gets the notices.</summary>
    public required ImmutableArray<string> Notices { get; init; }

    /// <summary>Gets why there is no path to draw; null if there is one.</summary>
    public required string? WhyEmpty { get; init; }

    /// <summary>Gets what made the result; null if unknown.</summary>
    public required (string Program, string Command)? Origin { get; init; }

    /// <summary>Gets what the diagram shows, such as <c>5 attention paths into position 13</c>.</summary>
    public required string Diagram { get; init; }

    /// <summary>Gets what writes the tokens of a path, the earliest first.</summary>
    public required Action<HtmlWriter, int> WriteRoute { get; init; }

    /// <summary>Gets the function that returns the later and the earlier position of a link, and its layer if links
    /// have one.</summary>
    public required Func<int, (int Query, int Key, int? Layer)> EndsOf { get; init; }

    /// <summary>Gets what writes the data for the script.</summary>
    public required Action<Utf8JsonWriter> WriteJson { get; init; }

    /// <summary>Gets the function that returns the diagram for a static figure.</summary>
    public required Func<SideDrawing> Draw { get; init; }
}

/// <summary>The diagram of one of two results, for a static figure.</summary>
/// <param name="Width">The width, in pixels.</param>
/// <param name="Height">The height, in pixels.</param>
/// <param name="WriteTo">Draws it at a place of a figure.</param>
sealed record SideDrawing(double Width, double Height, Action<SvgFigure, double, double> WriteTo);

/// <summary>The words of the page of two results of one kind.</summary>
sealed record CompareWords
{
    /// <summary>Gets the word for both results, such as <c>traces</c>.</summary>
    public required string Both { get; init; }

    /// <summary>Gets the title of a page whose results have none.</summary>
    public required string Title { get; init; }

    /// <summary>Gets the word for a link, such as <c>Link</c>.</summary>
    public required string Link { get; init; }

    /// <summary>Gets the headings of the ends of a link: the later, and the earlier.</summary>
    public required (string Later, string Earlier) Ends { get; init; }

    /// <summary>Gets the parts of the sentence about the width of ribbons.</summary>
    public required ImmutableArray<string> Widths { get; init; }

    /// <summary>Gets the parts of the sentence about the direction of the diagrams.</summary>
    public required ImmutableArray<string> Reading { get; init; }

    /// <summary>Gets the explanations of the help.</summary>
    public required ImmutableArray<(string What, string Meaning)> Meanings { get; init; }

    /// <summary>Gets whether the diagrams can have other columns.</summary>
    public required bool HasColumns { get; init; }

    /// <summary>Gets the word for what Enter selects and arrows move between in a diagram.</summary>
    public required string Stops { get; init; }
}
