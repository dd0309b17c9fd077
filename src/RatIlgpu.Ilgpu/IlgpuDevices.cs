using System.Collections.Immutable;
using System.Globalization;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu;

/// <summary>Finds and opens ILGPU's accelerators.</summary>
public static class IlgpuDevices
{
    const string InProcess = "ilgpu-cpu";

    /// <summary>Lists the accelerators, and why one of a kind is missing.</summary>
    public static ImmutableArray<AcceleratorInfo> List() =>
    [
        new(InProcess, "ILGPU's CPU accelerator, with the vectors of the cpu device", IsUsable: true),
        .. List("cuda", Drivers.Cuda, Drivers.CudaMissing, _ => null),
        .. List("opencl", Drivers.OpenCl, Drivers.OpenClMissing, Drivers.WhyUnusable),
    ];

    /// <summary>Opens a device.</summary>
    /// <param name="name"><c>ilgpu</c> for the best there is, <c>ilgpu-cpu</c>, <c>cuda</c>, <c>cuda:1</c>,
    /// <c>opencl</c> or <c>opencl:1</c>; or <c>cuda-fast</c> or <c>cuda-fast:1</c>, which rounds activations to BF16 on
    /// tensor cores: faster, and less accurate than every other device.</param>
    /// <param name="threads">How many threads <c>ilgpu-cpu</c> uses, up to <see cref="CpuDevice.MostThreads"/>; 0 for
    /// one per core. Other accelerators have their own.</param>
    /// <remarks>A device whose driver fails in use throws <see cref="IOException"/> with the driver's name of the
    /// error, or <see cref="OutOfMemoryException"/>.</remarks>
    /// <exception cref="ArgumentException">The name is none of these.</exception>
    /// <exception cref="PlatformNotSupportedException">There is no such accelerator, or it cannot be used.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 0 threads, or too many.</exception>
    public static Device Open(string name, int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, CpuDevice.MostThreads);
        ArgumentNullException.ThrowIfNull(name);
        var (kind, number) = name.Split(':') is [("cuda" or "cuda-fast" or "opencl") and var before, var after]
            ? (before, after)
            : (name, "0");
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            throw new ArgumentException($"--device {name}: '{number}' is no number, expected one such as {kind}:0.");
        return kind switch
        {
            "ilgpu" => Best(threads),
            InProcess => new SimdDevice(InProcess, threads == 0 ? Environment.ProcessorCount : threads),
            "cuda" => OpenCuda(kind, index, TensorCores.Exact),
            "cuda-fast" => OpenCuda(kind, index, TensorCores.Rounded),
            "opencl" => OpenOpenCl(index),
            _ => throw new ArgumentException(
                $"--device {name}: expected ilgpu, {InProcess}, cuda[:n], cuda-fast[:n] or opencl[:n]."),
        };
    }

    // A card beats the processor; OpenCL on the processor does not.
    static Device Best(int threads)
    {
        if (!Drivers.Cuda.IsEmpty)
            return Open("cuda");
        foreach (var (index, device) in Drivers.OpenCl.Index())
            if (device.DeviceType == CLDeviceType.CL_DEVICE_TYPE_GPU && Drivers.WhyUnusable(device) is null)
                return OpenOpenCl(index);
        return Open(InProcess, threads);
    }

    static GroupedDevice<WarpReduction> OpenCuda(string kind, int index, TensorCores tensorCores)
    {
        var (name, device) = Pick(kind, index, Drivers.Cuda, Drivers.CudaMissing);
        var hasTensorCores = device.Architecture >= CudaArchitecture.SM_80;
        if (tensorCores == TensorCores.Rounded && !hasTensorCores)
            throw new PlatformNotSupportedException(
                $"--device {name}: {device.Name} is {device.Architecture}, without tensor cores of sm_80; use cuda.");
        return Contexts.Open(name, Describe(device), context => new GroupedDevice<WarpReduction>(
            name, context, device.CreateAccelerator(context), Describe(device),
            hasTensorCores ? tensorCores : TensorCores.Unused));
    }

    static GroupedDevice<SharedReduction> OpenOpenCl(int index)
    {
        var (name, device) = Pick("opencl", index, Drivers.OpenCl, Drivers.OpenClMissing);
        if (Drivers.WhyUnusable(device) is { } why)
            throw new PlatformNotSupportedException($"--device {name}: {Describe(device)}: {why}.");
        return Contexts.Open(name, Describe(device), context => new GroupedDevice<SharedReduction>(
            name, context, device.CreateAccelerator(context), Describe(device), TensorCores.Unused));
    }

    static (string Name, T Device) Pick<T>(string kind, int index, ImmutableArray<T> found, string missing)
    {
        if (found.IsEmpty)
            throw new PlatformNotSupportedException($"--device {kind}: {missing}.");
        if (index >= found.Length)
            throw new PlatformNotSupportedException(
                $"--device {kind}:{index}: there are {kind}:0 to {kind}:{found.Length - 1}.");
        return ($"{kind}:{index}", found[index]);
    }

    static IEnumerable<AcceleratorInfo> List<T>(
        string kind, ImmutableArray<T> found, string missing, Func<T, string?> whyUnusable)
        where T : ILGPU.Runtime.Device
    {
        if (found.IsEmpty)
            yield return new(kind, missing, IsUsable: false);
        foreach (var (index, device) in found.Index())
            yield return whyUnusable(device) is { } why
                ? new($"{kind}:{index}", $"{Describe(device)}: {why}", IsUsable: false)
                : new($"{kind}:{index}", Describe(device), IsUsable: true, device.MemorySize);
    }

    static string Describe(ILGPU.Runtime.Device device) =>
        FormattableString.Invariant($"{device.Name}, {device.MemorySize / (double)(1 << 30):F1} GiB");
}
