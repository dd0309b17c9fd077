using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

public abstract partial class DeviceContract
{
    [Fact]
    public void Says_which_operand_does_not_fit() => Refuses(on =>
    {
        var (x, y, v) = (on.Allocate(2, 3), on.Allocate(3, 2), on.Allocate(4));
        Says("Add: y is [3, 2], expected [2, 3].", () => on.Device.Add(x, y, x));
        Says("Add: result is [3, 2], expected [2, 3].", () => on.Device.Add(x, x, y));
        Says("SwiGlu: up is [4], expected [2, 3].", () => on.Device.SwiGlu(x, v, x));
        Says("SwiGlu: result is [3, 2], expected [2, 3].", () => on.Device.SwiGlu(x, x, y));
        Says("Copy: destination is [3, 2], expected [2, 3].", () => on.Device.Copy(x, y));
        Says("Upload: 5 numbers given for a destination [2, 3].", () => on.Device.Upload(new float[5], x));
        Says("Download: a source [2, 3] does not fit 5 numbers.", () => on.Device.Download(x, new float[5]));
    });

    [Fact]
    public void Says_which_operand_of_rows_does_not_fit() => Refuses(on =>
    {
        var (x, y, v, cube) = (on.Allocate(2, 3), on.Allocate(2, 4), on.Allocate(4), on.Allocate(2, 1, 3));
        Says("RmsNorm: x is [4], expected 2 axes.", () => on.Device.RmsNorm(v, v, 1e-6f, v));
        Says("RmsNorm: gain is [4], expected [3].", () => on.Device.RmsNorm(x, v, 1e-6f, x));
        Says("Linear: weight is [2, 4], expected [2, 3].", () => on.Device.Linear(x, y, null, x));
        Says("Linear: bias is [4], expected [2].", () => on.Device.Linear(x, x, v, on.Allocate(2, 2)));
        Says("Linear: result is [2, 3], expected [2, 2].", () => on.Device.Linear(x, x, null, x));
        Says("AddLinear: result is [2, 4], expected [2, 2].", () => on.Device.AddLinear(x, x, y));
        Says("Rotate: x is [2, 1, 3], its head size is odd.", () => on.Device.Rotate(cube, x, cube));
        Says("Gather: result is [2, 3], expected [1, 3].", () => on.Device.Gather(x, [0], x));
    });

    [Fact]
    public void Says_which_operand_of_projections_does_not_fit() => Refuses(on =>
    {
        var (x, wide, heads, angles) = (on.Allocate(2, 4), on.Allocate(4, 4), on.Allocate(2, 1, 4), on.Allocate(2, 4));
        HeadWeights weights = new(wide, null), normed = new(wide, null, new(on.Allocate(3), 1e-6f));
        Says("ProjectHeads: weight is [2, 4], expected [2, 3].", () => on.Device.ProjectHeads(
            on.Allocate(2, 3), new(x, null), weights, weights, angles, on.Allocate(2, 1, 2), heads, heads));
        Says("ProjectHeads: keys is [2, 4], expected 3 axes.", () => on.Device.ProjectHeads(
            x, weights, weights, weights, angles, heads, x, heads));
        Says("ProjectHeads: query's gain is [3], expected [4].", () => on.Device.ProjectHeads(
            x, normed, weights, weights, angles, heads, heads, heads));
        Says("ProjectHeads: value has a norm, expected none.", () => on.Device.ProjectHeads(
            x, weights, weights, new(wide, null, new(on.Allocate(4), 1)), angles, heads, heads, heads));
        Says("ProjectHeads: angles is [4, 4], expected [2, 4].", () => on.Device.ProjectHeads(
            x, weights, weights, weights, wide, heads, heads, heads));
        Says(
            "ProjectHeads: keys is [2, 2, 2] and queries [2, 1, 4], expected one even head size.",
            () => on.Device.ProjectHeads(
                x, weights, weights, weights, angles, heads, on.Allocate(2, 2, 2), on.Allocate(2, 2, 2)));
        Says("GatedLinear: up is [2, 4], expected [4, 4].", () => on.Device.GatedLinear(x, wide, x, x, x));
        Says("GatedLinear: scratch is [4, 4], expected [2, 4].", () => on.Device.GatedLinear(x, wide, wide, wide, x));
    });

    [Fact]
    public void Gathers_no_row_beyond_the_table() => Refuses(on =>
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => on.Device.Gather(on.Allocate(2, 3), [2], on.Allocate(1, 3)));
        Assert.StartsWith("Gather: row 2 asked of a table [2, 3].", error.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Says_which_operand_of_attention_does_not_fit() => Refuses(on =>
    {
        var (query, key, pattern) = (on.Allocate(2, 4, 8), on.Allocate(3, 2, 8), on.Allocate(4, 2, 3));
        var (device, all) = (on.Device, Visibility.Causal);
        Says(
            "Scores: key has 3 heads, which do not divide 4.",
            () => device.Scores(query, on.Allocate(3, 3, 8), pattern));
        Says(
            "Scores: key is [3, 2, 6], expected [3, 2, 8].",
            () => device.Scores(query, on.Allocate(3, 2, 6), pattern));
        Says(
            "Scores: key is [1, 2, 8], fewer than the 2 queries.",
            () => device.Scores(query, on.Allocate(1, 2, 8), pattern));
        Says("Scores: result is [2, 4, 8], expected [4, 2, 3].", () => device.Scores(query, key, query));
        Says("Pattern: result is [2, 4, 8], expected [4, 2, 3].", () => device.Pattern(query, key, all, query));
        Says("Mix: pattern is [3, 2, 8], expected [4, 2, 3].", () => device.Mix(key, key, query));
        Says("Attend: value is [2, 4, 8], expected [3, 2, 8].", () => device.Attend(query, key, query, all, query));
        Says("Attend: result is [3, 2, 8], expected [2, 4, 8].", () => device.Attend(query, key, key, all, key));
        Says(
            "AggregatePattern: result is [4, 2, 3], expected [2, 3].",
            () => device.AggregatePattern(query, key, all, HeadAggregation.Mean, [0, 1], pattern));
    });

    [Fact]
    public void Says_what_is_wrong_with_a_visibility() => Refuses(on =>
    {
        var scores = on.Allocate(1, 3, 3);
        Says(
            "CausalSoftmax: the window is 0, expected at least 1.",
            () => on.Device.CausalSoftmax(scores, new Visibility(0, null), scores));
        Says(
            "CausalSoftmax: the key mask is [2], expected [3].",
            () => on.Device.CausalSoftmax(scores, new Visibility(1, on.Allocate(2)), scores));
        Says(
            "CausalSoftmax: 3 keys are fewer than the 4 queries.",
            () => on.Device.CausalSoftmax(on.Allocate(1, 4, 3), Visibility.Causal, on.Allocate(1, 4, 3)));
    });

    [Fact]
    public void Activations_are_F32() => Refuses(on =>
    {
        var (x, half) = (on.Allocate(2, 2), on.Weights(DataType.F16, [1, 2, 3, 4], 2, 2));
        Says("Add: y is F16, expected F32.", () => on.Device.Add(x, half, x));
        Says("Linear: x is F16, expected F32.", () => on.Device.Linear(half, x, null, x));
        Says("RmsNorm: result is F16, expected F32.", () => on.Device.RmsNorm(x, on.Allocate(2), 1e-6f, half));
        Says("Fill: destination is F16, expected F32.", () => on.Device.Fill(0, half));
    });

    void Refuses(Action<Workbench> attempts)
    {
        using var bench = new Workbench(Device);
        attempts(bench);
    }

    static void Says(string message, Action attempt) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(attempt).Message.Split(" (Parameter")[0]);
}
