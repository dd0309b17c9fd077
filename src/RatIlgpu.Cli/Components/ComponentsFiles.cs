using System.Text;
using RatIlgpu.Cli.Options;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Components;

/// <summary>The page and the Markdown file of a report, and its figure: all are made before the first is
/// written.</summary>
sealed class ComponentsFiles
{
    /// <summary>The names of the files.</summary>
    public static readonly ImmutableArray<string> Names = ["components.html", "components.md"];

    readonly string path;
    readonly ComponentsPageOptions look;
    readonly SvgOutput svg;
    readonly bool opens;
    OutputFolder? folder;

    ComponentsFiles(string path, ComponentsPageOptions look, SvgOutput svg, bool opens) =>
        (this.path, this.look, this.svg, this.opens) = (path, look, svg, opens);

    /// <summary>Reads the options.</summary>
    public static ComponentsFiles Read(ParseResult parsed, CliOptions options) => new(
        parsed.Get(options.Output)!,
        PageLook.Of<ComponentsPageOptions>(parsed, options),
        SvgOutput.Read(parsed, options),
        parsed.Get(options.OpenBrowser));

    /// <summary>Checks, before anything is computed, that the files can be written.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    public void Try()
    {
        folder = OutputFolder.For(path, Names.AsSpan());
        svg.Try();
    }

    /// <summary>Writes the files, and says where.</summary>
    /// <exception cref="ArgumentException">The page is too large.</exception>
    public void Write(ComponentReport report, Session session)
    {
        var options = look with
        {
            ModelName = session.Model.Name,
            Origin = session.Origin,
            Json = ComponentsJson.Write(report, session.Model, session.Origin),
        };
        var tokens = session.Model.Tokenizer.Token;
        var (page, figure) = Abandonable.Run(session.Cancellation, () => (
            ComponentsPage.Render(report, tokens, options),
            svg.Path is null ? "" : ComponentsPage.ToSvg(report, tokens, options)));
        var markdown = Encoding.UTF8.GetBytes(ComponentsMarkdown.Write(report, session.Model, session.Origin));
        string[] written = [folder!.Write(Names[0], page.Write), folder.Write(Names[1], file => file.Write(markdown))];
        session.Report.WriteLine();
        foreach (var file in written)
            session.Report.WriteLine($"Wrote {OneLine.Escape(file)}");
        svg.Write(() => figure, session.Report);
        if (opens)
            Browser.Open(written[0], session.Terminal.Error);
    }
}
