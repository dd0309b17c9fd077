using System.Collections.Immutable;
using System.Globalization;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu;

/// <summary>Finds and opens ILGPU's accelerators.</summary>
/// <remarks>The names are <c>ilgpu-cpu</c>, <c>opencl</c>, <c>opencl:1</c>, <c>cuda</c>, <c>cuda:1</c> and so on;
/// <c>cuda-fast</c> rounds activations to BF16 on tensor cores, which is faster and less accurate than this library
/// promises. <c>ilgpu</c> is the best there is: CUDA, else a GPU through OpenCL, else the CPU.</remarks>
public static class IlgpuDevices
{
    /// <summary>Gets whether this build has the ILGPU device.</summary>
    public static bool IsBuilt => true;

    /// <summary>Lists the accelerators, what they are, and why one of a kind is missing.</summary>
    public static ImmutableArray<Accelerator> List() =>
    [
        new("ilgpu-cpu", "ILGPU's CPU accelerator with the vectors of this processor", IsUsable: true),
        .. Drivers.OpenCl.IsEmpty
            ? [new("opencl", Drivers.OpenClMissing, IsUsable: false)]
            : Drivers.OpenCl.Select((device, index) => new Accelerator(
                Name("opencl", index), Describe(device), Drivers.IsUsable(device))),
        .. Drivers.Cuda.IsEmpty
            ? [new("cuda", Drivers.CudaMissing, IsUsable: false)]
            : Drivers.Cuda.Select((device, index) => new Accelerator(Name("cuda", index), Describe(device), IsUsable: true)),
    ];

    /// <summary>Opens a device.</summary>
    /// <param name="name">The name, such as <c>cuda:0</c>.</param>
    /// <exception cref="ArgumentException">No accelerator has such a name.</exception>
    /// <exception cref="PlatformNotSupportedException">The accelerator is not there, or cannot be used.</exception>
    public static Device Open(string name)
    {
        var parts = name.Split(':');
        var index = 0;
        if (parts.Length > 2 || parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index))
            throw Unknown(name);
        return parts[0] switch
        {
            "ilgpu" when parts.Length == 1 => OpenBest(),
            "ilgpu-cpu" when parts.Length == 1 => new SimdDevice(name, Environment.ProcessorCount),
            "opencl" => OpenOpenCl(name, index),
            "cuda" => OpenCuda(name, index, TensorCores.Exact),
            "cuda-fast" => OpenCuda(name, index, TensorCores.Rounded),
            _ => throw Unknown(name),
        };
    }

    static Device OpenBest()
    {
        if (!Drivers.Cuda.IsEmpty)
            return OpenCuda("cuda:0", 0, TensorCores.Exact);
        var gpu = Drivers.OpenCl.ToList().FindIndex(device => device.DeviceType == CLDeviceType.CL_DEVICE_TYPE_GPU && Drivers.IsUsable(device));
        return gpu >= 0 ? OpenOpenCl(Name("opencl", gpu), gpu) : Open("ilgpu-cpu");
    }

    static Device OpenOpenCl(string name, int index)
    {
        var device = Pick(name, index, Drivers.OpenCl, Drivers.OpenClMissing);
        if (!Drivers.IsUsable(device))
            throw new PlatformNotSupportedException($"--device {name}: {Describe(device)}.");
        var context = Contexts.Create();
        return new GroupedDevice<SharedReduction>(
            name, context, device.CreateAccelerator(context), Describe(device), TensorCores.Unused);
    }

    static Device OpenCuda(string name, int index, TensorCores tensorCores)
    {
        var device = Pick(name, index, Drivers.Cuda, Drivers.CudaMissing);
        var has = device.Architecture >= CudaArchitecture.SM_80;
        if (!has && tensorCores == TensorCores.Rounded)
            throw new PlatformNotSupportedException($"--device {name}: {Describe(device)}, tensor cores from sm_80 on are needed; use cuda.");
        var context = Contexts.Create();
        return new GroupedDevice<WarpReduction>(
            name, context, device.CreateAccelerator(context), Describe(device), has ? tensorCores : TensorCores.Unused);
    }

    static T Pick<T>(string name, int index, ImmutableArray<T> found, string missing)
    {
        if (found.IsEmpty)
            throw new PlatformNotSupportedException($"--device {name}: {missing}, or use --device cpu.");
        return index < found.Length
            ? found[index]
            : throw new PlatformNotSupportedException($"--device {name}: there are {found.Length}, counted from 0.");
    }

    static string Describe(CudaDevice device) => string.Create(
        CultureInfo.InvariantCulture, $"{device.Name}, {Memory(device.MemorySize)}, CUDA {device.Architecture}");

    static string Describe(CLDevice device) => string.Create(
        CultureInfo.InvariantCulture,
        $"{device.Name.Trim('\0', ' ')}, {Memory(device.MemorySize)}, {device.CLStdVersion}{(Drivers.IsUsable(device) ? "" : ", which cannot be used: OpenCL 2.0 and a generic address space are needed")}");

    static string Memory(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):F1} GiB");

    static string Name(string kind, int index) => string.Create(CultureInfo.InvariantCulture, $"{kind}:{index}");

    static ArgumentException Unknown(string name) =>
        new($"--device {name}: expected ilgpu, ilgpu-cpu, opencl, opencl:1, cuda, cuda:1, cuda-fast or the like.");
}
