using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.Runtime.Cuda;

namespace RatIlgpu.Ilgpu;

/// <summary>What a lane holds of 16 by 8 sums: columns 2t and 2t + 1 of the rows g and g + 8, where lane = 4g +
/// t.</summary>
struct SumFragment
{
    public float A;
    public float B;
    public float C;
    public float D;

    public static SumFragment operator +(SumFragment x, SumFragment y) =>
        new() { A = x.A + y.A, B = x.B + y.B, C = x.C + y.C, D = x.D + y.D };
}

/// <summary>What a lane holds of 16 rows by 16 BF16 numbers: the pairs at 2t of the rows g and g + 8, and those at
/// 2t + 8.</summary>
struct RowFragment
{
    public uint A;
    public uint B;
    public uint C;
    public uint D;
}

/// <summary>The instruction of tensor cores, from sm_80 on, by which the 32 lanes of a warp multiply
/// matrices.</summary>
static class TensorCore
{
    /// <summary>Adds the products of 16 rows and 8 columns, 16 numbers each.</summary>
    /// <param name="sums">What is added to.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="low">The pair at 2t of column g.</param>
    /// <param name="high">The pair at 2t + 8 of column g.</param>
    /// <remarks>Here, for ILGPU's CPU accelerator, the lanes hand one another what each multiplies; see the PTX ISA,
    /// mma.m16n8k16.</remarks>
    [IntrinsicImplementation]
    public static SumFragment MultiplyAdd(SumFragment sums, RowFragment rows, uint low, uint high)
    {
        var (group, thread) = (Warp.LaneIdx & ~3, Warp.LaneIdx & 3);
        for (var i = 0; i < 4; i++)
        {
            var (a, b) = (Warp.Shuffle(rows.A, group + i), Warp.Shuffle(rows.B, group + i));
            var (c, d) = (Warp.Shuffle(rows.C, group + i), Warp.Shuffle(rows.D, group + i));
            var (left, right) = (8 * thread + i, 8 * thread + 4 + i);
            var (lowLeft, highLeft) = (Warp.Shuffle(low, left), Warp.Shuffle(high, left));
            var (lowRight, highRight) = (Warp.Shuffle(low, right), Warp.Shuffle(high, right));
            sums.A += Product(a, lowLeft) + Product(c, highLeft);
            sums.B += Product(a, lowRight) + Product(c, highRight);
            sums.C += Product(b, lowLeft) + Product(d, highLeft);
            sums.D += Product(b, lowRight) + Product(d, highRight);
        }

        return sums;
    }

    /// <summary>Tells a context how CUDA says it.</summary>
    public static void Register(Context context) => context.GetIntrinsicManager().RegisterMethod(
        ((Delegate)MultiplyAdd).Method,
        new PTXIntrinsic(typeof(TensorCore), nameof(ForPtx), IntrinsicImplementationMode.Redirect));

    static SumFragment ForPtx(SumFragment sums, RowFragment rows, uint low, uint high)
    {
        Ref<float> a = sums.A, b = sums.B, c = sums.C, d = sums.D;
        Input<uint> rowsA = rows.A, rowsB = rows.B, rowsC = rows.C, rowsD = rows.D, columnsA = low, columnsB = high;
        CudaAsm.EmitRef(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};",
            ref a, ref b, ref c, ref d, ref rowsA, ref rowsB, ref rowsC, ref rowsD, ref columnsA, ref columnsB);
        return new() { A = a.Value, B = b.Value, C = c.Value, D = d.Value };
    }

    // Of two pairs of BF16 numbers.
    static float Product(uint x, uint y) =>
        Interop.IntAsFloat(x << 16) * Interop.IntAsFloat(y << 16)
        + Interop.IntAsFloat(x & 0xFFFF0000u) * Interop.IntAsFloat(y & 0xFFFF0000u);
}
