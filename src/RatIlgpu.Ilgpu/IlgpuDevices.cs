using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu;

/// <summary>Finds and opens ILGPU's accelerators.</summary>
public static class IlgpuDevices
{
    const string InProcess = "ilgpu-cpu";
    const int MostThreads = 1024;

    /// <summary>Gets whether this machine has the library of a CUDA driver, without which no CUDA card is found. Unlike
    /// <see cref="List()"/> it loads no more than that library.</summary>
    public static bool HasCudaDriver => NativeLibraries.Has(NativeLibraries.Cuda);

    /// <summary>Lists the accelerators; for each kind without one, the reason.</summary>
    public static ImmutableArray<AcceleratorInfo> List() =>
    [
        new(InProcess, "ILGPU's CPU accelerator, with the vectors of the cpu device", IsUsable: true),
        .. List("cuda", Accelerators.Cuda, Accelerators.CudaMissing, _ => null),
        .. List("opencl", Accelerators.OpenCl, Accelerators.OpenClMissing, Accelerators.WhyUnusable),
    ];

    /// <summary>Opens a device.</summary>
    /// <param name="name"><c>ilgpu</c> for the fastest accelerator, <c>ilgpu-cpu</c>, <c>cuda</c>, <c>cuda:1</c>,
    /// <c>opencl</c> or <c>opencl:1</c>; or <c>cuda-fast</c> or <c>cuda-fast:1</c>, which rounds activations to BF16 on
    /// tensor cores: faster, and less accurate than every other device.</param>
    /// <param name="threads">The number of threads of <c>ilgpu-cpu</c>, up to 1,024; 0 for one per core.
    /// Other accelerators have threads of their own.</param>
    /// <remarks>A device whose driver fails in use throws <see cref="DeviceException"/> with the driver's name of the
    /// error, or <see cref="InsufficientMemoryException"/>.</remarks>
    /// <exception cref="ArgumentException">The name is not one of these.</exception>
    /// <exception cref="PlatformNotSupportedException">There is no such accelerator, or ILGPU cannot use
    /// it.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is out of its range.</exception>
    public static Device Open(string name, int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MostThreads);
        ArgumentNullException.ThrowIfNull(name);
        var (kind, number) = name.Split(':') is [("cuda" or "cuda-fast" or "opencl") and var before, var after]
            ? (before, after)
            : (name, "0");
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            throw new ArgumentException($"--device {name}: '{number}' is no number, expected one such as {kind}:0.");
        return kind switch
        {
            "ilgpu" => OpenFastest(threads),
            InProcess => new CpuAcceleratorDevice(InProcess, threads == 0 ? Environment.ProcessorCount : threads),
            "cuda" => OpenCuda(kind, index, TensorCores.Exact),
            "cuda-fast" => OpenCuda(kind, index, TensorCores.Rounded),
            "opencl" => OpenOpenCl(index),
            _ => throw new ArgumentException(
                $"--device {name}: expected ilgpu, {InProcess}, cuda[:n], cuda-fast[:n] or opencl[:n]."),
        };
    }

    // A card is faster than the processor; OpenCL on the processor is not.
    static Device OpenFastest(int threads)
    {
        if (!Accelerators.Cuda.IsEmpty)
            return Open("cuda");
        foreach (var (index, device) in Accelerators.OpenCl.Index())
            if (device.DeviceType == CLDeviceType.CL_DEVICE_TYPE_GPU && Accelerators.WhyUnusable(device) is null)
                return OpenOpenCl(index);
        return Open(InProcess, threads);
    }

    static GroupedDevice<WarpReduction> OpenCuda(string kind, int index, TensorCores tensorCores)
    {
        var (name, device) = Pick(kind, index, Accelerators.Cuda, Accelerators.CudaMissing);
        var hasTensorCores = device.Architecture >= CudaArchitecture.SM_80;
        if (tensorCores == TensorCores.Rounded && !hasTensorCores)
            throw new PlatformNotSupportedException(
                $"--device {name}: {device.Name} is {device.Architecture}, without tensor cores of sm_80; use cuda.");
        return Accelerators.Open(name, Describe(device), context => new GroupedDevice<WarpReduction>(
            name, Describe(device), device.CreateAccelerator(context),
            hasTensorCores ? tensorCores : TensorCores.Unused));
    }

    static GroupedDevice<SharedReduction> OpenOpenCl(int index)
    {
        var (name, device) = Pick("opencl", index, Accelerators.OpenCl, Accelerators.OpenClMissing);
        if (Accelerators.WhyUnusable(device) is { } why)
            throw new PlatformNotSupportedException($"--device {name}: {Describe(device)}: {why}.");
        return Accelerators.Open(name, Describe(device), context => new GroupedDevice<SharedReduction>(
            name, Describe(device), device.CreateAccelerator(context), TensorCores.Unused,
            isProcessor: device.DeviceType == CLDeviceType.CL_DEVICE_TYPE_CPU));
    }

    static (string Name, T Device) Pick<T>(string kind, int index, ImmutableArray<T> found, string missing)
    {
        if (found.IsEmpty)
            throw new PlatformNotSupportedException(
                $"--device {(index == 0 ? kind : $"{kind}:{index}")}: {missing}.");
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
