using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>A run of tokens that come twice, with the scores of the second copies made anew without one
/// component.</summary>
/// <remarks>Without a component, a score changes by a product of rank 1: <c>S' = S − a_c(i) ⟨R_i U_c, R_j k_j⟩ / √d</c>
/// for queries. Where the model norms heads, the changed query or key also has another scale, by which the score is
/// multiplied.</remarks>
sealed class InductionRun
{
    readonly Qwen2Config config;
    readonly Decomposition decomposition;
    readonly RepeatedSequence sequence;
    readonly HeadTurns turns;
    readonly RecordedActivation inputs;
    readonly Side query;
    readonly Side key;

    // [heads][queries of the second copy][keys up to the query]
    readonly double[][][] scores;

    InductionRun(Qwen2Model model, Decomposition decomposition, RepeatedSequence sequence, Recording run)
    {
        (config, this.decomposition, this.sequence) = (model.Config, decomposition, sequence);
        turns = new(config, sequence.Ids.Length);
        var layer = decomposition.Layer;
        inputs = run[new(Activation.AttentionInput, layer)];
        var weights = model.Weights.Layers[layer];
        query = Side.Of(model, run, (Activation.Query, Activation.RotatedQuery), layer, weights.QueryGain);
        key = Side.Of(model, run, (Activation.Key, Activation.RotatedKey), layer, weights.KeyGain);
        scores = new double[config.HeadCount][][];
        for (var head = 0; head < config.HeadCount; head++)
            scores[head] = [.. Enumerable.Range(0, sequence.HalfLength).Select(place => Row(head, QueryOf(place)))];
    }

    int First => sequence.Start + sequence.HalfLength;

    /// <summary>Runs a sequence up to the keys of the layer.</summary>
    public static InductionRun Of(
        Qwen2Model model, Decomposition decomposition, RepeatedSequence sequence, CancellationToken cancellation)
    {
        ImmutableArray<Activation> read =
        [
            Activation.AttentionInput, Activation.Query, Activation.Key, Activation.RotatedQuery,
            Activation.RotatedKey,
        ];
        return new(model, decomposition, sequence, new Recorder(model).Record(
            sequence.Ids, [.. read.Select(one => new Capture(one) { Layers = [decomposition.Layer] })], null,
            cancellation));
    }

    /// <summary>Returns the sum of the attention of a head to the tokens after the first copies.</summary>
    public double Target(int head)
    {
        var sum = 0.0;
        for (var place = 0; place < sequence.HalfLength - 1; place++)
            sum += TargetOf(place, scores[head][place]);
        return sum;
    }

    /// <summary>Returns the attention of a head from each second copy to the token after the first copy, and to
    /// position 0.</summary>
    public IEnumerable<(double Target, double First)> Masses(int head)
    {
        for (var place = 0; place < sequence.HalfLength; place++)
        {
            var attention = RowMath.Softmax(scores[head][place]);
            yield return (attention[sequence.Start + place + 1], attention[0]);
        }
    }

    /// <summary>Returns the sums of <see cref="Target"/> of all heads without a component at all positions.</summary>
    public double[] Without(AttentionProjection projection, int component)
    {
        var matrix = decomposition[projection];
        var activations = new double[sequence.Ids.Length];
        for (var position = 0; position < activations.Length; position++)
            activations[position] = matrix.Activation(component, inputs.Row(position));
        var sums = new double[config.HeadCount];
        for (var head = 0; head < sums.Length; head++)
            sums[head] = projection == AttentionProjection.Query
                ? WithoutQuery(head, matrix.OfHead(component, head), activations)
                : WithoutKey(head, matrix.OfHead(component, head / config.GroupSize), activations);
        return sums;
    }

    double WithoutQuery(int head, ReadOnlySpan<double> part, double[] activations)
    {
        var (sum, changed) = (0.0, new double[sequence.Ids.Length]);
        for (var place = 0; place < sequence.HalfLength - 1; place++)
        {
            var position = QueryOf(place);
            var row = scores[head][place];
            var (removed, scale) = query.Removed(position, head, activations[position], part, turns);
            for (var other = 0; other < row.Length; other++)
                changed[other] = scale * (row[other] - Product(removed, key.Turned(other, head / config.GroupSize)));
            sum += TargetOf(place, changed.AsSpan(0, row.Length));
        }

        return sum;
    }

    double WithoutKey(int head, ReadOnlySpan<double> part, double[] activations)
    {
        var (sum, changed, group) = (0.0, new double[sequence.Ids.Length], head / config.GroupSize);
        var removed = new (double[] Part, double Scale)[sequence.Ids.Length];
        for (var position = 0; position < removed.Length; position++)
            removed[position] = key.Removed(position, group, activations[position], part, turns);
        for (var place = 0; place < sequence.HalfLength - 1; place++)
        {
            var row = scores[head][place];
            var own = query.Turned(QueryOf(place), head);
            for (var other = 0; other < row.Length; other++)
                changed[other] = removed[other].Scale * (row[other] - Product(own, removed[other].Part));
            sum += TargetOf(place, changed.AsSpan(0, row.Length));
        }

        return sum;
    }

    double[] Row(int head, int position)
    {
        var row = new double[position + 1];
        var window = config.WindowOf(decomposition.Layer);
        for (var other = 0; other < row.Length; other++)
            row[other] = position - other < window
                ? Product(query.Turned(position, head), key.Turned(other, head / config.GroupSize))
                : double.NegativeInfinity;
        return row;
    }

    int QueryOf(int place) => First + place;

    // exp(S) / Σ exp(S), from the largest score on.
    double TargetOf(int place, ReadOnlySpan<double> row) => RowMath.Softmax(row)[sequence.Start + place + 1];

    double Product(ReadOnlySpan<double> one, ReadOnlySpan<double> other) =>
        TensorPrimitives.Dot(one, other) / Math.Sqrt(config.HeadSize);

    /// <summary>The queries or keys of a run.</summary>
    /// <param name="heads">Their heads.</param>
    /// <param name="turned">Rotated, <c>[positions, heads, headSize]</c>.</param>
    /// <param name="plain">Before norm and rotation.</param>
    /// <param name="gain">The gain of the norm of heads; null for none.</param>
    /// <param name="epsilon">What the norm adds to the mean square.</param>
    sealed class Side(int heads, double[] turned, double[] plain, float[]? gain, double epsilon)
    {
        int HeadSize { get; init; }

        public static Side Of(
            Qwen2Model model, Recording run, (Activation Plain, Activation Turned) sites, int layer, Tensor? gain)
        {
            var (before, after) = (run[new(sites.Plain, layer)], run[new(sites.Turned, layer)]);
            return new(
                after.Heads.Length, Wide(after.Values), Wide(before.Values),
                gain is null ? null : model.Rows(gain, 0), model.Config.RmsNormEpsilon)
            {
                HeadSize = after.Width,
            };
        }

        public ReadOnlySpan<double> Turned(int position, int head) =>
            turned.AsSpan(((position * heads) + head) * HeadSize, HeadSize);

        /// <summary>Returns what is taken out of a rotated head, with the scale of the whole head, and the factor by
        /// which the scale of the remaining head is larger.</summary>
        public (double[] Part, double Scale) Removed(
            int position, int head, double activation, ReadOnlySpan<double> part, HeadTurns turns)
        {
            var removed = new double[HeadSize];
            TensorPrimitives.Multiply(part, activation, removed);
            var scale = 1.0;
            if (gain is not null)
            {
                var (before, after) = Scales(position, head, removed);
                scale = before / after;
                for (var i = 0; i < removed.Length; i++)
                    removed[i] *= gain[i] / before;
            }

            turns.Turn(position, removed);
            return (removed, scale);
        }

        (double Before, double After) Scales(int position, int head, double[] removed)
        {
            var whole = plain.AsSpan(((position * heads) + head) * HeadSize, HeadSize);
            var (before, after) = (0.0, 0.0);
            for (var i = 0; i < whole.Length; i++)
            {
                before += whole[i] * whole[i];
                after += (whole[i] - removed[i]) * (whole[i] - removed[i]);
            }

            return (Math.Sqrt((before / HeadSize) + epsilon), Math.Sqrt((after / HeadSize) + epsilon));
        }

        static double[] Wide(ReadOnlySpan<float> numbers)
        {
            var wide = new double[numbers.Length];
            TensorPrimitives.ConvertTruncating(numbers, wide);
            return wide;
        }
    }
}
