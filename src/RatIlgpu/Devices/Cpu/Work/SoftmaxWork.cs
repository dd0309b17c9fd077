namespace RatIlgpu.Devices;

/// <summary><see cref="Device.CausalSoftmax"/>; a piece is a row, of one query of one head.</summary>
readonly unsafe struct SoftmaxWork(PatternRows rows, Sight sight, float* scores, int heads, float* result) : IRangeWork
{
    public long Count => (long)heads * sight.Queries;

    public long StepsPerPiece => 4L * sight.Keys;

    public void Do(long start, long end)
    {
        var keys = sight.Keys;
        for (var index = start; index < end; index++)
        {
            var query = (int)(index % sight.Queries);
            var row = result + index * keys;
            if (row != scores + index * keys)
                new ReadOnlySpan<float>(scores + index * keys, keys).CopyTo(new Span<float>(row, keys));
            rows.Finish(row, query);
        }
    }
}
