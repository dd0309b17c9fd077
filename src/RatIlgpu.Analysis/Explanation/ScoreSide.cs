using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>The parts of the queries of a head, or of the keys that it reads: one of each part of the stream before its
/// layer, and the bias.</summary>
/// <remarks>The matrix of the head is multiplied by the output matrix of each earlier layer first, so the vector that
/// an earlier head writes is never made.</remarks>
sealed class ScoreSide
{
    readonly Qwen2Model model;
    readonly int layer;

    // [headSize][width], with the gains of the norm of the stream and of the norm of the head.
    readonly double[][] matrix;

    // [headSize]; null where there is none.
    readonly double[]? bias;
    readonly ProjectionWeight weight;
    readonly bool normsHeads;

    // What the head reads of the outputs of the heads of each earlier layer, [headSize][heads · headSize].
    readonly List<double[][]> throughHeads = [];

    ScoreSide(Qwen2Model model, HeadIndex head, AttentionProjection projection)
    {
        (this.model, layer) = (model, head.Layer);
        var weights = model.Weights.Layers[layer];
        var (own, gain, added) = projection == AttentionProjection.Query
            ? (head.Head, weights.QueryGain, weights.QueryBias)
            : (head.Head / model.Config.GroupSize, weights.KeyGain, weights.KeyBias);
        weight = ProjectionWeight.OfHead(model, layer, projection, own);
        var gains = gain is null ? null : model.Rows(gain, 0);
        normsHeads = gains is not null;
        matrix = new double[weight.Outputs][];
        for (var row = 0; row < matrix.Length; row++)
        {
            matrix[row] = [.. weight.Gain];
            for (var i = 0; i < matrix[row].Length; i++)
                matrix[row][i] *= weight.Row(row)[i] * (gains?[row] ?? 1.0);
        }

        bias = added is null ? null : [.. weight.Bias.Select((number, row) => number * (gains?[row] ?? 1.0))];
    }

    /// <summary>Reads the matrices of the queries and of the keys of a head, and multiplies both by the output matrices
    /// of the earlier layers, each of which is read once.</summary>
    public static (ScoreSide Queries, ScoreSide Keys) Both(Qwen2Model model, HeadIndex head)
    {
        var queries = new ScoreSide(model, head, AttentionProjection.Query);
        var keys = new ScoreSide(model, head, AttentionProjection.Key);
        using var sums = new RowSums(model, [.. queries.matrix, .. keys.matrix]);
        int[] rows = [.. Enumerable.Range(0, model.Config.HiddenSize)];
        foreach (var earlier in model.Weights.Layers.Take(head.Layer))
        {
            var both = sums.Of(earlier.Output, rows);
            queries.throughHeads.Add(both[..queries.matrix.Length]);
            keys.throughHeads.Add(both[queries.matrix.Length..]);
        }

        return (queries, keys);
    }

    /// <summary>Returns the parts of a weighted sum of the rotated queries or keys of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="turns">The angles of its positions.</param>
    /// <param name="positions">The positions of the sum.</param>
    /// <param name="factors">The factor of each.</param>
    /// <param name="split">The earlier heads by the token that they read, up to this position; null for whole
    /// heads.</param>
    public ScoreParts Parts(
        Recording run, HeadTurns turns, ImmutableArray<int> positions, double[] factors, int? split)
    {
        var scales = positions.Select(position => ScalesAt(run, position)).ToArray();
        double[] ofBias = [.. factors.Zip(scales, (factor, scale) => factor / scale.Head)];
        var at = WeightedTurns.Of(
            turns, positions, [.. ofBias.Zip(scales, (factor, scale) => factor / scale.Stream)], matrix.Length);
        var parts = new ScoreParts(at.Sums, WeightedTurns.Of(turns, positions, ofBias, matrix.Length).Sums);
        using var rows = new SummedRows(model, run, at);
        parts.Add(new ResidualTerm.Embedding(), WeightedTurns.Turn(matrix, rows.Of(Site.Embedding), ..));
        for (var earlier = 0; earlier < layer; earlier++)
        {
            AddHeads(parts, rows, earlier, split);
            parts.Add(
                new ResidualTerm.Mlp(earlier),
                WeightedTurns.Turn(matrix, rows.Of(new(Activation.MlpOutput, earlier)), ..));
        }

        if (bias is not null)
            parts.Add(new ResidualTerm.Bias(), WeightedTurns.Turn(parts.OfBias, bias));
        return parts;
    }

    /// <summary>Returns what a vector of the stream that is the same at all positions, and the bias, are of the sum
    /// whose parts are given, <c>[headSize]</c>.</summary>
    public double[] Alike(ScoreParts parts, double[] vector)
    {
        var read = WeightedTurns.Turn(
            parts.OfStream, [.. matrix.Select(row => TensorPrimitives.Dot<double>(row, vector))]);
        if (bias is not null)
            TensorPrimitives.Add(read, WeightedTurns.Turn(parts.OfBias, bias), read);
        return read;
    }

    /// <summary>Returns the rotated query or key of a run without a part, with the scales of the norms that the stream
    /// without it has, <c>[headSize]</c>.</summary>
    public double[] Without(Recording run, HeadTurns turns, ResidualTerm part, int position)
    {
        var row = Wide(run[new(Activation.ResidualBefore, layer)].Row(position));
        if (part is not ResidualTerm.Bias)
            TensorPrimitives.Subtract(row, Written(run, part, position), row);
        var added = part is ResidualTerm.Bias ? null : bias;
        var scales = ScalesOf(row, added is not null);
        var left = new double[matrix.Length];
        for (var i = 0; i < left.Length; i++)
            left[i] = ((TensorPrimitives.Dot<double>(matrix[i], row) / scales.Stream) + (added?[i] ?? 0)) / scales.Head;
        turns.Turn(position, left);
        return left;
    }

    // What a part writes to the stream, [width].
    double[] Written(Recording run, ResidualTerm part, int position) => part switch
    {
        ResidualTerm.Embedding => Wide(run[Site.Embedding].Row(position)),
        ResidualTerm.Mlp one => Wide(run[new(Activation.MlpOutput, one.Layer)].Row(position)),
        ResidualTerm.Head { Index: var head } =>
            Output(head, Wide(run[new(Activation.HeadOutput, head.Layer)].Row(position, head.Head))),
        ResidualTerm.HeadSource { Index: var head, Source: var source } => Output(
            head,
            [
                .. Wide(HeadRows.Values(run, model.Config, head).Row(source)).Select(number =>
                    number * run[new(Activation.Pattern, head.Layer)].Row(position, head.Head)[source]),
            ]),
        _ => throw new ArgumentException($"{part} is no part of the stream before a layer."),
    };

    double[] Output(HeadIndex head, double[] read)
    {
        var output = model.Weights.Layers[head.Layer].Output;
        var (width, inputs) = (output.Shape[0], output.Shape[1]);
        var rows = model.Rows(output, [.. Enumerable.Range(0, width)]);
        var written = new double[width];
        for (var to = 0; to < width; to++)
            written[to] = RowMath.Dot(rows.AsSpan((to * inputs) + (head.Head * read.Length), read.Length), read);
        return written;
    }

    static double[] Wide(ReadOnlySpan<float> row)
    {
        var wide = new double[row.Length];
        TensorPrimitives.ConvertTruncating(row, wide);
        return wide;
    }

    void AddHeads(ScoreParts parts, SummedRows rows, int earlier, int? split)
    {
        var (config, size) = (model.Config, model.Config.HeadSize);
        var through = throughHeads[earlier];
        var sums = split is null ? rows.Of(new(Activation.HeadOutput, earlier)) : [];
        for (var head = 0; head < config.HeadCount; head++)
        {
            var (index, columns) = (new HeadIndex(earlier, head), (head * size)..((head + 1) * size));
            if (split is not { } last)
            {
                parts.Add(new ResidualTerm.Head(index), WeightedTurns.Turn(through, sums, columns));
                continue;
            }

            var values = rows.Values(index);
            foreach (var source in rows.Sources(last))
                parts.Add(new ResidualTerm.HeadSource(index, source), WeightedTurns.Turn(
                    rows.Attending(index, source), Read(through, columns, values.Row(source))));
        }
    }

    static double[] Read(double[][] through, Range columns, ReadOnlySpan<float> value)
    {
        var read = new double[through.Length];
        for (var row = 0; row < read.Length; row++)
            read[row] = RowMath.Dot(value, through[row].AsSpan(columns));
        return read;
    }

    (double Stream, double Head) ScalesAt(Recording run, int position) =>
        ScalesOf(Wide(run[new(Activation.ResidualBefore, layer)].Row(position)), hasBias: true);

    // The scale of the norm of the stream, and that of the norm of the head, 1 where there is none.
    (double Stream, double Head) ScalesOf(double[] row, bool hasBias)
    {
        var epsilon = model.Config.RmsNormEpsilon;
        var scale = Math.Sqrt((TensorPrimitives.SumOfSquares<double>(row) / row.Length) + epsilon);
        if (!normsHeads)
            return (scale, 1);
        var normed = new double[row.Length];
        for (var i = 0; i < normed.Length; i++)
            normed[i] = weight.Gain[i] * row[i] / scale;
        var squares = 0.0;
        for (var i = 0; i < weight.Outputs; i++)
        {
            var number = RowMath.Dot(weight.Row(i), normed) + (hasBias ? weight.Bias[i] : 0);
            squares += number * number;
        }

        return (scale, Math.Sqrt((squares / weight.Outputs) + epsilon));
    }
}

/// <summary>The parts of a weighted sum of rotated heads.</summary>
/// <param name="ofStream">The factors with the scales of all norms, summed, <c>[headSize]</c>.</param>
/// <param name="ofBias">The factors with the scales of the norm of heads, summed, <c>[headSize]</c>.</param>
sealed class ScoreParts(double[] ofStream, double[] ofBias)
{
    readonly List<ResidualTerm> terms = [];
    readonly List<double[]> vectors = [];

    /// <summary>Gets the sums of factors that rotate a vector of the stream that is the same at all
    /// positions.</summary>
    public double[] OfStream => ofStream;

    /// <summary>Gets the sums of factors that rotate the bias.</summary>
    public double[] OfBias => ofBias;

    /// <summary>Gets the parts in the order of the model.</summary>
    public IReadOnlyList<ResidualTerm> Terms => terms;

    /// <summary>Gets the vector of each part, <c>[parts][headSize]</c>.</summary>
    public IReadOnlyList<double[]> Vectors => vectors;

    /// <summary>Gets the sum of all parts, <c>[headSize]</c>.</summary>
    public double[] Whole
    {
        get
        {
            var whole = new double[ofStream.Length];
            foreach (var vector in vectors)
                TensorPrimitives.Add(whole, vector, whole);
            return whole;
        }
    }

    /// <summary>Returns the vector of a part, <c>[headSize]</c>.</summary>
    public double[] Of(ResidualTerm part) => vectors[terms.IndexOf(part)];

    /// <summary>Adds a part.</summary>
    public void Add(ResidualTerm term, double[] vector)
    {
        terms.Add(term);
        vectors.Add(vector);
    }
}
