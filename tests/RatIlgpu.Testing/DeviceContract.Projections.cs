using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

public abstract partial class DeviceContract
{
    [Fact]
    public void Projects_heads_by_hand() => Assert.Equal([-12, 11, 3, 4, 7], Compute(on =>
    {
        // One row, one head of two numbers, and a quarter turn: (a, b) becomes (−b, a).
        var (queries, keys, values) = (on.Allocate(1, 1, 2), on.Allocate(1, 1, 2), on.Allocate(1, 1, 2));
        var identity = on.Put([1, 0, 0, 1], 2, 2);
        on.Device.ProjectHeads(
            on.Put([1, 2], 1, 2), new(identity, on.Put([10, 10], 2)), new(on.Put([0, 0, 0, -1.5f], 2, 2), null),
            new(on.Put([2, 1, 3, 2], 2, 2), null), on.Put([0, 1], 1, 2), queries, keys, values);
        return [.. on.Read(queries), on.Read(keys)[0], .. on.Read(values)];
    }));

    [Theory]
    [InlineData(1, 4, 2, 8, 16)]
    [InlineData(3, 2, 1, 6, 19)]
    [InlineData(6, 6, 2, 10, 33)]
    [InlineData(11, 3, 3, 16, 320)]
    [InlineData(37, 4, 2, 32, 272)]
    public void Projects_heads_to_the_bits_of_its_parts(int rows, int heads, int keyHeads, int size, int inputs)
    {
        foreach (var format in WeightFormats)
            foreach (var (hasBias, normed) in ((bool, int)[])[(true, 0), (false, 0), (true, 2), (true, 1)])
                foreach (var frame in (ReadOnlySpan<int>)[Workbench.OddFrame, Workbench.EvenFrame])
                {
                    var (whole, parts) = (
                        Workbench.On(Device, on => Heads(on, ProjectHeads), frame),
                        Workbench.On(Device, on => Heads(on, ProjectInParts), frame));
                    Assert.Equal(parts, whole);

                    float[] Heads(Workbench on, Projection project)
                    {
                        var x = on.Put(Numbers(1, rows * inputs), rows, inputs);
                        // No norm, that of keys, or both, each with an epsilon of its own.
                        HeadWeights Weights(int seed, int count, float epsilon) => new(
                            on.Weights(format, Numbers(seed, count * size * inputs), count * size, inputs),
                            hasBias ? on.Weights(format, Numbers(seed + 1, count * size), count * size) : null,
                            epsilon > 0 ? new(on.Weights(format, Numbers(seed + 2, size), size), epsilon) : null);

                        var (queries, keys, values) = (
                            on.Allocate(rows, heads, size), on.Allocate(rows, keyHeads, size),
                            on.Allocate(rows, keyHeads, size));
                        project(
                            on.Device, x, Weights(2, heads, normed > 1 ? 1e-6f : 0),
                            Weights(5, keyHeads, normed > 0 ? 1e-2f : 0), Weights(8, keyHeads, 0),
                            on.Put(Angles(rows, size / 2), rows, size), queries, keys, values);
                        return [.. on.Read(queries), .. on.Read(keys), .. on.Read(values)];
                    }
                }
    }

    [Fact]
    public void Projects_heads_of_weights_in_different_formats()
    {
        float[] Heads(Workbench on, Projection project)
        {
            var (queries, keys, values) = (on.Allocate(5, 2, 4), on.Allocate(5, 1, 4), on.Allocate(5, 1, 4));
            project(
                on.Device, on.Put(Numbers(1, 5 * 16), 5, 16),
                new(on.Weights(DataType.BF16, Numbers(2, 8 * 16), 8, 16), on.Put(Numbers(3, 8), 8)),
                new(on.Weights(DataType.F16, Numbers(4, 4 * 16), 4, 16), null),
                new(on.Put(Numbers(5, 4 * 16), 4, 16), on.Weights(DataType.F16, Numbers(6, 4), 4)),
                on.Put(Angles(5, 2), 5, 4), queries, keys, values);
            return [.. on.Read(queries), .. on.Read(keys), .. on.Read(values)];
        }

        Assert.Equal(Compute(on => Heads(on, ProjectInParts)), Compute(on => Heads(on, ProjectHeads)));
    }

    [Fact]
    public void Gates_by_hand() => Assert.Equal([0, 12], Compute(on =>
    {
        // silu(0) = 0, and silu(100) = 100.
        var (scratch, result) = (on.Allocate(1, 2), on.Allocate(1, 2));
        on.Device.GatedLinear(
            on.Put([1, 2], 1, 2), on.Put([2, -1, 0, 50], 2, 2), on.Put([7, 7, 0.04f, 0.04f], 2, 2), scratch, result);
        return on.Read(result);
    }));

    [Theory]
    [InlineData(1, 9, 16)]
    [InlineData(4, 12, 17)]
    [InlineData(13, 30, 272)]
    [InlineData(38, 70, 320)]
    public void Gates_to_the_bits_of_its_parts(int rows, int outputs, int inputs)
    {
        var (x, first, second) = (
            Numbers(1, rows * inputs), Numbers(2, outputs * inputs), Numbers(3, outputs * inputs));
        foreach (var format in WeightFormats)
            foreach (var frame in (ReadOnlySpan<int>)[Workbench.OddFrame, Workbench.EvenFrame])
            {
                Assert.Equal(Gated(isWhole: false), Gated(isWhole: true));

                float[] Gated(bool isWhole) => Workbench.On(Device, on =>
                {
                    var (input, scratch, result) = (
                        on.Put(x, rows, inputs), on.Allocate(rows, outputs), on.Allocate(rows, outputs));
                    var (gate, up) = (
                        on.Weights(format, first, outputs, inputs), on.Weights(format, second, outputs, inputs));
                    if (isWhole)
                        on.Device.GatedLinear(input, gate, up, scratch, result);
                    else
                    {
                        on.Device.Linear(input, gate, null, result);
                        on.Device.Linear(input, up, null, scratch);
                        on.Device.SwiGlu(result, scratch, result);
                    }

                    return on.Read(result);
                }, frame);
            }
    }

    [Fact]
    public void No_rows_are_projected_to_none()
    {
        using var bench = new Workbench(Device);
        using var all = Device.Allocate(2, 4);
        var (none, weight) = (all.Slice(2, 0), bench.Put(Numbers(7, 4 * 4), 4, 4));
        var heads = none.Reshape(0, 1, 4);
        Device.ProjectHeads(
            none, new(weight, null), new(weight, null), new(weight, null), none, heads,
            all.Slice(2, 0).Reshape(0, 1, 4), all.Slice(2, 0).Reshape(0, 1, 4));
        Device.GatedLinear(none, weight, weight, all.Slice(2, 0), all.Slice(2, 0));
    }

    static void ProjectHeads(
        Device device, Tensor x, HeadWeights query, HeadWeights key, HeadWeights value, Tensor angles, Tensor queries,
        Tensor keys, Tensor values) =>
        device.ProjectHeads(x, query, key, value, angles, queries, keys, values);

    static void ProjectInParts(
        Device device, Tensor x, HeadWeights query, HeadWeights key, HeadWeights value, Tensor angles, Tensor queries,
        Tensor keys, Tensor values)
    {
        foreach (var (weights, heads) in (ReadOnlySpan<(HeadWeights, Tensor)>)[(query, queries), (key, keys)])
        {
            device.Linear(x, weights.Weight, weights.Bias, Flat(heads));
            var each = heads.Reshape(heads.Shape[0] * heads.Shape[1], heads.Shape[2]);
            if (weights.Norm is { } norm)
                device.RmsNorm(each, norm.Gain, norm.Epsilon, each);
            device.Rotate(heads, angles, heads);
        }

        device.Linear(x, value.Weight, value.Bias, Flat(values));
    }

    static Tensor Flat(Tensor heads) => heads.Reshape(heads.Shape[0], heads.Shape[1] * heads.Shape[2]);

    delegate void Projection(
        Device device, Tensor x, HeadWeights query, HeadWeights key, HeadWeights value, Tensor angles, Tensor queries,
        Tensor keys, Tensor values);
}
