namespace RatIlgpu.Analysis;

/// <summary>Rotates queries and keys of heads in double, by the angles that the model takes.</summary>
/// <param name="config">The model.</param>
/// <param name="positions">The number of positions, from 0.</param>
sealed class HeadTurns(Qwen2Config config, int positions)
{
    readonly float[] angles = Fill(config, positions);

    /// <summary>Rotates a head at a position, <c>[headSize]</c>, in place.</summary>
    public void Turn(int position, Span<double> head)
    {
        var half = head.Length / 2;
        var own = angles.AsSpan(position * head.Length, head.Length);
        for (var pair = 0; pair < half; pair++)
        {
            var (x, y, cosine, sine) = (head[pair], head[half + pair], (double)own[pair], (double)own[half + pair]);
            (head[pair], head[half + pair]) = ((x * cosine) - (y * sine), (y * cosine) + (x * sine));
        }
    }

    static float[] Fill(Qwen2Config config, int positions)
    {
        var angles = new float[positions * config.HeadSize];
        new RotaryEmbedding(config).Fill(0, positions, angles);
        return angles;
    }
}
