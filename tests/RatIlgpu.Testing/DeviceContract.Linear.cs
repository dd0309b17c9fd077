using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

public abstract partial class DeviceContract
{
    [Fact]
    public void Linear_by_hand() => Assert.Equal([8, 23, 8, 27.5f], Compute(on =>
    {
        var result = on.Allocate(2, 2);
        on.Device.Linear(
            on.Put([1, 2, 3, 4, 5, 6], 2, 3), on.Put([1, 0, -1, 0.5f, 0.5f, 0.5f], 2, 3), on.Put([10, 20], 2), result);
        return on.Read(result);
    }));

    [Fact]
    public void AddLinear_by_hand() => Assert.Equal([98, 103, 98, 107.5f], Compute(on =>
    {
        var result = on.Put([100, 100, 100, 100], 2, 2);
        on.Device.AddLinear(on.Put([1, 2, 3, 4, 5, 6], 2, 3), on.Put([1, 0, -1, 0.5f, 0.5f, 0.5f], 2, 3), result);
        return on.Read(result);
    }));

    [Fact]
    public void Linear_with_any_number_of_inputs() => EachLength(inputs => LinearAgrees(3, 6, inputs));

    [Fact]
    public void Linear_with_any_number_of_outputs() => EachLength(outputs => LinearAgrees(2, outputs, 19));

    [Fact]
    public void Linear_with_any_number_of_rows() => EachLength(rows => LinearAgrees(rows, 5, 18));

    [Theory]
    [InlineData(40, 30, 0)]
    [InlineData(40, 30, 7)]
    public void Linear_of_many_rows_shorter_than_a_vector(int rows, int outputs, int inputs) =>
        LinearAgrees(rows, outputs, inputs);

    [Theory]
    [InlineData(1, 190, 2503)]
    [InlineData(7, 190, 1301)]
    [InlineData(21, 130, 897)]
    public void Linear_larger_than_a_cache(int rows, int outputs, int inputs) =>
        LinearAgrees(rows, outputs, Many(inputs));

    [Theory]
    [InlineData(1, 9, 16)]
    [InlineData(5, 6, 32)]
    [InlineData(33, 37, 48)]
    [InlineData(70, 65, 896)]
    public void Linear_of_numbers_where_vectors_are_aligned(int rows, int outputs, int inputs) =>
        LinearAgrees(rows, outputs, IsSlow ? Math.Min(inputs, 9 * 16) : inputs, Workbench.EvenFrame);

    [Fact]
    public void Weights_that_are_no_numbers_reach_only_their_outputs()
    {
        float[] weights = [1, 2, float.NaN, 4, float.PositiveInfinity, 6];
        Assert.Equal([3, float.NaN, float.PositiveInfinity], Compute(on =>
        {
            var result = on.Allocate(1, 3);
            on.Device.Linear(on.Put([1, 1], 1, 2), on.Weights(DataType.F16, weights, 3, 2), null, result);
            return on.Read(result);
        }));
    }

    [Fact]
    public void The_same_call_gives_the_same_bits()
    {
        var (x, weights) = (Numbers(8, 33 * 515), Numbers(9, 67 * 515));
        Func<Workbench, float[]> run = on => Linear(on, x, on.Weights(DataType.BF16, weights, 67, 515), null, 33);
        Assert.Equal(Compute(run), Compute(run));
    }

    [Fact]
    public void A_row_does_not_depend_on_the_rows_around_it()
    {
        var (x, weights) = (Numbers(8, 33 * 70), Numbers(9, 67 * 70));
        var all = Compute(on => Linear(on, x, on.Put(weights, 67, 70), null, 33));
        for (var row = 0; row < 33; row++)
        {
            var alone = x[(row * 70)..((row + 1) * 70)];
            Near(
                all[(row * 67)..((row + 1) * 67)], Compute(on => Linear(on, alone, on.Put(weights, 67, 70), null, 1)),
                LinearMagnitude(alone, weights, 1, 67, 70), $"row {row}");
        }
    }

    void LinearAgrees(int rows, int outputs, int inputs, int frame = Workbench.OddFrame)
    {
        var (x, weights, bias, there) = (
            Numbers(8, rows * inputs), Numbers(9, outputs * inputs), Numbers(10, outputs), Numbers(11, rows * outputs));
        var magnitude = LinearMagnitude(x, weights, rows, outputs, inputs);
        foreach (var format in WeightFormats)
        {
            var what = $"{format}, {rows} rows, {outputs} outputs, {inputs} inputs";
            Tensor Weights(Workbench on) => on.Weights(format, weights, outputs, inputs);
            AgreesWithPlain(on => Linear(on, x, Weights(on), null, rows), magnitude, what, frame);
            AgreesWithPlain(
                on => Linear(on, x, Weights(on), on.Weights(format, bias, outputs), rows),
                magnitude, what + ", bias", frame);
            AgreesWithPlain(
                on =>
                {
                    var result = on.Put(there, rows, outputs);
                    on.Device.AddLinear(on.Put(x, rows, inputs), Weights(on), result);
                    return on.Read(result);
                },
                magnitude, what + ", added", frame);
        }
    }

    // The sum of the absolute products, and 1 for the bias or the number added to.
    float[] LinearMagnitude(float[] x, float[] weights, int rows, int outputs, int inputs) => Workbench.On(plain, on =>
        Linear(
            on, Magnitudes(x), on.Put(Magnitudes(weights), outputs, inputs),
            on.Put(Repeated(1, outputs), outputs), rows));

    static float[] Linear(Workbench on, float[] x, Tensor weight, Tensor? bias, int rows)
    {
        var result = on.Allocate(rows, weight.Shape[0]);
        on.Device.Linear(on.Put(x, rows, weight.Shape[1]), weight, bias, result);
        return on.Read(result);
    }
}
