using System.Text;
using RatIlgpu.Cli.Options;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Analysis;

/// <summary>The page and the figure of attributions.</summary>
/// <param name="Folder">The folder of the page; null for no page.</param>
/// <param name="OpensBrowser">Whether the page is opened when it is written.</param>
/// <param name="Svg">The file of the figure; null for none.</param>
/// <param name="Look">The title, the theme and the largest size.</param>
sealed record AttributionFiles(string? Folder, bool OpensBrowser, string? Svg, AttributionPageOptions Look)
{
    /// <summary>The file of the page.</summary>
    public const string Page = "attribution.html";

    // What is asked for, what is no head, and what heads read: a page shows bars and matrix together.
    static readonly ImmutableArray<AttributionUnit> Beside = [AttributionUnit.Sublayer, AttributionUnit.HeadBySource];

    /// <summary>Gets whether anything is drawn.</summary>
    public bool AreAsked => Folder is not null || Svg is not null;

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">Two outputs are in one place, or an option of the page is given without a page.
    /// </exception>
    public static AttributionFiles Read(ParseResult parsed, CliOptions options)
    {
        var opens = parsed.Get(options.OpenBrowser);
        var hasPage = opens || parsed.Has(options.Output);
        var (svg, json) = (parsed.Get(options.Svg), parsed.Get(options.Json));
        foreach (var option in (Option[])[options.HelpText, options.MaxBytes])
            if (!hasPage && parsed.Has(option))
                throw new UsageException($"{option.Name} is about the page; ask for one with --output.");
        foreach (var option in (Option[])[options.Title, options.Theme])
            if (!hasPage && svg is null && parsed.Has(option))
                throw new UsageException(
                    $"{option.Name} is about the page or the figure; ask for one with --output or --svg.");
        foreach (var (other, name) in new[] { (json, "--json"), (parsed.Get(options.Record), "--record") })
            if (svg is not null && other is not (null or "-") && Path.GetFullPath(other) == Path.GetFullPath(svg))
                throw new UsageException($"{name} and --svg name the same file; give two.");
        return new(hasPage ? parsed.Get(options.Output) : null, opens, svg, new()
        {
            Title = parsed.GetResult(options.Title) is null ? null : parsed.Get(options.Title),
            Theme = parsed.Get(options.Theme),
            HelpText = parsed.Get(options.HelpText),
            MaxBytes = parsed.Get(options.MaxBytes),
        });
    }

    /// <summary>Returns the units that a page of a unit shows, that one first.</summary>
    public ImmutableArray<AttributionUnit> Units(AttributionUnit asked) =>
        AreAsked ? [asked, .. Beside.Where(unit => unit != asked)] : [asked];

    /// <summary>Returns the activations that the units need, each once.</summary>
    public ImmutableArray<Capture> Captures(AttributionUnit asked, ImmutableArray<Index> places) =>
        [.. Units(asked).SelectMany(unit => LogitAttributor.Captures(unit, places)).DistinctBy(one => one.Activation)];

    /// <summary>Tells whether a run has what a unit needs; a run that was recorded before can lack it.</summary>
    public static bool Has(PromptRun run, AttributionUnit unit) =>
        LogitAttributor.Captures(unit, run.Places).All(capture =>
            run.Run.Sites.Where(site => site.Activation == capture.Activation) is var sites && sites.Any()
            && sites.All(site => run.Run[site] is var found && (capture.Positions is not { } places
                ? found.Positions.Length == run.Ids.Length
                : places.All(place => found.Positions.Contains(place.GetOffset(run.Ids.Length))))));

    /// <summary>Checks, before anything is computed, that the files can be written.</summary>
    /// <exception cref="IOException">One cannot.</exception>
    public void Try()
    {
        if (Folder is not null)
            OutputFolder.For(Folder, Page);
        if (Svg is not null)
            JsonOutput.TryFile(Svg, "--svg");
    }

    /// <summary>Writes what was asked for, and says where.</summary>
    /// <param name="units">The attributions, the unit that was asked for in front.</param>
    /// <param name="rows">The rows that are shown.</param>
    /// <param name="session">The model, and where the report goes.</param>
    /// <exception cref="ArgumentException">The page would be too large.</exception>
    public void Write(ImmutableArray<AttributionBatch> units, RowChoice rows, Session session)
    {
        if (!AreAsked)
            return;
        var look = Look with
        {
            ModelName = session.Model.Name,
            Origin = session.Origin,
            Shows = rows.Shows(session),
            Top = rows.HasTop ? rows.Top : null,
        };
        session.Report.WriteLine();
        if (Svg is not null)
        {
            WholeFile.Write(Svg, stream => stream.Write(
                Encoding.UTF8.GetBytes(AttributionPage.ToSvg(units, session.Model.Tokenizer.Token, look))));
            session.Report.WriteLine($"Wrote {OneLine.Escape(Svg)}");
        }

        if (Folder is null)
            return;
        var json = AttributionJson.Write(units[0], session.Model, session.Origin);
        var tokens = session.Model.Tokenizer;
        var html = Abandonable.Run(
            session.Cancellation, () => AttributionPage.Render(units, tokens.Token, look with { Json = json }));
        var page = OutputFolder.For(Folder, Page).Write(Page, html.Write);
        session.Report.WriteLine($"Wrote {OneLine.Escape(page)}");
        if (OpensBrowser)
            Browser.Open(page, session.Terminal.Error);
    }
}
