using System.Runtime.CompilerServices;
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

    /// <summary>Loads the fields of a fragment from shared memory. The lanes 8m to 8m + 7 name the eight rows of field
    /// m, each of eight numbers; of row g of every field, lane 4g + t gets the pair at 2t.</summary>
    /// <param name="tile">The shared memory.</param>
    /// <param name="row">The place of the row that this lane names.</param>
    /// <remarks>See the PTX ISA, ldmatrix.</remarks>
    [IntrinsicImplementation]
    public static RowFragment Load(ref uint tile, int row)
    {
        var (group, thread) = (Warp.LaneIdx / 4, Warp.LaneIdx % 4);
        return new()
        {
            A = Unsafe.Add(ref tile, Warp.Shuffle(row, group) + thread),
            B = Unsafe.Add(ref tile, Warp.Shuffle(row, 8 + group) + thread),
            C = Unsafe.Add(ref tile, Warp.Shuffle(row, 16 + group) + thread),
            D = Unsafe.Add(ref tile, Warp.Shuffle(row, 24 + group) + thread),
        };
    }

    /// <summary>The place of the half row that a lane names to load 16 rows.</summary>
    public static int RowOf(int lane, int stride) => (lane % 8 + lane / 8 % 2 * 8) * stride + lane / 16 * 4;

    /// <summary>The place of the half column that a lane names to load 16 columns: the low and the high pairs of eight
    /// columns, and those of the next eight.</summary>
    public static int ColumnOf(int lane, int stride) => (lane % 8 + lane / 16 * 8) * stride + lane / 8 % 2 * 4;

    /// <summary>Registers the PTX implementations of these intrinsics.</summary>
    public static void Register(Context context)
    {
        var manager = context.GetIntrinsicManager();
        manager.RegisterMethod(
            ((Delegate)MultiplyAdd).Method,
            new PTXIntrinsic(typeof(TensorCore), nameof(ForPtx), IntrinsicImplementationMode.GenerateCode));
        manager.RegisterMethod(
            typeof(TensorCore).GetMethod(nameof(Load))!,
            new PTXIntrinsic(typeof(TensorCore), nameof(LoadForPtx), IntrinsicImplementationMode.GenerateCode));
    }

    static void LoadForPtx(PTXBackend _, PTXCodeGenerator generator, Value call)
    {
        var target = ((PTXRegisterAllocator.CompoundRegister)generator.Allocate(call))
            .SliceAs<PTXRegisterAllocator.PrimitiveRegister>(0, 4);
        var tile = Addresses.In(generator, MemoryAddressSpace.Shared, call[0]);
        var place = generator.EnsureHardwareRegister(generator.LoadPrimitive(call[1]));
        var address = generator.AllocatePlatformRegister(out var _1);
        using (var sum = generator.BeginCommand("mad.wide.s32"))
        {
            sum.AppendArgument(address);
            sum.AppendArgument(place);
            sum.AppendConstant((long)sizeof(uint));
            sum.AppendArgument(tile);
        }

        using var command = generator.BeginCommand("ldmatrix.sync.aligned.m8n8.x4.shared.b16");
        command.AppendVectorArgument(target);
        command.AppendArgumentValue(address);
    }

    // Written here, not by CudaAsm: that takes references, which put every operand into local memory
    // (findings/ilgpu-asm-operands.sh).
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
    /// <param name="rows">The shared memory of the rows.</param>
    /// <param name="row">The place of the first row.</param>
    /// <param name="columns">The shared memory of the columns.</param>
    /// <param name="column">The place of the first column.</param>
    /// <param name="lane">The places of this lane in the tile of a fragment.</param>
    public void Add(ArrayView<uint> rows, int row, ArrayView<uint> columns, int column, LanePlaces lane)
    {
        var next = 16 * lane.Stride;
        var upper = lane.Rows(rows, row);
        var lower = lane.Rows(rows, row + next);
        var left = lane.Columns(columns, column);
        var right = lane.Columns(columns, column + next);
        UpperA = TensorCore.MultiplyAdd(UpperA, upper, left.A, left.B);
        LowerA = TensorCore.MultiplyAdd(LowerA, lower, left.A, left.B);
        UpperB = TensorCore.MultiplyAdd(UpperB, upper, left.C, left.D);
        LowerB = TensorCore.MultiplyAdd(LowerB, lower, left.C, left.D);
        UpperC = TensorCore.MultiplyAdd(UpperC, upper, right.A, right.B);
        LowerC = TensorCore.MultiplyAdd(LowerC, lower, right.A, right.B);
        UpperD = TensorCore.MultiplyAdd(UpperD, upper, right.C, right.D);
        LowerD = TensorCore.MultiplyAdd(LowerD, lower, right.C, right.D);
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

    /// <summary>Stores the sums of a lane: those of rows from its first on, and of every fourth pair.</summary>
    public readonly void Store<TPairs>(TPairs pairs, int row, int pair)
        where TPairs : struct, IPairs<UInt2>
    {
        Store(pairs, row, pair, UpperA);
        Store(pairs, row, pair + 4, UpperB);
        Store(pairs, row, pair + 8, UpperC);
        Store(pairs, row, pair + 12, UpperD);
        Store(pairs, row + 16, pair, LowerA);
        Store(pairs, row + 16, pair + 4, LowerB);
        Store(pairs, row + 16, pair + 8, LowerC);
        Store(pairs, row + 16, pair + 12, LowerD);
    }

    static void Store<TPairs>(TPairs pairs, int row, int pair, SumFragment sums)
        where TPairs : struct, IPairs<UInt2>
    {
        pairs.Store(row, pair, sums.A, sums.B);
        pairs.Store(row + 8, pair, sums.C, sums.D);
    }
}

/// <summary>Which rows and columns a lane names where fragments are loaded, from their first number on.</summary>
struct LanePlaces
{
    public int Row;
    public int Column;
    public int Stride;

    /// <summary>The places of a lane.</summary>
    public static LanePlaces Of(int lane, int stride) =>
        new() { Row = TensorCore.RowOf(lane, stride), Column = TensorCore.ColumnOf(lane, stride), Stride = stride };

    /// <summary>The fragment of 16 rows from a place on.</summary>
    public readonly RowFragment Rows(ArrayView<uint> tile, int first) => TensorCore.Load(ref tile[0], first + Row);

    /// <summary>The pairs of 16 columns from a place on.</summary>
    public readonly RowFragment Columns(ArrayView<uint> tile, int first) =>
        TensorCore.Load(ref tile[0], first + Column);
}
