using System.Collections.Immutable;
using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu;

/// <summary>What a trace found.</summary>
public sealed record TraceResult
{
    /// <summary>Gets what was asked, with target and layer resolved to numbers from 0.</summary>
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

    /// <summary>Gets what each visited position pays to itself, by position; self-attention is never a step.
    /// Empty where it is not known.</summary>
    public required ImmutableSortedDictionary<int, double> SelfAttention { get; init; }

    /// <summary>Gets the aggregated attention that the target pays to each position up to itself; empty where it is
    /// not known.</summary>
    public required ValueArray<double> TargetAttention { get; init; }

    /// <summary>Gets what the user should know about this trace; usually nothing.</summary>
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
        && TargetAttention == other.TargetAttention && Notices == other.Notices;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Options, Model, Sankey, Tokens.Length);
}

/// <summary>The facts about a model that a trace is shown with.</summary>
/// <param name="Name">The model's name, as the user knows it.</param>
/// <param name="LayerCount">How many layers it has; 0 where that is not known.</param>
/// <param name="HeadCount">How many query heads a layer has; 0 where that is not known.</param>
public sealed record TracedModel(string Name, int LayerCount, int HeadCount);
