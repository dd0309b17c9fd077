using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Rotates queries and keys of heads in double, by the angles that the model takes, and multiplies
/// them.</summary>
/// <param name="config">The model.</param>
/// <param name="positions">The number of positions, from 0.</param>
sealed class HeadTurns(Qwen2Config config, int positions)
{
    readonly float[] angles = Fill(config, positions);

    /// <summary>Returns the cosines, then the sines, of the angles of a position, <c>[headSize]</c>: one of each for
    /// number p and number <c>headSize / 2 + p</c> of a head, which turn together.</summary>
    public ReadOnlySpan<float> At(int position) => angles.AsSpan(position * config.HeadSize, config.HeadSize);

    /// <summary>Rotates a head at a position, <c>[headSize]</c>, in place.</summary>
    public void Turn(int position, Span<double> head)
    {
        var half = head.Length / 2;
        var own = At(position);
        for (var pair = 0; pair < half; pair++)
        {
            var (x, y, cosine, sine) = (head[pair], head[half + pair], (double)own[pair], (double)own[half + pair]);
            (head[pair], head[half + pair]) = ((x * cosine) - (y * sine), (y * cosine) + (x * sine));
        }
    }

    /// <summary>Returns the parts of vectors that belong to a head, rotated, <c>[vectors][headSize]</c>.</summary>
    /// <param name="vectors">The vectors, <c>[vectors][heads · headSize]</c>.</param>
    /// <param name="head">The head: a query head of queries, a key/value head of keys.</param>
    /// <param name="position">The position.</param>
    public double[][] Turned(double[][] vectors, int head, int position)
    {
        var parts = new double[vectors.Length][];
        for (var place = 0; place < parts.Length; place++)
        {
            parts[place] = vectors[place].AsSpan(head * config.HeadSize, config.HeadSize).ToArray();
            Turn(position, parts[place]);
        }

        return parts;
    }

    /// <summary>Returns the scores of all pairs of queries and keys at a distance, <c>[queries · keys]</c>, the keys
    /// fastest: <c>⟨R_δ q[h], k[kv(h)]⟩ / √d</c>.</summary>
    /// <param name="queries">The queries, <c>[queries][heads · headSize]</c>.</param>
    /// <param name="keys">The keys, <c>[keys][key/value heads · headSize]</c>.</param>
    /// <param name="head">The query head.</param>
    /// <param name="distance">The distance from the key to the query.</param>
    public double[] AtDistance(double[][] queries, double[][] keys, int head, int distance) =>
        Products(Turned(queries, head, distance), Turned(keys, head / config.GroupSize, 0));

    /// <summary>Returns the products of all pairs by the root of the head size, row by row.</summary>
    public static double[] Products(double[][] rows, double[][] columns)
    {
        var found = new double[rows.Length * columns.Length];
        for (var row = 0; row < rows.Length; row++)
            for (var column = 0; column < columns.Length; column++)
                found[(row * columns.Length) + column] =
                    TensorPrimitives.Dot<double>(rows[row], columns[column]) / Math.Sqrt(rows[row].Length);
        return found;
    }

    static float[] Fill(Qwen2Config config, int positions)
    {
        var angles = new float[positions * config.HeadSize];
        new RotaryEmbedding(config).Fill(0, positions, angles);
        return angles;
    }
}
