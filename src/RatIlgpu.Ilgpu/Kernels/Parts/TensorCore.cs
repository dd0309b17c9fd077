using ILGPU.Backends.PTX;
using ILGPU.IR;

namespace RatIlgpu.Ilgpu;

/// <summary>The part of 16 by 8 sums that a lane holds: columns 2t and 2t + 1 of rows g and g + 8, where lane = 4g +
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

/// <summary>The part of 16 rows of 16 BF16 numbers that a lane holds: the pairs at 2t and 2t + 8 of rows g and
/// g + 8.</summary>
struct RowFragment
{
    public uint A;
    public uint B;
    public uint C;
    public uint D;
}

/// <summary>The instruction by which the 32 lanes of a warp multiply matrices on tensor cores, from sm_80
/// on.</summary>
static class TensorCore
{
    /// <summary>Adds the products of 16 rows and 8 columns, 16 numbers each.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="low">The pair at 2t of column g.</param>
    /// <param name="high">The pair at 2t + 8 of column g.</param>
    /// <remarks>This body runs on ILGPU's CPU accelerator: the lanes exchange their fragments by shuffles. See the PTX
    /// ISA, mma.m16n8k16.</remarks>
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

    /// <summary>Registers the PTX implementation of this intrinsic.</summary>
    public static void Register(Context context) => context.GetIntrinsicManager().RegisterMethod(
        ((Delegate)MultiplyAdd).Method,
        new PTXIntrinsic(typeof(TensorCore), nameof(ForPtx), IntrinsicImplementationMode.GenerateCode));

    // Written here, not by CudaAsm: that takes references, which put every operand into local memory.
    static void ForPtx(PTXBackend _, PTXCodeGenerator generator, Value call)
    {
        var target = ((PTXRegisterAllocator.CompoundRegister)generator.Allocate(call))
            .SliceAs<PTXRegisterAllocator.PrimitiveRegister>(0, 4);
        var (sums, rows) = (Fields(generator, call[0]), Fields(generator, call[1]));
        PTXRegisterAllocator.PrimitiveRegister[] columns =
        [
            generator.EnsureHardwareRegister(generator.LoadPrimitive(call[2])),
            generator.EnsureHardwareRegister(generator.LoadPrimitive(call[3])),
        ];
        using var command = generator.BeginCommand("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32");
        command.AppendVectorArgument(target);
        command.AppendVectorArgument(rows);
        command.AppendVectorArgument(columns);
        command.AppendVectorArgument(sums);
    }

    static PTXRegisterAllocator.PrimitiveRegister[] Fields(PTXCodeGenerator generator, Value value) =>
    [
        .. ((PTXRegisterAllocator.CompoundRegister)generator.Load(value))
            .SliceAs<PTXRegisterAllocator.PrimitiveRegister>(0, 4).Select(generator.EnsureHardwareRegister),
    ];

    // The scalar product of two pairs of BF16 numbers.
    static float Product(uint x, uint y) =>
        Interop.IntAsFloat(x << 16) * Interop.IntAsFloat(y << 16)
        + Interop.IntAsFloat(x & 0xFFFF0000u) * Interop.IntAsFloat(y & 0xFFFF0000u);
}

/// <summary>The part of a warp's 32 by 32 sums that a lane holds: two rows of four fragments.</summary>
struct TensorTile
{
    public SumFragment UpperA;
    public SumFragment UpperB;
    public SumFragment UpperC;
    public SumFragment UpperD;
    public SumFragment LowerA;
    public SumFragment LowerB;
    public SumFragment LowerC;
    public SumFragment LowerD;

    /// <summary>Adds the products of 32 rows and 32 columns in shared memory, 16 numbers each.</summary>
    public void Add(ArrayView<uint> rows, int row, ArrayView<uint> columns, int column, int stride)
    {
        var (upper, lower) = (Load(rows, row, stride), Load(rows, row + 16 * stride, stride));
        UpperA = TensorCore.MultiplyAdd(UpperA, upper, columns[column], columns[column + 4]);
        LowerA = TensorCore.MultiplyAdd(LowerA, lower, columns[column], columns[column + 4]);
        column += 8 * stride;
        UpperB = TensorCore.MultiplyAdd(UpperB, upper, columns[column], columns[column + 4]);
        LowerB = TensorCore.MultiplyAdd(LowerB, lower, columns[column], columns[column + 4]);
        column += 8 * stride;
        UpperC = TensorCore.MultiplyAdd(UpperC, upper, columns[column], columns[column + 4]);
        LowerC = TensorCore.MultiplyAdd(LowerC, lower, columns[column], columns[column + 4]);
        column += 8 * stride;
        UpperD = TensorCore.MultiplyAdd(UpperD, upper, columns[column], columns[column + 4]);
        LowerD = TensorCore.MultiplyAdd(LowerD, lower, columns[column], columns[column + 4]);
    }

    /// <summary>Adds other sums.</summary>
    public void Add(TensorTile sums)
    {
        UpperA += sums.UpperA;
        UpperB += sums.UpperB;
        UpperC += sums.UpperC;
        UpperD += sums.UpperD;
        LowerA += sums.LowerA;
        LowerB += sums.LowerB;
        LowerC += sums.LowerC;
        LowerD += sums.LowerD;
    }

    /// <summary>Stores the sums that lie inside the result.</summary>
    public readonly void Store(ArrayView<float> result, ProductSizes sizes, int row, int column)
    {
        Store(result, sizes, row, column, UpperA);
        Store(result, sizes, row, column + 8, UpperB);
        Store(result, sizes, row, column + 16, UpperC);
        Store(result, sizes, row, column + 24, UpperD);
        Store(result, sizes, row + 16, column, LowerA);
        Store(result, sizes, row + 16, column + 8, LowerB);
        Store(result, sizes, row + 16, column + 16, LowerC);
        Store(result, sizes, row + 16, column + 24, LowerD);
    }

    static void Store(ArrayView<float> result, ProductSizes sizes, int row, int column, SumFragment sums)
    {
        StorePair(result, sizes, row, column, sums.A, sums.B);
        StorePair(result, sizes, row + 8, column, sums.C, sums.D);
    }

    static void StorePair(ArrayView<float> result, ProductSizes sizes, int row, int column, float left, float right)
    {
        if (row >= sizes.Rows)
            return;
        Results.StoreOne(result, sizes, row * sizes.ResultRow + column, column, left);
        Results.StoreOne(result, sizes, row * sizes.ResultRow + column + 1, column + 1, right);
    }

    static RowFragment Load(ArrayView<uint> rows, int row, int stride) => new()
    {
        A = rows[row],
        B = rows[row + 8 * stride],
        C = rows[row + 4],
        D = rows[row + 8 * stride + 4],
    };
}
