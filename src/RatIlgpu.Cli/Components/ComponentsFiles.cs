using System.Text;
using RatIlgpu.Cli.Options;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Components;

/// <summary>The page and the Markdown file of a report, and its figure.</summary>
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

    /// <summary>Writes the files, and says where. One that cannot be written takes no other with it.</summary>
    /// <exception cref="ArgumentException">The page is too large; the other files are written.</exception>
    /// <exception cref="IOException">A file cannot be written; the other files are.</exception>
    public void Write(ComponentReport report, Session session)
    {
        var options = look with
        {
            ModelName = session.Model.Name,
            Origin = session.Origin,
            Json = ComponentsJson.Write(report, session.Model, session.Origin),
        };
        var tokens = session.Model.Tokenizer.Token;
        var attempts = new OutputAttempts(session.Cancellation);
        session.Report.WriteLine();
        attempts.Run(() =>
        {
            var figure = svg.Path is null ? "" : Abandonable.Run(
                session.Cancellation, () => ComponentsPage.ToSvg(report, tokens, options));
            svg.Write(() => figure, session.Report);
        });
        attempts.Run(() =>
        {
            var markdown = Encoding.UTF8.GetBytes(ComponentsMarkdown.Write(report, session.Model, session.Origin));
            Say(folder!.Write(Names[1], file => file.Write(markdown)));
        });
        attempts.Run(() =>
        {
            var page = Abandonable.Run(session.Cancellation, () => ComponentsPage.Render(report, tokens, options));
            var file = folder!.Write(Names[0], page.Write);
            Say(file);
            if (opens)
                Browser.Open(file, session.Terminal.Error);
        });
        attempts.End();

        void Say(string file) => session.Report.WriteLine($"Wrote {OneLine.Escape(file)}");
    }
}
