using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Measures what explanations of attention scores say: runs the model again with a part taken out of the query
/// or the key that one head reads, and nowhere else.</summary>
/// <param name="model">The model.</param>
public sealed class ScoreVerifier(Qwen2Model model)
{
    /// <summary>Takes the parts with the largest sums out, one by one, and measures the score, the attention and a
    /// logit at the query's position.</summary>
    /// <remarks>Each part takes two runs from the layer of the head on: one with the scales of the norms of the
    /// unchanged run, one with those of the stream without the part. The score falls by the part's sum in the
    /// first.</remarks>
    /// <param name="found">The explanation, whose reading decides which parts are the largest.</param>
    /// <param name="target">The tokens whose logit is measured, or the direction in their place; null for the likeliest
    /// next token.</param>
    /// <param name="count">The most parts of the query, and of the key.</param>
    /// <param name="interventions">The interventions in the run that was explained.</param>
    /// <param name="cancellation">Stops the runs.</param>
    /// <returns>The explanation with the measurement.</returns>
    /// <exception cref="ArgumentException">The explanation or an intervention does not fit the model.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative, or the model does not have a
    /// token.</exception>
    /// <exception cref="OperationCanceledException">The runs were cancelled.</exception>
    public ScoreAttribution Verify(
        ScoreAttribution found,
        LogitTarget? target = null,
        int count = 5,
        ValueArray<Intervention> interventions = default,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        target?.CheckFor(model.Config);
        var run = new VerifiedRun(model, found, interventions, cancellation);
        var measured = target ?? new LogitTarget(run.Likeliest());
        var direction = LogitDirection.OfNormed(model, measured);
        var (queries, keys) = ScoreSide.Both(model, found.Head);
        var turns = new HeadTurns(model.Config, found.Query + 1);
        var ofQuery = PartsOf(queries, found.Query);
        var ofKey = PartsOf(keys, found.Key);
        return found with
        {
            // Those behind the score change the metric alone.
            Interventions = [.. found.Interventions.Union(Recorder.LinesOf(interventions))],
            Verification = new(
                measured, run.Measure(null, [], direction),
                [
                    .. Largest(found.KeyParts, found.ByKeyPart, ofKey, count)
                        .Select(part => Verified(HeadInput.Key, part, keys, ofKey, ofQuery, found.Key)),
                    .. Largest(found.QueryParts, found.ByQueryPart, ofQuery, count)
                        .Select(part => Verified(HeadInput.Query, part, queries, ofQuery, ofKey, found.Query)),
                ]),
        };

        ScoreParts PartsOf(ScoreSide side, int position) => side.Parts(
            run.Unchanged, turns, [position], [1], found.Options.SplitHeads ? position : null);

        VerifiedPart Verified(
            HeadInput input, ResidualTerm part, ScoreSide side, ScoreParts own, ScoreParts other, int position)
        {
            var vector = own.Of(part);
            var left = side.Without(run.Unchanged, turns, part, position);
            TensorPrimitives.Subtract(left, own.Whole, left);
            double[] held = [.. vector.Select(number => -number)];
            return new(
                input, part, TensorPrimitives.Dot<double>(vector, other.Whole) / Math.Sqrt(vector.Length),
                run.Measure(input, held, direction), run.Measure(input, left, direction));
        }
    }

    // A token that was read only for other keys is no part of this one.
    static IEnumerable<ResidualTerm> Largest(
        ValueArray<ResidualTerm> parts, ValueArray<double> sums, ScoreParts own, int count) => parts.Zip(sums)
        .Where(one => own.Terms.Contains(one.First))
        .OrderByDescending(one => Math.Abs(one.Second)).Take(count).Select(one => one.First);
}

/// <summary>What was measured with parts taken out of a query or a key.</summary>
/// <param name="Target">The tokens whose logit was measured, or the direction in their place.</param>
/// <param name="Unchanged">The run with all parts.</param>
/// <param name="Parts">The parts of the key, then those of the query, those with the largest sums first.</param>
public sealed record ScoreVerification(
    LogitTarget Target, MeasuredScore Unchanged, ValueArray<VerifiedPart> Parts);

/// <summary>A part that was taken out of the query or the key of one head.</summary>
/// <param name="Input">The query or the key.</param>
/// <param name="Part">The part.</param>
/// <param name="Attributed">What the part adds to the score, by the explanation.</param>
/// <param name="Held">The run without it, with the scales of the norms that the unchanged run has.</param>
/// <param name="Recomputed">The run without it, with the scales of the stream that is left.</param>
public sealed record VerifiedPart(
    HeadInput Input, ResidualTerm Part, double Attributed, MeasuredScore Held, MeasuredScore Recomputed);

/// <summary>A link of a run.</summary>
/// <param name="Score">The score before the softmax.</param>
/// <param name="Attention">The attention, in [0, 1].</param>
/// <param name="Metric">The logit, the difference of two, or what a direction reads, at the query's position.</param>
public readonly record struct MeasuredScore(double Score, double Attention, double Metric);
