using RatIlgpu.Devices;

namespace RatIlgpu.Tests.Devices;

public sealed class WorkSchedulerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    public void Bits_do_not_depend_on_the_scheduler(int shares)
    {
        using CpuDevice pool = new(3), scheduled = new(new Backwards(shares));
        Assert.Equal(CpuDeviceTests.EveryOperation(pool), CpuDeviceTests.EveryOperation(scheduled));
    }

    [Fact]
    public void Small_operations_do_not_reach_the_scheduler()
    {
        var scheduler = new Backwards(2) { StartTime = TimeSpan.FromMinutes(1) };
        using var device = new CpuDevice(scheduler);
        CpuDeviceTests.EveryOperation(device);
        Assert.Equal(0, scheduler.Runs);
    }

    [Fact]
    public void A_device_disposes_its_scheduler()
    {
        var scheduler = new Backwards(2);
        new CpuDevice(scheduler).Dispose();
        Assert.True(scheduler.IsDisposed);
    }

    [Fact]
    public void A_device_says_how_many_shares_it_has_and_which_level()
    {
        using var device = new CpuDevice(new Backwards(2), SimdLevel.Scalar);
        Assert.Equal(("2 threads, Scalar", SimdLevel.Scalar), (device.Description, device.Level));
    }

    [Fact]
    public void The_peak_is_measured_on_all_shares()
    {
        var scheduler = new Backwards(1);
        using var device = new CpuDevice(scheduler);
        Assert.InRange(device.MeasurePeak(), 1e8, 1e13);
        Assert.Equal(6, scheduler.Runs);
    }

    // The last share first, all on the calling thread.
    sealed class Backwards(int shares) : IWorkScheduler
    {
        public int Shares => shares;

        public TimeSpan StartTime { get; init; } = TimeSpan.Zero;

        public int Runs { get; private set; }

        public bool IsDisposed { get; private set; }

        public void Run(Action<int> work)
        {
            Runs++;
            for (var share = shares - 1; share >= 0; share--)
                work(share);
        }

        public void Dispose() => IsDisposed = true;
    }
}
