using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Devices;

public sealed class CpuDeviceTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Bits_do_not_depend_on_the_number_of_threads(int threads)
    {
        foreach (var level in Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported))
        {
            using CpuDevice one = new(1, level), many = new(threads, level);
            Assert.Equal(EveryOperation(one), EveryOperation(many));
        }
    }

    [Fact]
    public void Says_how_many_threads_and_which_level()
    {
        using CpuDevice one = new(1, SimdLevel.Scalar), three = new(3, SimdLevel.Scalar);
        Assert.Equal("1 thread, Scalar", one.Description);
        Assert.Equal("3 threads, Scalar", three.Description);
    }

    [Fact]
    public void Refuses_a_negative_number_of_threads() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CpuDevice(-1));

    [Fact]
    public void Refuses_a_tensor_of_another_device()
    {
        using var device = new CpuDevice(1);
        using var foreign = new ForeignTensor();
        using var here = device.Allocate(2);
        var error = Assert.Throws<ArgumentException>(() => device.Add(foreign, here, here));
        Assert.Equal("A tensor F32 [2] of another device was given, expected one in host memory.", error.Message);
    }

    // Large enough that each operation is shared among threads.
    internal static float[] EveryOperation(Device device)
    {
        using var on = new Workbench(device);
        var random = new Random(1);
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];

        var x = on.Put(Numbers(61 * 1330), 61, 1330);
        var (normed, middle, sum) = (on.Allocate(61, 1330), on.Allocate(61, 770), on.Allocate(61, 770));
        device.RmsNorm(x, on.Put(Numbers(1330), 1330), 1e-6f, normed);
        device.Linear(
            normed, on.Weights(DataType.BF16, Numbers(770 * 1330), 770, 1330), on.Put(Numbers(770), 770), middle);
        device.AddLinear(normed, on.Weights(DataType.F16, Numbers(770 * 1330), 770, 1330), middle);
        device.SwiGlu(middle, middle, sum);
        device.Add(sum, middle, sum);
        var query = sum.Reshape(61, 11, 70);
        device.Rotate(query, on.Put(Numbers(61 * 70), 61, 70), query);
        var (pattern, rows) = (on.Allocate(11, 61, 61), on.Allocate(61, 61));
        var (mixed, attended) = (on.Allocate(61, 11, 70), on.Allocate(61, 11, 70));
        device.Scores(query, query, pattern);
        device.CausalSoftmax(pattern, Visibility.Causal, pattern);
        device.Mix(pattern, query, mixed);
        device.Attend(query, query, query, Visibility.Causal, attended);
        device.AggregatePattern(query, query, Visibility.Causal, HeadAggregation.Mean, rows);
        return [.. on.Read(sum), .. on.Read(pattern), .. on.Read(mixed), .. on.Read(attended), .. on.Read(rows)];
    }

    sealed class ForeignTensor() : Tensor(new Shape(2), DataType.F32)
    {
        public override void Dispose()
        {
        }

        protected override Tensor View(Shape shape, long offset) => throw new NotSupportedException();
    }
}
