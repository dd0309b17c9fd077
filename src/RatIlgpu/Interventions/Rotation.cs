using RatIlgpu.Models;

namespace RatIlgpu.Interventions;

/// <summary>Applies the rotary embedding to a query or key of one head, or undoes it.</summary>
/// <remarks>Support code for the project's own packages.</remarks>
/// <param name="config">The architecture.</param>
public sealed class Rotation(Qwen2Config config)
{
    readonly RotaryEmbedding angles = new(config);
    readonly float[] cosinesAndSines = new float[config.HeadSize];

    /// <summary>Rotates a row of a position, <c>[headSize]</c>, in place.</summary>
    public void Apply(int position, Span<float> row)
    {
        angles.Fill(position, 1, cosinesAndSines);
        for (var pair = 0; pair < row.Length / 2; pair++)
            Rotate(row, pair, cosinesAndSines[pair], cosinesAndSines[row.Length / 2 + pair]);
    }

    /// <summary>Rotates a row of a position, <c>[headSize]</c>, back in place.</summary>
    public void Undo(int position, Span<float> row)
    {
        angles.Fill(position, 1, cosinesAndSines);
        for (var pair = 0; pair < row.Length / 2; pair++)
        {
            // YaRN scales cosine and sine: the rotation then stretches too.
            var (cosine, sine) = (cosinesAndSines[pair], cosinesAndSines[row.Length / 2 + pair]);
            var square = cosine * cosine + sine * sine;
            Rotate(row, pair, cosine / square, -sine / square);
        }
    }

    static void Rotate(Span<float> row, int pair, float cosine, float sine)
    {
        var (x, y) = (row[pair], row[row.Length / 2 + pair]);
        (row[pair], row[row.Length / 2 + pair]) = (x * cosine - y * sine, y * cosine + x * sine);
    }
}
