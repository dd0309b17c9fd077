using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Heads;

/// <summary>What an atlas has besides scores and roles, from the command line.</summary>
/// <param name="Detail">What it has.</param>
sealed record HeadsDetail(AtlasDetail Detail)
{
    /// <summary>Gets the options that are about more than one head.</summary>
    public static ReadOnlySpan<Option> Options(CliOptions options) =>
        new Option[] { options.NoVerdicts, options.NoFeeders, options.Cards };

    /// <summary>Reads the options.</summary>
    public static HeadsDetail Read(ParseResult parsed, CliOptions options) => new(new AtlasDetail
    {
        Verdicts = !parsed.Get(options.NoVerdicts),
        Feeders = !parsed.Get(options.NoFeeders),
        Cards = parsed.Get(options.Cards),
    });

    /// <summary>Makes the atlas of sums, with what only the model tells.</summary>
    /// <param name="part">The sums; those of a run whose time was over give scores alone.</param>
    /// <param name="model">The model.</param>
    /// <param name="atlas">The options with which the sums were made.</param>
    /// <param name="terminal">Where progress is shown.</param>
    /// <param name="cancellation">Stops.</param>
    public HeadAtlas Complete(
        PartialAtlas part, LanguageModel model, AtlasOptions atlas, Terminal terminal, CancellationToken cancellation)
    {
        if (!part.IsComplete)
            return part.ToAtlas();
        using var progress = new StageLines(terminal);
        return new HeadAtlasReader(model, atlas).Complete(part, Detail, progress, cancellation);
    }
}
