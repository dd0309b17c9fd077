using RatIlgpu.Cli.Options;
using RatIlgpu.Html;

namespace RatIlgpu.Cli;

/// <summary>The page of an analysis, which is written where <c>--output</c> or <c>--open-browser</c> asks for
/// one.</summary>
sealed class PageOutput
{
    readonly string name;
    readonly string path;
    readonly bool opens, isNamed;
    OutputFolder? folder;

    PageOutput(string name, string path, bool isNamed, bool opens) =>
        (this.name, this.path, this.isNamed, this.opens) = (name, path, isNamed, opens);

    /// <summary>Gets whether a page is asked for.</summary>
    public bool IsAsked => opens || isNamed;

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">The options of all commands.</param>
    /// <param name="name">The name of the page in its folder.</param>
    /// <exception cref="UsageException">An option is about a page, and none is asked for.</exception>
    public static PageOutput Read(ParseResult parsed, CliOptions options, string name)
    {
        var opens = parsed.Get(options.OpenBrowser);
        var isNamed = parsed.Has(options.Output);
        var isAsked = opens || isNamed;
        parsed.Need(isAsked, "--output", options.HelpText, options.MaxBytes);
        var drawn = parsed.CommandResult.Command.Options.Contains(options.Svg);
        parsed.Need(isAsked || parsed.Has(options.Svg), drawn ? "--output or --svg" : "--output", options.Theme);
        // A title is also kept in the JSON.
        parsed.Need(
            isAsked || parsed.Has(options.Svg) || parsed.Has(options.Json),
            drawn ? "--output, --svg or --json" : "--output or --json", options.Title);
        return new(name, parsed.Get(options.Output)!, isNamed, opens);
    }

    /// <summary>Checks, before anything is computed, that the page can be written if one is asked for.</summary>
    /// <exception cref="IOException">It cannot.</exception>
    public void Try() => folder = IsAsked ? OutputFolder.For(path, name) : null;

    /// <summary>Writes the page if it was asked for, says where, and opens it if that was asked for.</summary>
    /// <param name="page">Returns the page.</param>
    /// <param name="session">The session.</param>
    public void Write(Func<HtmlPage> page, Session session) =>
        Write(page, session.Report, session.Terminal, session.Cancellation);

    /// <summary>Writes the page if it was asked for, says where, and opens it if that was asked for.</summary>
    /// <param name="page">Returns the page.</param>
    /// <param name="report">Where it is said.</param>
    /// <param name="terminal">Where it is said if no browser opens, or if there is no report.</param>
    /// <param name="cancellation">Stops before the page is written.</param>
    public void Write(Func<HtmlPage> page, TextWriter report, Terminal terminal, CancellationToken cancellation)
    {
        if (folder is null)
            return;
        var html = Abandonable.Run(cancellation, page);
        var file = folder.Write(name, html.Write);
        Say(file, isNamed, report, terminal.Error);
        if (opens)
            Browser.Open(file, terminal.Error);
    }

    /// <summary>Says where a page is. Where JSON takes the place of the report, a folder that nobody named is told on
    /// standard error.</summary>
    internal static void Say(string file, bool isNamed, TextWriter report, TextWriter error)
    {
        report.WriteLine();
        report.WriteLine($"Wrote {OneLine.Escape(file)}");
        if (report == TextWriter.Null && !isNamed)
            error.WriteLine($"ratilgpu: note: wrote {OneLine.Escape(file)}");
    }
}
