using RatIlgpu.Cli.Options;
using RatIlgpu.Html;
using RatIlgpu.Text;

namespace RatIlgpu.Cli.Analysis;

/// <summary>The page and the figure of attributions.</summary>
/// <param name="Output">Where the page goes.</param>
/// <param name="Svg">Where the figure goes.</param>
/// <param name="Look">The title, the theme and the largest size.</param>
sealed record AttributionFiles(PageOutput Output, SvgOutput Svg, AttributionPageOptions Look)
{
    /// <summary>The file of the page.</summary>
    public const string Page = "attribution.html";

    // What is asked for, what is no head, and what heads read: a page shows bars and matrix together.
    static readonly ImmutableArray<AttributionUnit> Beside = [AttributionUnit.Sublayer, AttributionUnit.HeadBySource];

    /// <summary>Gets whether anything is drawn.</summary>
    public bool AreAsked => Output.IsAsked || Svg.Path is not null;

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">An option is about a page or a figure, and none is asked for.</exception>
    public static AttributionFiles Read(ParseResult parsed, CliOptions options) => new(
        PageOutput.Read(parsed, options, Page), SvgOutput.Read(parsed, options),
        PageLook.Of<AttributionPageOptions>(parsed, options));

    /// <summary>Returns the units that a page of a unit shows, that one first.</summary>
    public ImmutableArray<AttributionUnit> Units(AttributionUnit asked) =>
        AreAsked ? [asked, .. Beside.Where(unit => unit != asked)] : [asked];

    /// <summary>Returns the activations that the units need, each once.</summary>
    public ImmutableArray<Capture> Captures(AttributionUnit asked, ImmutableArray<Index> places) =>
        [.. Units(asked).SelectMany(unit => LogitAttributor.Captures(unit, places)).DistinctBy(one => one.Activation)];

    /// <summary>Tells whether a run has what a unit needs; a run that was recorded before can lack it.</summary>
    public static bool Has(PromptRun run, AttributionUnit unit, int layerCount) =>
        RecordedRun.Has(run.Run, LogitAttributor.Captures(unit, run.Places), layerCount);

    /// <summary>Checks, before anything is computed, that the files can be written.</summary>
    /// <exception cref="IOException">One cannot.</exception>
    public void Try()
    {
        Output.Try();
        Svg.Try();
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
        Func<int, TokenText> tokens = session.Model.Tokenizer.Token;
        var look = Look with
        {
            ModelName = session.Model.Name,
            Origin = session.Origin,
            Shows = rows.Shows(session),
            Top = rows.HasTop ? rows.Top : null,
        };
        Output.Write(
            () => AttributionPage.Render(
                units, tokens, look with { Json = AttributionJson.Write(units[0], session.Model, session.Origin) }),
            session);
        Svg.Write(() => AttributionPage.ToSvg(units, tokens, look), session.Report);
    }
}
