namespace RatIlgpu.Devices;

/// <summary><see cref="Device.Rotate"/>; a piece is a position.</summary>
readonly unsafe struct RotateWork(Simd simd, Heads x, float* angles, Heads result) : IRangeWork
{
    public long Count => x.Rows;

    public long StepsPerPiece => (long)x.Count * x.Size;

    public void Do(long start, long end)
    {
        for (var position = start; position < end; position++)
            for (var head = 0; head < x.Count; head++)
                simd.Rotate(
                    x.Of(head, position).Row(0), angles + position * x.Size, result.Of(head, position).Row(0),
                    x.Size / 2);
    }
}
