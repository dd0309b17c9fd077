using RatIlgpu.Files;

namespace RatIlgpu.Html;

/// <summary>The facts and sentences that a page says about a flow.</summary>
static class FlowWords
{
    /// <summary>The title of a page whose flows have none.</summary>
    public const string Title = "Flow through all layers";

    /// <summary>The sentence about the direction of the diagram.</summary>
    public const string Reading = "Each row is a token, each column a layer. Read from right to left: what stands at "
        + "the target after the last layer, and where it comes from.";

    /// <summary>The sentence of the help about shares.</summary>
    public static readonly (string What, string Meaning) ShareMeaning = (
        "Share", "How much of what stands at the target after the last layer comes from a token, over all ways "
        + "through the layers. Exact: the shares of all tokens sum to 100 %.");

    /// <summary>The sentence of the help about paths.</summary>
    public static readonly (string What, string Meaning) PathMeaning = (
        "Path", "One position before each layer. Its probability is the product of the shares of its steps; the "
        + "probabilities of all paths that end at a token sum to its share.");

    /// <summary>The sentence of the help about steps.</summary>
    public static readonly (string What, string Meaning) StepMeaning = (
        "Step", "The share of a position after attention that comes from a position before the layer. With norm, by "
        + "how near what attention brings comes to the stream it is added to; with rollout, by attention alone.");

    /// <summary>Returns the facts at the top of a page, in reading order.</summary>
    public static ImmutableArray<(string Name, string Value)> Facts(FlowResult flow)
    {
        var (options, model) = (flow.Options, flow.Model);
        var layers = Range(options);
        (string Name, string Value)[] facts =
        [
            ("Model", TraceWords.Name(model.Name)),
            ("Layers", model.LayerCount > 0 ? $"{layers} (of 0 to {model.LayerCount - 1})" : layers),
            ("Flow", options.Method == FlowMethod.Norm ? "norm: what attention brings" : "rollout: attention alone"),
            ("Target", $"position {flow.TargetPosition}"),
            .. ChangeWords.Facts(flow.Interventions, options.AttentionMask),
            ("Tokens", TraceWords.Tokens(flow.Tokens.Length, flow.PromptLength)),
            ("Paths", $"{flow.Paths.Length} of at most {options.TopBeam}, {TraceWords.Percent(flow.PathShare)} of the "
                + "whole"),
            ("Top-k", $"{options.TopK}"),
            ("Min share", options.MinShare > 0 ? options.MinShare.ToString(CultureInfo.InvariantCulture) : ""),
        ];
        return [.. facts.Where(fact => fact.Value.Length > 0)];
    }

    /// <summary>Returns the name of a method as the command spells it.</summary>
    public static string Name(FlowMethod method) => method.ToString().ToLowerInvariant();

    /// <summary>Names the layers of a flow in a sentence, such as <c>layers 0 to 3</c>.</summary>
    public static string Layers(FlowOptions options) =>
        $"layer{(options.FromLayer.Equals(options.ToLayer) ? "" : "s")} {Range(options)}";

    /// <summary>Returns a probability, which can be small with many layers: in percent, with three digits, as the
    /// script of the page writes it.</summary>
    public static string Chance(double part)
    {
        var digits = (part * 100).ToString("G3", CultureInfo.InvariantCulture);
        var percent = double.Parse(digits, CultureInfo.InvariantCulture);
        var format = percent is > 0 and < 1e-6 ? "0.##e-0" : "0.########";
        return $"{percent.ToString(format, CultureInfo.InvariantCulture)} %";
    }

    /// <summary>Returns the title of a page or a figure.</summary>
    public static string TitleOf(FlowResult flow, FlowPageOptions options) =>
        TraceWords.TitleOf(options.Title, options.Origin ?? flow.Origin, Title);

    /// <summary>Says what the diagram of a flow shows.</summary>
    public static string Diagram(FlowResult flow) =>
        $"{CountText.Of(flow.Paths.Length, "path")} through the layers into position {flow.TargetPosition}";

    static string Range(FlowOptions options) => options.FromLayer.Equals(options.ToLayer)
        ? $"{options.FromLayer}"
        : $"{options.FromLayer} to {options.ToLayer}";

    /// <summary>Says why there is no path to draw; null if there is one.</summary>
    public static string? WhyEmpty(FlowResult flow) => !flow.Paths.IsEmpty ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"No path is as probable as the least share of {flow.Options.MinShare}. The shares of the tokens are exact all "
        + $"the same; lower the least share to see paths.");
}
