using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu;

/// <summary>The result of a trace.</summary>
public sealed record TraceResult
{
    readonly int? promptLength;

    /// <summary>Gets the options, with target and layer counted from 0, and without the interventions, which
    /// <see cref="Interventions"/> describes.</summary>
    public required TraceOptions Options { get; init; }

    /// <summary>Gets the model that was traced.</summary>
    public required TracedModel Model { get; init; }

    /// <summary>Gets the tokens of the prompt.</summary>
    public required ValueArray<TokenText> Tokens { get; init; }

    /// <summary>Gets the best paths, best first.</summary>
    public required ValueArray<BeamPath> Paths { get; init; }

    /// <summary>Gets the weight of each path: the softmax of the scores; they sum to 1.</summary>
    public required ValueArray<double> PathWeights { get; init; }

    /// <summary>Gets the paths drawn together.</summary>
    public required SankeyGraph Sankey { get; init; }

    /// <summary>Gets a line of text for each path, earliest token first.</summary>
    public required ValueArray<string> PathTexts { get; init; }

    /// <summary>Gets the attention that each visited position pays to itself, by position; such attention is
    /// never a step. Empty if unknown.</summary>
    public required ImmutableSortedDictionary<int, double> SelfAttention { get; init; }

    /// <summary>Gets the aggregated attention that the target pays to each position up to itself; empty if
    /// unknown.</summary>
    public required ValueArray<double> TargetAttention { get; init; }

    /// <summary>Gets the number of tokens of the prompt, in [1, tokens]; the tokens after them were generated. Default:
    /// all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public int PromptLength
    {
        get => promptLength ?? Tokens.Length;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            promptLength = value;
        }
    }

    /// <summary>Gets the likeliest tokens after the target, likeliest first; empty if none were asked for.</summary>
    public ValueArray<PredictedToken> Predictions { get; init; } = [];

    /// <summary>Gets the index of the prompt in its batch, from 0; files and pages count from 1. Default: 0.</summary>
    public int Prompt { get; init; }

    /// <summary>Gets a description of each intervention in the run. Default: none.</summary>
    public ValueArray<string> Interventions { get; init; } = [];

    /// <summary>Gets why the traced head attends along links, all or some, in the order of
    /// <see cref="SankeyGraph.Links"/>; only a trace of a single head can have explanations. Default: none.</summary>
    public ValueArray<LinkExplanation> Explanations { get; init; } = [];

    /// <summary>Gets what made the trace; null if unknown. Default: null.</summary>
    public TraceOrigin? Origin { get; init; }

    /// <summary>Gets notices about this trace for the user; usually none.</summary>
    public ValueArray<string> Notices { get; init; } = [];

    /// <summary>Gets the traced position, from 0.</summary>
    public int TargetPosition => Options.TargetPosition.Value;

    /// <summary>Gets the traced layer, from 0.</summary>
    public int Layer => Options.Layer.Value;

    /// <summary>Tells whether both traces have the same results.</summary>
    public bool Equals(TraceResult? other) =>
        other is not null && Options == other.Options && Model == other.Model && Sankey == other.Sankey
        && Tokens == other.Tokens && Paths == other.Paths && PathWeights == other.PathWeights
        && PathTexts == other.PathTexts && SelfAttention.SequenceEqual(other.SelfAttention)
        && TargetAttention == other.TargetAttention && Notices == other.Notices
        && PromptLength == other.PromptLength && Predictions == other.Predictions && Prompt == other.Prompt
        && Interventions == other.Interventions && Explanations == other.Explanations && Origin == other.Origin;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Options, Model, Sankey, Tokens.Length);
}

/// <summary>The facts about a model that a trace or another analysis is shown with.</summary>
/// <param name="Name">The model's name, as the user knows it.</param>
/// <param name="LayerCount">The number of layers; 0 if unknown.</param>
/// <param name="HeadCount">The number of query heads of a layer; 0 if unknown.</param>
public sealed record TracedModel(string Name, int LayerCount, int HeadCount)
{
    /// <summary>Gets the number of key/value heads of a layer. Default: 0, unknown.</summary>
    public int KeyHeadCount { get; init; }
}

/// <summary>A token that may come next.</summary>
/// <param name="Token">The token.</param>
/// <param name="Probability">Its probability, in [0, 1].</param>
/// <param name="Logit">Its logit.</param>
public sealed record PredictedToken(TokenText Token, double Probability, double Logit);

/// <summary>What made a trace, for those who find it later.</summary>
public sealed record TraceOrigin
{
    /// <summary>Gets the title that the user gave. Default: null, none.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the command line. Default: null, unknown.</summary>
    public string? Command { get; init; }

    /// <summary>Gets the version of the program. Default: null, unknown.</summary>
    public string? Version { get; init; }
}
