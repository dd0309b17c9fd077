using System.Reflection;
using ILGPU;
using ILGPU.IR.Intrinsics;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>The leaves of the kernels of one thread are few and small, and both of their bodies compute the
/// same.</summary>
public sealed class LeafTests : IDisposable
{
    const int Most = 257;
    const int Offset = 3;

    readonly Accelerator accelerator = new CPUDevice(2, 1, 1).CreateAccelerator(Accelerators.Context);
    readonly List<MemoryBuffer> buffers = [];

    public void Dispose()
    {
        buffers.ForEach(buffer => buffer.Dispose());
        accelerator.Dispose();
    }

    [Fact]
    public void The_leaves_are_these() => Assert.Equal(
        [
            "Add", "AddScaled", "EndOf", "Entropy", "Exponentials", "Fill", "Largest", "Maximize", "Mix", "Nearness",
            "Rotate", "Scale", "ScaleEach", "ScaleOf", "SumCells", "SwiGlu", "Tile", "Widen",
        ],
        ScalarLeaf.Leaves.Select(leaf => leaf.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Nothing_else_that_ILGPU_does_not_compile_has_a_loop_over_numbers()
    {
        // Single instructions and barriers of a thread or a warp: a body of the CPU accelerator emulates each.
        string[] instructions = [nameof(AsyncCopy), nameof(Barrier), nameof(Fused), nameof(TensorCore)];

        // The leaves of processors on OpenCL: a tile of 4 × 4 numbers over 256 of the inner axis, or of 4 × 8 over 64.
        string[] tiles = [nameof(DotTile), nameof(MixTile)];
        var others =
            from type in typeof(Leaf).Assembly.GetTypes()
            where type != typeof(Leaf) && !instructions.Contains(type.Name) && !tiles.Contains(type.Name)
            from method in type.GetMethods((BindingFlags)(-1))
            where method.IsDefined(typeof(IntrinsicImplementationAttribute))
            select $"{type.Name}.{method.Name}";
        Assert.Empty(others);
    }

    [Fact]
    public void No_source_of_the_ILGPU_devices_uses_the_cpu_device()
    {
        var uses =
            from file in Directory.EnumerateFiles(
                Repository.Path("src", "RatIlgpu.Ilgpu"), "*.cs", SearchOption.AllDirectories)
            from line in File.ReadLines(file)
            where line.Contains("CpuDevice", StringComparison.Ordinal)
                && !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            select $"{Path.GetFileName(file)}: {line}";
        Assert.Empty(uses);
    }

    [Fact]
    public void Elementwise_leaves_agree_at_every_length()
    {
        Agree((x, y, z, n) => Leaf.Fill(2, z, Offset, n), (x, y, z, n) => ScalarLeaf.Fill(2, z, Offset, n));
        Agree(
            (x, y, z, n) => Leaf.Add(x, 1, y, 2, z, Offset, n),
            (x, y, z, n) => ScalarLeaf.Add(x, 1, y, 2, z, Offset, n));
        Agree(
            (x, y, z, n) => Leaf.AddScaled(x, 1, 0.7f, z, Offset, n),
            (x, y, z, n) => ScalarLeaf.AddScaled(x, 1, 0.7f, z, Offset, n));
        Agree(
            (x, y, z, n) => Leaf.Maximize(x, 1, z, Offset, n), (x, y, z, n) => ScalarLeaf.Maximize(x, 1, z, Offset, n));
        Agree(
            (x, y, z, n) => Leaf.Scale(x, 1, 0.7f, z, Offset, n),
            (x, y, z, n) => ScalarLeaf.Scale(x, 1, 0.7f, z, Offset, n));
        var scale = new RowScale { High = 0.7f, Low = 0.01f };
        Agree(
            (x, y, z, n) => Leaf.ScaleEach(x, 1, y, 2, scale, z, Offset, n),
            (x, y, z, n) => ScalarLeaf.ScaleEach(x, 1, y, 2, scale, z, Offset, n));
        Agree(
            (x, y, z, n) => Leaf.SwiGlu(x, 1, y, 2, z, Offset, n),
            (x, y, z, n) => ScalarLeaf.SwiGlu(x, 1, y, 2, z, Offset, n));
        Agree(
            (x, y, z, n) => Leaf.Rotate(x, 1, y, 2, z, Offset, Most, n),
            (x, y, z, n) => ScalarLeaf.Rotate(x, 1, y, 2, z, Offset, Most, n));
    }

    [Fact]
    public void Sums_and_exponentials_of_rows_agree_at_every_length()
    {
        Agree(
            (x, y, z, n) => z[0] = Leaf.Largest(x, 1, n), (x, y, z, n) => z[0] = ScalarLeaf.Largest(x, 1, n));
        Agree(
            (x, y, z, n) => z[0] = n == 0 ? 0 : Leaf.ScaleOf(x, 1, n, 0.1f).High,
            (x, y, z, n) => z[0] = n == 0 ? 0 : ScalarLeaf.ScaleOf(x, 1, n, 0.1f).High);
        Agree(
            (x, y, z, n) => z[0] = Leaf.Exponentials(z, Offset, 0.9f, n) / Most,
            (x, y, z, n) => z[0] = ScalarLeaf.Exponentials(z, Offset, 0.9f, n) / Most);
    }

    [Fact]
    public void Sums_over_patterns_agree_at_every_length()
    {
        var buffer = accelerator.Allocate1D<int>([.. Enumerable.Range(0, 2 * Most).Select(i => i * 7 % Most)]);
        buffers.Add(buffer);
        Agree(
            (x, y, z, n) => z[0] = Leaf.SumCells(x, 1, buffer.View, y, Offset, n) / Most,
            (x, y, z, n) => z[0] = ScalarLeaf.SumCells(x, 1, buffer.View, y, Offset, n) / Most);
        var probabilities = View(Numbers(5, Most).Select(Math.Abs).ToArray());
        Agree(
            (_, _, z, n) => z[0] = Leaf.Entropy(probabilities, 1, n) / Most,
            (_, _, z, n) => z[0] = ScalarLeaf.Entropy(probabilities, 1, n) / Most);
        Agree(
            (x, y, z, n) => z[0] = Leaf.Nearness(x, 1, y, 2, n) / Most,
            (x, y, z, n) => z[0] = ScalarLeaf.Nearness(x, 1, y, 2, n) / Most);
        Assert.Equal(float.NaN, Leaf.Entropy(View([1, 0, -1]), 0, 3));
        Assert.Equal(float.NaN, ScalarLeaf.Entropy(View([1, 0, -1]), 0, 3));
    }

    [Fact]
    public void The_end_of_a_row_is_behind_its_last_number()
    {
        var row = View([1, 0, 2, 0, 0]);
        foreach (var (count, end) in (ReadOnlySpan<(int, int)>)[(0, 0), (1, 1), (2, 1), (3, 3), (4, 3), (5, 3)])
            Assert.Equal((end, end), (Leaf.EndOf(row, 0, count), ScalarLeaf.EndOf(row, 0, count)));
    }

    [Theory]
    [InlineData(DataType.F32)]
    [InlineData(DataType.F16)]
    [InlineData(DataType.BF16)]
    public void Rows_of_every_format_are_widened_alike(DataType format)
    {
        var stored = Stored(format, 2 * Most);
        Agree(
            (x, y, z, n) => Leaf.Widen(stored, format.Size() * 2, (int)format, z, Offset, n),
            (x, y, z, n) => ScalarLeaf.Widen(stored, format.Size() * 2, (int)format, z, Offset, n));
    }

    [Theory]
    [InlineData(DataType.F32)]
    [InlineData(DataType.F16)]
    [InlineData(DataType.BF16)]
    public void Tiles_of_every_size_agree(DataType format)
    {
        var simd = SimdLeaves.At();
        var (x, weight) = (View(Numbers(1, 6 * Most)), Stored(format, 5 * Most));
        for (var rows = 1; rows <= simd.TileRows; rows++)
            for (var columns = 1; columns <= simd.TileColumns; columns++)
                foreach (var (inner, adds) in (ReadOnlySpan<(int, int)>)[(0, 0), (1, 1), (37, 0), (64, 1), (256, 0)])
                {
                    var strides = new TileStrides
                    {
                        X = Most,
                        Weight = Most * format.Size(),
                        Result = 7,
                        Format = (int)format,
                    };
                    var tile = new Tile { Rows = rows, Columns = columns, Inner = inner, Accumulate = adds };
                    var (first, second) = (View(Numbers(2, 60)), View(Numbers(2, 60)));
                    Leaf.Tile(x, 1, weight, format.Size(), first, Offset, strides, tile);
                    ScalarLeaf.Tile(x, 1, weight, format.Size(), second, Offset, strides, tile);
                    Near(second, first, 16 * Tolerances.Arithmetic);
                }
    }

    [Fact]
    public void Mixed_rows_of_every_width_agree()
    {
        var (pattern, value) = (View(Numbers(1, Most)), View(Numbers(2, 70 * 90)));
        for (var width = 1; width <= 70; width++)
            foreach (var keys in (ReadOnlySpan<int>)[0, 1, 5, 64])
            {
                var (first, second) = (View(Numbers(3, 80)), View(Numbers(3, 80)));
                Leaf.Mix(pattern, 1, value, 2, 90, first, Offset, width, keys);
                ScalarLeaf.Mix(pattern, 1, value, 2, 90, second, Offset, width, keys);
                Near(second, first, 8 * Tolerances.Arithmetic);
            }
    }

    // Both bodies on the same numbers: what they leave in the result, also where they may write nothing, is compared.
    void Agree(Body vectors, Body scalars)
    {
        var (x, y) = (View(Numbers(1, 3 * Most)), View(Numbers(2, 3 * Most)));
        for (var count = 0; count <= Math.Min(Leaf.Block, Most); count++)
        {
            var (first, second) = (View(Numbers(3, 3 * Most)), View(Numbers(3, 3 * Most)));
            vectors(x, y, first, count);
            scalars(x, y, second, count);
            Near(second, first, 4 * Tolerances.Arithmetic);
        }
    }

    static void Near(ArrayView<float> expected, ArrayView<float> actual, float tolerance)
    {
        for (var i = 0L; i < expected.Length; i++)
            Assert.True(
                expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= tolerance,
                $"[{i}] is {actual[i]}, expected {expected[i]}.");
    }

    ArrayView<float> View(float[] numbers)
    {
        var buffer = accelerator.Allocate1D(numbers);
        buffers.Add(buffer);
        return buffer.View;
    }

    ArrayView<byte> Stored(DataType format, int count)
    {
        var bytes = new byte[count * format.Size()];
        foreach (var (i, number) in Numbers(4, count).Index())
            (format switch
            {
                DataType.F16 => BitConverter.GetBytes((System.Half)number),
                DataType.BF16 => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(number) >> 16)),
                _ => BitConverter.GetBytes(number),
            }).CopyTo(bytes, i * format.Size());
        var buffer = accelerator.Allocate1D(bytes);
        buffers.Add(buffer);
        return buffer.View;
    }

    static float[] Numbers(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }

    delegate void Body(ArrayView<float> x, ArrayView<float> y, ArrayView<float> z, int count);
}
