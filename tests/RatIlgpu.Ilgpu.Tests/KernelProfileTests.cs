using RatIlgpu.Devices;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>While a profile is running, no other test may launch a kernel or start a profile.</summary>
[CollectionDefinition(nameof(KernelProfileTests), DisableParallelization = true)]
[Collection(nameof(KernelProfileTests))]
public sealed class KernelProfileTests
{
    [Fact]
    public void Every_launch_is_counted_by_kernel_from_the_start_of_a_profile_to_its_end()
    {
        using var device = GroupedOnCpu.Open<WarpReduction>();
        using var x = device.Allocate(3);
        device.Fill(1, x);
        using (var profile = KernelProfile.Start())
        {
            Assert.Empty(profile.Times());
            device.Fill(2, x);
            device.Fill(3, x);
            device.Add(x, x, x);
            var times = profile.Times();
            Assert.Equal(
                [("AddKernel", 1), ("FillKernel", 2)],
                times.Select(time => (time.Kernel, time.Launches)).Order());
            Assert.All(times, time => Assert.True(time.Seconds > 0));
            Assert.Equal(times.OrderByDescending(time => time.Seconds), times);
        }

        using var later = KernelProfile.Start();
        Assert.Empty(later.Times());
    }

    [Fact]
    public void A_kernel_is_named_with_the_types_it_was_compiled_for()
    {
        using var device = GroupedOnCpu.Open<WarpReduction>();
        using var pattern = device.Allocate(1, 2, 2);
        device.Fill(0, pattern);
        using var profile = KernelProfile.Start();
        device.CausalSoftmax(pattern, Visibility.Causal, pattern);
        Assert.Equal("SoftmaxKernel WarpReduction", Assert.Single(profile.Times()).Kernel);
    }

    [Fact]
    public void Only_one_profile_runs_at_a_time()
    {
        using (KernelProfile.Start())
            Assert.Equal(
                "A profile of kernels is already running; dispose it first.",
                Assert.Throws<InvalidOperationException>(KernelProfile.Start).Message);
        KernelProfile.Start().Dispose();
    }
}
