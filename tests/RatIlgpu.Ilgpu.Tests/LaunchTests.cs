namespace RatIlgpu.Ilgpu.Tests;

/// <summary>How many kernels an operation launches: on a GPU each launch of a small operation takes as long as the
/// operation.</summary>
public sealed class LaunchTests : IDisposable
{
    readonly GroupedDevice<WarpReduction> device =
        (GroupedDevice<WarpReduction>)GroupedOnCpu.Open<WarpReduction>();

    public void Dispose() => device.Dispose();

    [Theory]
    [InlineData(1, 16)]
    [InlineData(9, 16)]
    [InlineData(9, 15)]
    public void A_linear_layer_with_a_bias_is_one_launch(int rows, int inputs)
    {
        using var x = device.Allocate(rows, inputs);
        using var weight = device.Allocate(5, inputs);
        using var bias = device.Allocate(5);
        using var result = device.Allocate(rows, 5);
        device.Linear(x, weight, bias, result);
        Assert.Equal(1, device.Launches);
    }
}
