using RatIlgpu.Verification;

namespace RatIlgpu.Analysis;

/// <summary>Compares the weights of two models of one shape, some rows at a time.</summary>
/// <param name="a">The first model.</param>
/// <param name="b">The second model.</param>
sealed class WeightDiffer(Qwen2Model a, Qwen2Model b)
{
    // As many numbers of each model are held at a time.
    const int Piece = 1 << 20;

    /// <summary>Compares all weights, in the order of a run.</summary>
    /// <param name="progress">Is told the share that is done; null for nobody.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ArithmeticException">A weight is NaN or infinite.</exception>
    public ImmutableArray<WeightChange> Read(
        Action<double>? progress = null, CancellationToken cancellation = default)
    {
        ImmutableArray<PairedWeight> pairs = [.. Pairs()];
        var (whole, done) = (pairs.Sum(pair => (double)pair.A.Shape.Count), 0.0);
        var changes = ImmutableArray.CreateBuilder<WeightChange>(pairs.Length);
        foreach (var pair in pairs)
        {
            changes.Add(Compare(pair, count => progress?.Invoke((done += count) / whole), cancellation));
            CheckFinite(changes[^1]);
        }

        return changes.ToImmutable();
    }

    /// <summary>Returns all weights without having read them, with 0 as their changes and norms.</summary>
    public ImmutableArray<WeightChange> Outline() => [.. Pairs().Select(pair => Found(pair, Sums(pair)))];

    WeightChange Compare(PairedWeight pair, Action<double> progress, CancellationToken cancellation)
    {
        var ((rows, columns), sums) = (pair.Size, Sums(pair));
        var difference = new double[columns];
        var step = Math.Max(1, Piece / columns);
        for (var start = 0; start < rows; start += step)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] numbers = [.. Enumerable.Range(start, Math.Min(step, rows - start))];
            var (before, after) = (a.Rows(pair.A, numbers), b.Rows(pair.B, numbers));
            foreach (var (place, row) in numbers.Index())
            {
                var one = before.AsSpan(place * columns, columns);
                var other = after.AsSpan(place * columns, columns);
                for (var i = 0; i < columns; i++)
                    difference[i] = (double)other[i] - one[i];
                sums.Whole.Add(difference, one, other);
                sums.Heads.Add(row, difference, one, other);
            }

            progress((double)numbers.Length * columns);
        }

        return Found(pair, sums);
    }

    (ChangeSum Whole, HeadBlocks Heads) Sums(PairedWeight pair) => (
        new(pair.Size.Rows, pair.Size.Columns, pair.B.DataType),
        new(a.Config, pair.Part, pair.Size.Rows, pair.Size.Columns, pair.B.DataType));

    static WeightChange Found(PairedWeight pair, (ChangeSum Whole, HeadBlocks Heads) sums) =>
        new(pair.Name, pair.Part, pair.Layer, sums.Whole.Find())
        {
            Rows = pair.Size.Rows,
            Columns = pair.Size.Columns,
            FormatA = pair.A.DataType,
            FormatB = pair.B.DataType,
            Heads = sums.Heads.Find(),
        };

    void CheckFinite(WeightChange change)
    {
        if (double.IsFinite(change.Whole.Norm) && double.IsFinite(change.Whole.NormBefore))
            return;
        foreach (var model in (Qwen2Model[])[a, b])
            if (FiniteCheck.CauseOf(model, []) is { } cause)
                throw new ArithmeticException(cause);
        throw new ArithmeticException(
            $"{change.Name}: the norm of the change is beyond the range of numbers, expected weights of usual sizes.");
    }

    IEnumerable<PairedWeight> Pairs()
    {
        yield return new("model.embed_tokens.weight", WeightPart.Embedding, null, a.Weights.Embedding,
            b.Weights.Embedding);
        for (var layer = 0; layer < a.Config.LayerCount; layer++)
            foreach (var (part, name, one, other) in Parts(a.Weights.Layers[layer], b.Weights.Layers[layer]))
                if (one is not null && other is not null)
                    yield return new(Qwen2Layout.NameOf(layer, name), part, layer, one, other);
        yield return new(
            "model.norm.weight", WeightPart.FinalGain, null, a.Weights.FinalGain, b.Weights.FinalGain);
        // Tied in both models, it is the embedding.
        if (a.Weights.HasUnembedding && b.Weights.HasUnembedding
            && !(a.Config.TiesEmbeddings && b.Config.TiesEmbeddings))
            yield return new(
                "lm_head.weight", WeightPart.Unembedding, null, a.Weights.Unembedding, b.Weights.Unembedding);
    }

    static (WeightPart Part, string Name, Tensor? A, Tensor? B)[] Parts(Qwen2LayerWeights a, Qwen2LayerWeights b) =>
    [
        (WeightPart.AttentionGain, "input_layernorm.weight", a.AttentionGain, b.AttentionGain),
        (WeightPart.Query, "self_attn.q_proj.weight", a.Query, b.Query),
        (WeightPart.QueryBias, "self_attn.q_proj.bias", a.QueryBias, b.QueryBias),
        (WeightPart.QueryGain, "self_attn.q_norm.weight", a.QueryGain, b.QueryGain),
        (WeightPart.Key, "self_attn.k_proj.weight", a.Key, b.Key),
        (WeightPart.KeyBias, "self_attn.k_proj.bias", a.KeyBias, b.KeyBias),
        (WeightPart.KeyGain, "self_attn.k_norm.weight", a.KeyGain, b.KeyGain),
        (WeightPart.Value, "self_attn.v_proj.weight", a.Value, b.Value),
        (WeightPart.ValueBias, "self_attn.v_proj.bias", a.ValueBias, b.ValueBias),
        (WeightPart.Output, "self_attn.o_proj.weight", a.Output, b.Output),
        (WeightPart.MlpGain, "post_attention_layernorm.weight", a.MlpGain, b.MlpGain),
        (WeightPart.Gate, "mlp.gate_proj.weight", a.Gate, b.Gate),
        (WeightPart.Up, "mlp.up_proj.weight", a.Up, b.Up),
        (WeightPart.Down, "mlp.down_proj.weight", a.Down, b.Down),
    ];

    readonly record struct PairedWeight(string Name, WeightPart Part, int? Layer, Tensor A, Tensor B)
    {
        public (int Rows, int Columns) Size =>
            A.Shape.Rank == 1 ? (1, A.Shape[0]) : (A.Shape[0], A.Shape[1]);
    }
}

/// <summary>The blocks that heads have in a weight: rows of queries, keys and values, columns of outputs and of
/// biases.</summary>
sealed class HeadBlocks
{
    readonly int size;
    readonly bool areRows;
    readonly ChangeSum[] sums;

    /// <summary>Divides a weight.</summary>
    /// <param name="config">The model.</param>
    /// <param name="part">Which weight.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="format">The format of its numbers after the change.</param>
    public HeadBlocks(Qwen2Config config, WeightPart part, int rows, int columns, DataType format)
    {
        size = config.HeadSize;
        areRows = part is WeightPart.Query or WeightPart.Key or WeightPart.Value;
        var count = part switch
        {
            WeightPart.Query or WeightPart.QueryBias or WeightPart.Output => config.HeadCount,
            WeightPart.Key or WeightPart.KeyBias or WeightPart.Value or WeightPart.ValueBias =>
                config.KeyValueHeadCount,
            _ => 0,
        };
        var (high, wide) = areRows ? (size, columns) : (rows, size);
        sums = [.. Enumerable.Range(0, count).Select(_ => new ChangeSum(high, wide, format))];
    }

    /// <summary>Adds a row of the weight to the blocks that have a part of it.</summary>
    public void Add(int row, ReadOnlySpan<double> difference, ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (sums.Length == 0)
            return;
        if (areRows)
            sums[row / size].Add(difference, a, b);
        else
            for (var head = 0; head < sums.Length; head++)
                sums[head].Add(
                    difference.Slice(head * size, size), a.Slice(head * size, size), b.Slice(head * size, size));
    }

    /// <summary>Returns the change of each block.</summary>
    public ImmutableArray<BlockChange> Find() => [.. sums.Select(sum => sum.Find())];
}
