using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>Turns a query or key of one head by its position, or back.</summary>
/// <param name="config">Of which model.</param>
sealed class RotaryTurn(Qwen2Config config)
{
    readonly RotaryAngles angles = new(config);
    readonly float[] turn = new float[config.HeadSize];

    /// <summary>Turns numbers of a position, in place.</summary>
    public void Forth(int position, Span<float> row)
    {
        angles.Fill(position, 1, turn);
        for (var pair = 0; pair < row.Length / 2; pair++)
            Turn(row, pair, turn[pair], turn[row.Length / 2 + pair]);
    }

    /// <summary>Turns numbers of a position back, in place.</summary>
    public void Back(int position, Span<float> row)
    {
        angles.Fill(position, 1, turn);
        for (var pair = 0; pair < row.Length / 2; pair++)
        {
            // A turn may stretch as well, by the amplitude of its cosine and sine.
            var (cosine, sine) = (turn[pair], turn[row.Length / 2 + pair]);
            var square = cosine * cosine + sine * sine;
            Turn(row, pair, cosine / square, -sine / square);
        }
    }

    static void Turn(Span<float> row, int pair, float cosine, float sine)
    {
        var (x, y) = (row[pair], row[row.Length / 2 + pair]);
        (row[pair], row[row.Length / 2 + pair]) = (x * cosine - y * sine, y * cosine + x * sine);
    }
}
