namespace RatIlgpu.Cli.Options;

/// <content>Flows through all layers.</content>
sealed partial class CliOptions
{
    /// <summary>Gets the switch that traces through all layers.</summary>
    public CliSwitch Through => field ??= new(OptionGroup.Choice, "--through",
        "Trace through all layers, by what attention brings from position to position: the share of each token, and "
            + "paths of one step in each layer. A report, a page and flow.json.");

    /// <summary>Gets what one step of a flow is.</summary>
    public CliOption<FlowMethod> Flow => field ??= new(OptionGroup.Choice, "--flow", Words.Choice<FlowMethod>(),
        "With --through, what a step is: norm, how near what attention brings comes to the stream; or rollout, half "
            + "the mean attention of the heads.",
        text => Words.Read<FlowMethod>(text), Words.Of(new FlowOptions().Method));

    /// <summary>Gets the first layer of a flow.</summary>
    public CliOption<Index?> FromLayer => field ??= new(OptionGroup.Choice, "--from-layer", "N",
        "With --through: the first layer; negative ones count from the end.",
        text => IndexOf(Parsing.Whole(-int.MaxValue)(text)), "0");

    /// <summary>Gets the last layer of a flow.</summary>
    public CliOption<Index?> ToLayer => field ??= new(OptionGroup.Choice, "--to-layer", "N",
        "With --through: the last layer; negative ones count from the end.",
        text => IndexOf(Parsing.Whole(-int.MaxValue)(text)), "-1");

    /// <summary>Gets the least probability of a path.</summary>
    public CliOption<double> MinShare => field ??= new(OptionGroup.Search, "--min-share", "SHARE",
        "With --through: the probability below which a path is dropped, 0 to 1.", Parsing.Number(0, 1, "0 to 1"), "0");
}
