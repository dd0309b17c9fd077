using RatIlgpu.Cli.Options;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Analysis;

/// <summary>The page and the figure of states under the lens.</summary>
/// <param name="Output">Where the page goes.</param>
/// <param name="Svg">Where the figure goes.</param>
/// <param name="Look">The title, the theme and the largest size.</param>
sealed record LensDrawing(PageOutput Output, SvgOutput Svg, LensPageOptions Look)
{
    /// <summary>The file of the page.</summary>
    public const string Page = "lens.html";

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">An option is about a page, and none is asked for.</exception>
    public static LensDrawing Read(ParseResult parsed, CliOptions options) => new(
        PageOutput.Read(parsed, options, Page), SvgOutput.Read(parsed, options),
        PageLook.Of<LensPageOptions>(parsed, options));

    /// <summary>Checks, before anything is computed, that the files can be written.</summary>
    /// <exception cref="IOException">One cannot.</exception>
    public void Try()
    {
        Output.Try();
        Svg.Try();
    }

    /// <summary>Writes what was asked for, and says where.</summary>
    /// <param name="found">The states.</param>
    /// <param name="layers">The chosen layers; default for all.</param>
    /// <param name="session">The model, and where the report goes.</param>
    /// <exception cref="ArgumentException">The page would be too large.</exception>
    public void Write(LensBatch found, ImmutableArray<int> layers, Session session)
    {
        var (model, drawn) = (session.Model, Chosen(found, layers, session.Model.Config.LayerCount));
        var options = Look with
        {
            Model = session.Traced,
            Origin = session.Origin,
        };
        Output.Write(() => LensPage.Render(drawn, model.Tokenizer.Token, options), session);
        Svg.Write(
            () => LensPage.ToSvg(drawn.Prompts[0], model.Tokenizer.Token, MeasureOf(drawn), options), session.Report,
            session.IsBatch ? "prompt 1" : "");
    }

    // Without tokens, or with the answer alone, the figure shows what there is.
    static LensMeasure MeasureOf(LensBatch batch)
    {
        var first = batch.Prompts[0].States[0];
        return !first.Top.IsEmpty ? LensMeasure.TopProbability
            : !first.Tokens.IsEmpty ? LensMeasure.Probability
            : LensMeasure.KlDivergence;
    }

    static LensBatch Chosen(LensBatch batch, ImmutableArray<int> layers, int count) => layers.IsDefault
        ? batch
        : new([.. batch.Prompts.Select(prompt => prompt with
        {
            States = [.. prompt.States.Where(state => LensReport.IsShown(state.State, layers, count))],
        })]);
}
