using System.Collections.Immutable;
using System.Globalization;

namespace RatIlgpu.Html.Trace;

/// <summary>What a page says about a trace at its top.</summary>
static class TraceFacts
{
    /// <summary>Returns the facts in the order in which they are read; which there are does not depend on the trace,
    /// except for a minimum of attention.</summary>
    public static ImmutableArray<(string Name, string Value)> Of(TraceResult result)
    {
        var (options, model) = (result.Options, result.Model);
        var facts = ImmutableArray.Create<(string, string)>(
            ("Model", TraceWords.Name(model.Name)),
            ("Layer", model.LayerCount > 0 ? $"{result.Layer} (of 0 to {model.LayerCount - 1})" : $"{result.Layer}"),
            ("Heads", TraceWords.Heads(options.Heads, model.HeadCount)),
            ("Target", $"position {result.TargetPosition}"),
            ("Tokens", $"{result.Tokens.Length}"),
            ("Paths", $"{result.Paths.Length} of at most {options.TopBeam}"),
            ("Top-k", $"{options.TopK}"),
            ("Length norm", options.LengthNormalization.ToString()));
        return options.MinAttention > 0
            ? facts.Add(("Min attention", options.MinAttention.ToString(CultureInfo.InvariantCulture)))
            : facts;
    }
}
