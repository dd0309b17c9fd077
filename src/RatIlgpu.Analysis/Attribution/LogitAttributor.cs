using System.Collections.Immutable;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>Takes logits apart into what the parts of the residual stream add to them, from a recorded run.</summary>
/// <remarks>The logits of a model are linear in what its parts write to the stream, but for the scale of the last norm;
/// that scale is the run's own and one for all parts. Weights are never changed. What a part writes is projected before
/// it is made: no tensor of every head, or of every neuron, at the width of the stream.</remarks>
/// <param name="model">The model.</param>
public sealed class LogitAttributor(Qwen2Model model)
{
    readonly Lazy<double[]> mean = new(() => MeanRow(model));

    /// <summary>Returns what a recording must have for a unit. Where an intervention changes the values of one query
    /// head by itself, <see cref="AttributionUnit.HeadBySource"/> wants <see cref="Activation.HeadValue"/>
    /// too.</summary>
    /// <param name="unit">Into what parts logits are to be taken apart.</param>
    /// <param name="positions">At which positions; null for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">The unit is none.</exception>
    public static ImmutableArray<Capture> Captures(AttributionUnit unit, ImmutableArray<Index>? positions = null) =>
    [
        .. ActivationsOf(unit).Select(activation => new Capture(activation)
        {
            // A head reads values at other positions than its own.
            Positions = activation == Activation.Value ? null : positions,
        }),
        new(Activation.ResidualAfter) { Layers = [^1], Positions = positions },
        new(Activation.FinalNorm) { Positions = positions },
    ];

    /// <summary>Runs the model once and takes a logit apart.</summary>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="target">What to explain.</param>
    /// <param name="position">Where, <c>^1</c> for the last position.</param>
    /// <param name="options">Into what; null for sublayers.</param>
    /// <param name="recording">How to run; null for a plain run.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">Answer and foil are one token, the position is padding, or something does
    /// not fit the model, the prompt or something else.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token or position is not there.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public LogitAttribution Attribute(
        ReadOnlySpan<int> ids,
        LogitTarget target,
        Index position,
        AttributionOptions? options = null,
        RecordingOptions? recording = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        options.Check();
        target.CheckFor(model.Config);
        var captures = Captures(options.Unit, [position]);
        if (options.Unit == AttributionUnit.HeadBySource && ChangesOwnValues(recording))
            captures = captures.Add(new(Activation.HeadValue));
        var run = new Recorder(model).Record(ids, captures, recording, cancellation);
        return Attribute(run, target, position, options);
    }

    /// <summary>Takes a logit of a recorded run apart.</summary>
    /// <param name="run">The run, with what <see cref="Captures"/> names.</param>
    /// <param name="target">What to explain.</param>
    /// <param name="position">Where, <c>^1</c> for the last position.</param>
    /// <param name="options">Into what; null for sublayers.</param>
    /// <exception cref="ArgumentException">The run is of another model, or has not what is needed; the position is
    /// padding; answer and foil are one token.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token or position is not there.</exception>
    public LogitAttribution Attribute(
        Recording run, LogitTarget target, Index position, AttributionOptions? options = null) =>
        Attribute(run, target, [position], options)[0];

    /// <summary>Takes a logit of a recorded run apart at several positions.</summary>
    /// <param name="run">The run, with what <see cref="Captures"/> names.</param>
    /// <param name="target">What to explain.</param>
    /// <param name="positions">Where, each once.</param>
    /// <param name="options">Into what; null for sublayers.</param>
    /// <returns>One for each position, in the order asked.</returns>
    /// <exception cref="ArgumentException">The run is of another model, or has not what is needed; a position is given
    /// twice or is padding, or none is given; answer and foil are one token.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token or position is not there.</exception>
    public ImmutableArray<LogitAttribution> Attribute(
        Recording run, LogitTarget target, ReadOnlySpan<Index> positions, AttributionOptions? options = null)
    {
        options ??= new();
        options.Check();
        target.CheckFor(model.Config);
        var places = run.Resolve(model, positions);
        var isCentred = options.Reference == LogitReference.VocabularyMean && target.Foil is null;
        var direction = new LogitDirection(model, target, isCentred ? mean.Value : []);
        return [.. places.Select(place => At(run, target, place, options, direction))];
    }

    static IEnumerable<Activation> ActivationsOf(AttributionUnit unit) => unit switch
    {
        AttributionUnit.Sublayer => [Activation.Embedding, Activation.AttentionOutput, Activation.MlpOutput],
        AttributionUnit.CumulativeLayer => [Activation.ResidualBefore, Activation.ResidualMiddle],
        AttributionUnit.Head => [Activation.Embedding, Activation.HeadOutput, Activation.MlpOutput],
        AttributionUnit.HeadBySource =>
            [Activation.Embedding, Activation.Value, Activation.Pattern, Activation.MlpOutput],
        AttributionUnit.Neuron => [Activation.Embedding, Activation.AttentionOutput, Activation.MlpNeurons],
        _ => throw new ArgumentOutOfRangeException(nameof(unit), $"{unit} is no unit of attribution."),
    };

    LogitAttribution At(
        Recording run, LogitTarget target, int position, AttributionOptions options, LogitDirection direction)
    {
        var at = new PositionTerms(run, model.Config, direction, position);
        var measured = at.Measured();
        var rows = new AttributionRows(at, model.Config, options.ValueBias == ValueBiasTreatment.Separate);
        List<Contribution> terms = [.. rows.Of(options.Unit, position)];
        if (options.Unit != AttributionUnit.CumulativeLayer)
            terms.Add(new(new ResidualTerm.Rounding(), measured - terms.Sum(term => term.Value)));
        return new(run.TokenIds, target, position, options, measured, at.Scale, [.. terms]);
    }

    static bool ChangesOwnValues(RecordingOptions? recording) => recording is { Interventions: var changes }
        && changes.Any(change => change.Target.ChangedSite.Activation == Activation.HeadValue);

    // Uᵀ1 / V
    static double[] MeanRow(Qwen2Model model)
    {
        var ones = new double[model.Config.VocabularySize];
        Array.Fill(ones, 1);
        return [.. model.Transposed(model.Weights.Unembedding, ones).Select(sum => sum / ones.Length)];
    }
}
