using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <content>How near a part comes to a whole.</content>
sealed unsafe partial class Simd<TLanes, TColumns>
{
    // A lane adds so many numbers in F32; a double adds up the lanes.
    const int NearnessVectors = 64;

    [MethodImpl(AggressiveOptimization)]
    public override float Nearness(float* whole, float* part, nint count)
    {
        double sum = 0;
        nint i = 0;
        for (var last = count - count % TLanes.Count; i < last;)
        {
            var lanes = TLanes.Of(0);
            for (var end = Math.Min(last, i + NearnessVectors * TLanes.Count); i < end; i += TLanes.Count)
                lanes += Devices.Nearness.Of(TLanes.LoadF32(whole + i), TLanes.LoadF32(part + i));
            sum += TLanes.Sum(lanes);
        }

        for (; i < count; i++)
            sum += ScalarLanes.Sum(Devices.Nearness.Of(ScalarLanes.Of(whole[i]), ScalarLanes.Of(part[i])));
        return (float)sum;
    }

    public override void AddNearness(Matrix pattern, Matrix value, Matrix whole, float* result, ProductSize size)
    {
        var vectors = size.Columns - size.Columns % TLanes.Count;
        NearnessBlock(pattern, value, whole, result, size with { Columns = vectors });
        if (vectors == size.Columns)
            return;
        var right = vectors * sizeof(float);
        Simd<ScalarLanes, Two>.NearnessBlock(
            pattern, value.From(0, right), whole.From(0, right), result,
            size with { Columns = size.Columns - vectors });
    }

    [SkipLocalsInit]
    static void NearnessBlock(Matrix pattern, Matrix value, Matrix whole, float* result, ProductSize size)
    {
        var tileRows = EvenTile(size.Rows, RowsOfTile);
        var lanes = stackalloc float[(int)RowsOfTile * TLanes.Count];
        for (nint row = 0; row < size.Rows; row += tileRows)
        {
            var rows = Math.Min(tileRows, size.Rows - row);
            for (nint i = 0; i < rows; i++)
                TLanes.Of(0).Store(lanes + i * TLanes.Count);
            MixRows(pattern.From(row, 0), value, new Compared(whole.From(row, 0), lanes), size with { Rows = rows });
            for (nint i = 0; i < rows; i++)
                result[row + i] += TLanes.Sum(TLanes.LoadF32(lanes + i * TLanes.Count));
        }
    }

    // Adds how near the mixed numbers come to a whole, lane by lane.
    readonly struct Compared(Matrix whole, float* lanes) : IMixed
    {
        [MethodImpl(AggressiveInlining)]
        public void Take<TCount>(in Quad<TLanes, TCount> mixed, nint row, nint column)
            where TCount : struct, ICount
        {
            var sum = lanes + row * TLanes.Count;
            (TLanes.LoadF32(sum) + mixed.Nearness(whole.Row(row) + column)).Store(sum);
        }
    }
}
