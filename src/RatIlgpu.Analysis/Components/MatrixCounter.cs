using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Counts at which tokens the components of a matrix are active.</summary>
sealed class MatrixCounter
{
    readonly MatrixComponents matrix;
    readonly ImmutableArray<int> chosen;
    readonly double[] bias;
    readonly double threshold;
    readonly (Site Input, Site Output) sites;
    readonly double[] lengths;
    readonly double[] partLengths;
    readonly long[] active;
    readonly double[] sums;
    readonly double[] sizes;
    readonly double[] ofHeads;

    /// <summary>Prepares to count.</summary>
    public MatrixCounter(
        Qwen2Model model, Decomposition decomposition, AttentionProjection projection, int? most, double threshold)
    {
        (matrix, this.threshold) = (decomposition[projection], threshold);
        chosen = matrix.Alive(most);
        bias = ProjectionWeight.Of(model, decomposition.Layer, projection).Bias;
        var (input, output) = SitesOf(projection);
        sites = (new(input, decomposition.Layer), new(output, decomposition.Layer));
        var heads = matrix.HeadCount;
        lengths = [.. chosen.Select(component => TensorPrimitives.Norm(matrix.Output(component)))];
        partLengths =
        [
            .. chosen.SelectMany(component => Enumerable.Range(0, heads).Select(head =>
                TensorPrimitives.Norm(matrix.OfHead(component, head)))),
        ];
        (active, sums, sizes) = (new long[chosen.Length], new double[chosen.Length], new double[chosen.Length]);
        (ofHeads, IsActiveInHead) = (new double[chosen.Length * heads], new bool[chosen.Length * heads]);
    }

    /// <summary>Gets the number of components.</summary>
    public int Count => chosen.Length;

    /// <summary>Gets the number of heads.</summary>
    public int HeadCount => matrix.HeadCount;

    /// <summary>Gets whether each component is active in each head at the last token, <c>[component, head]</c>; of keys
    /// and values.</summary>
    public bool[] IsActiveInHead { get; }

    /// <summary>Returns the activations of a layer that are read.</summary>
    public static ImmutableArray<Capture> Captures(int layer) =>
    [
        .. Enum.GetValues<AttentionProjection>().Select(SitesOf)
            .SelectMany(pair => (IEnumerable<Activation>)[pair.Input, pair.Output]).Distinct()
            .Select(activation => new Capture(activation) { Layers = [layer] }),
    ];

    /// <summary>Adds a token of a run.</summary>
    public void Add(Recording run, int position)
    {
        var input = Row(run[sites.Input], position);
        var output = Row(run[sites.Output], position);
        var written = new double[output.Length];
        for (var i = 0; i < written.Length; i++)
            written[i] = output[i] - bias[i];
        var most = threshold * TensorPrimitives.Norm<double>(written);
        for (var place = 0; place < chosen.Length; place++)
        {
            var activation = matrix.Activation(chosen[place], input);
            var size = Math.Abs(activation) * lengths[place];
            (sums[place], sizes[place]) = (sums[place] + activation, sizes[place] + size);
            if (size > most)
            {
                active[place]++;
                AddHeads(place, activation, input);
            }

            if (matrix.Projection is AttentionProjection.Key or AttentionProjection.Value)
                MarkHeads(place, Math.Abs(activation), written);
        }
    }

    /// <summary>Returns the activity.</summary>
    public MatrixActivity Result(long tokens) => new(
        matrix.Projection, chosen, [.. active], [.. sums.Select(sum => sum / tokens)],
        [.. sizes.Select(sum => sum / tokens)],
        new(
            [ComponentHeads.Axis("component", chosen), ArrayAxis.Counted("head", HeadCount)],
            [
                .. ofHeads.Select((sum, place) =>
                    active[place / HeadCount] is var count and > 0 ? sum / count : (double?)null),
            ]));

    void AddHeads(int place, double activation, ReadOnlySpan<float> input)
    {
        var size = matrix.HeadSize;
        for (var head = 0; head < HeadCount; head++)
            ofHeads[(place * HeadCount) + head] += matrix.Projection == AttentionProjection.Output
                ? Math.Abs(RowMath.Dot(input.Slice(head * size, size), matrix.OfHead(chosen[place], head)))
                    * lengths[place]
                : Math.Abs(activation) * partLengths[(place * HeadCount) + head];
    }

    void MarkHeads(int place, double activation, double[] written)
    {
        for (var head = 0; head < HeadCount; head++)
        {
            var whole = TensorPrimitives.Norm<double>(written.AsSpan(head * matrix.HeadSize, matrix.HeadSize));
            IsActiveInHead[(place * HeadCount) + head] =
                activation * partLengths[(place * HeadCount) + head] > threshold * whole;
        }
    }

    static (Activation Input, Activation Output) SitesOf(AttentionProjection projection) => projection switch
    {
        AttentionProjection.Query => (Activation.AttentionInput, Activation.Query),
        AttentionProjection.Key => (Activation.AttentionInput, Activation.Key),
        AttentionProjection.Value => (Activation.AttentionInput, Activation.Value),
        _ => (Activation.HeadOutput, Activation.AttentionOutput),
    };

    // All heads of a position lie together.
    static ReadOnlySpan<float> Row(RecordedActivation recorded, int position)
    {
        var length = recorded.Width * int.Max(1, recorded.Heads.Length);
        return recorded.Values.Slice(position * length, length);
    }
}

/// <summary>Counts at which tokens key and value components are active in the same key/value head.</summary>
/// <param name="keys">The key components.</param>
/// <param name="values">The value components.</param>
sealed class PairCounter(MatrixCounter keys, MatrixCounter values)
{
    readonly int heads = keys.HeadCount;
    readonly long[] ofKeys = new long[keys.Count * keys.HeadCount];
    readonly long[] ofValues = new long[values.Count * keys.HeadCount];
    readonly long[] both = new long[values.Count * keys.Count * keys.HeadCount];

    /// <summary>Adds the token that was added to the counters last.</summary>
    public void Add()
    {
        for (var place = 0; place < ofKeys.Length; place++)
            ofKeys[place] += keys.IsActiveInHead[place] ? 1 : 0;
        for (var place = 0; place < ofValues.Length; place++)
            if (values.IsActiveInHead[place])
            {
                ofValues[place]++;
                var (value, head) = (place / heads, place % heads);
                for (var key = 0; key < keys.Count; key++)
                    both[(((head * values.Count) + value) * keys.Count) + key] +=
                        keys.IsActiveInHead[(key * heads) + head] ? 1 : 0;
            }
    }

    /// <summary>Returns the co-activation, <c>[head][value · key]</c>.</summary>
    public ValueArray<ValueArray<CoActivation>> Result(long tokens) =>
    [
        .. Enumerable.Range(0, heads).Select(head => (ValueArray<CoActivation>)
        [
            .. from value in Enumerable.Range(0, values.Count)
               from key in Enumerable.Range(0, keys.Count)
               select new CoActivation(
                   tokens, ofKeys[(key * heads) + head], ofValues[(value * heads) + head],
                   both[(((head * values.Count) + value) * keys.Count) + key]),
        ]),
    ];
}
