namespace RatIlgpu.Ilgpu.Tests;

public sealed class IlgpuDevicesTests
{
    [Fact]
    public void A_CUDA_card_is_listed_only_where_there_is_a_driver() => Assert.True(
        IlgpuDevices.HasCudaDriver || IlgpuDevices.List().All(
            found => !found.IsUsable || !found.Name.StartsWith("cuda", StringComparison.Ordinal)));

    [Fact]
    public void What_cannot_be_used_says_why() =>
        Assert.DoesNotContain(IlgpuDevices.List(), found => string.IsNullOrWhiteSpace(found.Description));

    [Fact]
    public void A_device_that_is_not_there_is_refused_in_one_line()
    {
        Assert.StartsWith("--device opencl", Refused<PlatformNotSupportedException>("opencl:99"));
        Assert.Equal(
            "--device cuda:x: 'x' is no number, expected one such as cuda:0.", Refused<ArgumentException>("cuda:x"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("cpu")]
    [InlineData("CUDA")]
    [InlineData("ilgpu:3")]
    [InlineData("ilgpu-cpu:7")]
    [InlineData("x:y")]
    [InlineData("cuda:0:1")]
    public void A_name_of_no_device_is_refused_with_those_there_are(string name)
    {
        Assert.Equal(
            $"--device {name}: expected ilgpu, ilgpu-cpu, cuda[:n], cuda-fast[:n] or opencl[:n].",
            Refused<ArgumentException>(name));
        Assert.Throws<ArgumentNullException>(() => IlgpuDevices.Open(null!));
    }

    [Theory]
    [InlineData(1, "1 thread,")]
    [InlineData(3, "3 threads,")]
    public void The_accelerator_of_the_processor_uses_as_many_threads_as_asked(int threads, string expected)
    {
        using var device = IlgpuDevices.Open("ilgpu-cpu", threads);
        Assert.Contains(expected, device.Description);
        Assert.Throws<ArgumentOutOfRangeException>(() => IlgpuDevices.Open("ilgpu-cpu", -1));
    }

    static string Refused<T>(string name)
        where T : Exception => Assert.ThrowsAny<T>(() => IlgpuDevices.Open(name)).Message;
}
