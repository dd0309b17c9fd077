using RatIlgpu.Html;

namespace RatIlgpu.Cli.Options;

/// <summary>Translates the names of parameters in messages of the library into those of options.</summary>
static class OptionNames
{
    static readonly Dictionary<string, string> Spelled = new()
    {
        [nameof(TraceOptions.TargetPosition)] = "--position",
        [nameof(TraceOptions.Layer)] = "--layers",
        [nameof(TraceOptions.TopBeam)] = "--top-beam",
        [nameof(TraceOptions.TopK)] = "--top-k",
        [nameof(TraceOptions.MinAttention)] = "--min-attn",
        [nameof(FlowOptions.FromLayer)] = "--from-layer",
        [nameof(FlowOptions.ToLayer)] = "--to-layer",
        [nameof(FlowOptions.MinShare)] = "--min-share",
        [nameof(TraceOptions.BosTokenId)] = "--bos-token-id",
        [nameof(TraceOptions.AttentionMask)] = "--attention-mask",
        [nameof(PageOptions.MaxBytes)] = "--max-bytes",
        [nameof(SamplingOptions.Temperature)] = "--temperature",
        [nameof(SamplingOptions.TopP)] = "--top-p",
    };

    /// <summary>Returns the message of an error in the words of the command line.</summary>
    public static string MessageOf(Exception fault)
    {
        if (fault is OutOfMemoryException and not InsufficientMemoryException)
            return "there is not enough memory for this run; give shorter texts, or a smaller model.";
        if (fault is not ArgumentException { ParamName: { } name })
            return fault.Message;
        var message = fault.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal);
        return Spelled.TryGetValue(name, out var option)
            ? message.Replace(name, option, StringComparison.Ordinal).Replace('^', '-')
            : message;
    }
}
