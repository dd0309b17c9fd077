using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>The composites on emulated tensor cores: one launch, and the bits of their parts.</summary>
public sealed class TensorProjectionTests
{
    // Two steps of the inner axis, so that both halves of shared memory are used.
    const int Inputs = 32;

    /// <summary>A head has an odd number of pairs, which therefore lie across the parts of warps; a full tile of 64
    /// columns and a part of the next.</summary>
    [Theory]
    [InlineData(nameof(TensorCores.Exact), 5, 3, 1, 14)]
    [InlineData(nameof(TensorCores.Rounded), 6, 2, 2, 18)]
    public void Heads_are_projected_in_one_launch_to_the_bits_of_their_parts(
        string tensorCores, int rows, int heads, int keyHeads, int size)
    {
        using var device = Open(tensorCores);
        var (whole, launches) = Heads(isWhole: true);
        Assert.Equal(1, launches);
        Assert.Equal(Heads(isWhole: false).Numbers, whole);
        Assert.DoesNotContain(0f, whole);

        (float[] Numbers, long Launches) Heads(bool isWhole) => On(device, on =>
        {
            var x = on.Put(Numbers(1, rows * Inputs), rows, Inputs);
            HeadWeights Weights(int seed, int count, DataType? bias) => new(
                on.Weights(DataType.BF16, Numbers(seed, count * size * Inputs), count * size, Inputs),
                bias is { } type ? on.Weights(type, Numbers(seed + 1, count * size), count * size) : null);

            var (query, key, value) = (
                Weights(2, heads, DataType.BF16), Weights(4, keyHeads, null), Weights(6, keyHeads, DataType.F16));
            var (angles, queries, keys, values) = (
                on.Put(Numbers(8, rows * size), rows, size), on.Allocate(rows, heads, size),
                on.Allocate(rows, keyHeads, size), on.Allocate(rows, keyHeads, size));
            return (() =>
            {
                if (isWhole)
                    device.ProjectHeads(x, query, key, value, angles, queries, keys, values);
                else
                {
                    Project(query, queries);
                    Project(key, keys);
                    Project(value, values);
                    device.Rotate(queries, angles, queries);
                    device.Rotate(keys, angles, keys);
                }
            }, () => [.. on.Read(queries), .. on.Read(keys), .. on.Read(values)]);

            void Project(HeadWeights weights, Tensor result) => device.Linear(
                x, weights.Weight, weights.Bias, result.Reshape(rows, result.Shape[1] * size));
        });
    }

    [Theory]
    [InlineData(nameof(TensorCores.Exact), 5, 35)]
    [InlineData(nameof(TensorCores.Rounded), 67, 3)]
    public void A_layer_is_gated_in_one_launch_to_the_bits_of_its_parts(string tensorCores, int rows, int outputs)
    {
        using var device = Open(tensorCores);
        var (whole, launches) = Gated(isWhole: true);
        Assert.Equal(1, launches);
        Assert.Equal(Gated(isWhole: false).Numbers, whole);
        Assert.DoesNotContain(0f, whole);

        (float[] Numbers, long Launches) Gated(bool isWhole) => On(device, on =>
        {
            var x = on.Put(Numbers(1, rows * Inputs), rows, Inputs);
            var (gate, up) = (
                on.Weights(DataType.BF16, Numbers(2, outputs * Inputs), outputs, Inputs),
                on.Weights(DataType.BF16, Numbers(3, outputs * Inputs), outputs, Inputs));
            var (scratch, result) = (on.Allocate(rows, outputs), on.Allocate(rows, outputs));
            return (() =>
            {
                if (isWhole)
                    device.GatedLinear(x, gate, up, scratch, result);
                else
                {
                    device.Linear(x, gate, null, result);
                    device.Linear(x, up, null, scratch);
                    device.SwiGlu(result, scratch, result);
                }
            }, () => on.Read(result));
        });
    }

    static GroupedDevice<WarpReduction> Open(string tensorCores) =>
        (GroupedDevice<WarpReduction>)GroupedOnCpu.Open(Enum.Parse<TensorCores>(tensorCores), 4);

    // Lays out operands, computes, and reads the result; counts the launches of the computation.
    static (float[] Numbers, long Launches) On(
        GroupedDevice<WarpReduction> device, Func<Workbench, (Action Compute, Func<float[]> Read)> lay)
    {
        using var bench = new Workbench(device, Workbench.EvenFrame);
        var (compute, read) = lay(bench);
        var before = device.Launches;
        compute();
        var launches = device.Launches - before;
        return (read(), launches);
    }

    static float[] Numbers(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }
}
