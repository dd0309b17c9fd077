using System.Text.RegularExpressions;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Options;

/// <summary>Translates the names of parameters, interventions and activations in messages of the library into those of
/// the command line.</summary>
static partial class OptionNames
{
    static readonly HashSet<string> Activations = [.. Enum.GetNames<Activation>()];

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
        var message = WithActivations(WithIntervention(fault.Message));
        if (fault is not ArgumentException { ParamName: { } name })
            return message;
        message = message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal);
        return Spelled.TryGetValue(name, out var option)
            ? message.Replace(name, option, StringComparison.Ordinal).Replace('^', '-')
            : message;
    }

    /// <summary>Returns a text of the library with its activations as options spell them: <c>RotatedQuery of layer
    /// 3</c> is <c>rotated-query of layer 3</c>.</summary>
    public static string WithActivations(string text) => Named.Replace(
        text, found => Activations.Contains(found.Value) ? Words.Kebab(found.Value) : found.Value);

    // An intervention stands before what is wrong with it.
    static string WithIntervention(string message)
    {
        var end = message.IndexOf(": ", StringComparison.Ordinal);
        if (end < 0)
            return message;
        var changes = RunChanges.Of([message[..end]]);
        return (changes.Ablated.IsEmpty ? changes.Others[0] : $"--ablate {string.Join(',', changes.Ablated)}")
            + message[end..];
    }

    // A name of one word is a word of a sentence too, but where it is said to be of a layer or in a recording. What
    // touches other characters is a part of a path or stands in quotes.
    [GeneratedRegex(
        @"(?<![^\s(])([A-Z][a-z]+([A-Z][a-z]+)+(?=[,.;)]?(\s|\z))|[A-Z][a-z]+(?= of layer [0-9]| was not recorded))",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Named { get; }
}
