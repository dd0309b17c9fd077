using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu;

/// <summary>The result of a flow through all layers.</summary>
public sealed record FlowResult
{
    readonly int? promptLength;

    /// <summary>Gets the options, with target and layers counted from 0, and without the interventions, which
    /// <see cref="Interventions"/> describes.</summary>
    public required FlowOptions Options { get; init; }

    /// <summary>Gets the model that was traced.</summary>
    public required TracedModel Model { get; init; }

    /// <summary>Gets the tokens of the prompt.</summary>
    public required ValueArray<TokenText> Tokens { get; init; }

    /// <summary>Gets the share of the target that comes from each position up to itself, by position; each in [0, 1],
    /// and they sum to 1. Exact: paths that are not kept count.</summary>
    public required ValueArray<double> Shares { get; init; }

    /// <summary>Gets the best paths, best first.</summary>
    public required ValueArray<FlowPath> Paths { get; init; }

    /// <summary>Gets a line of text for each path, earliest token first.</summary>
    public required ValueArray<string> PathTexts { get; init; }

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

    /// <summary>Gets the index of the prompt in its batch, from 0; files and pages count from 1. Default: 0.</summary>
    public int Prompt { get; init; }

    /// <summary>Gets a description of each intervention in the run. Default: none.</summary>
    public ValueArray<string> Interventions { get; init; } = [];

    /// <summary>Gets what made the result; null if unknown. Default: null.</summary>
    public TraceOrigin? Origin { get; init; }

    /// <summary>Gets notices about this result for the user; usually none.</summary>
    public ValueArray<string> Notices { get; init; } = [];

    /// <summary>Gets the traced position, from 0.</summary>
    public int TargetPosition => Options.TargetPosition.Value;

    /// <summary>Gets the sum of the probabilities of the paths that are kept, in [0, 1]: what of the whole flow they
    /// are.</summary>
    public double PathShare => Paths.Sum(path => path.Probability);
}
