using System.Collections.Immutable;
using System.Globalization;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu;

/// <summary>The hardware that the drivers of this machine show, asked for once.</summary>
static class Drivers
{
    const string NoCuda = "no CUDA driver was found; install the NVIDIA driver, whose library is {0}";
    const string NoCudaDevice = "the CUDA driver shows no GPU; nvidia-smi may say why";
    const string NoOpenCl = "no OpenCL library was found; install the driver's OpenCL runtime, whose loader is {0}";
    const string NoOpenClDevice = "the OpenCL library shows no device; install the OpenCL runtime of a GPU, or PoCL 4 or newer";

    static readonly Lazy<ImmutableArray<CudaDevice>> cuda = new(() => Find<CudaDevice>(
        builder => builder.Cuda(), context => [.. context.GetCudaDevices()]));

    static readonly Lazy<ImmutableArray<CLDevice>> openCl = new(() => Find<CLDevice>(
        builder => builder.OpenCL(_ => true), context => [.. context.GetCLDevices()]));

    /// <summary>Gets the GPUs that CUDA shows.</summary>
    public static ImmutableArray<CudaDevice> Cuda => cuda.Value;

    /// <summary>Gets the devices that OpenCL shows, also those that ILGPU cannot use.</summary>
    public static ImmutableArray<CLDevice> OpenCl => openCl.Value;

    /// <summary>Gets why there is no CUDA.</summary>
    public static string CudaMissing => NativeLibraries.Has(NativeLibraries.Cuda)
        ? NoCudaDevice
        : string.Format(CultureInfo.InvariantCulture, NoCuda, OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1");

    /// <summary>Gets why there is no OpenCL.</summary>
    public static string OpenClMissing => NativeLibraries.Has(NativeLibraries.OpenCl)
        ? NoOpenClDevice
        : string.Format(CultureInfo.InvariantCulture, NoOpenCl, OperatingSystem.IsWindows() ? "OpenCL.dll" : "libOpenCL.so.1");

    /// <summary>Tells whether ILGPU can use an OpenCL device.</summary>
    public static bool IsUsable(CLDevice device) =>
        device.CLStdVersion >= CLCVersion.CL20 && device.Capabilities.GenericAddressSpace;

    static ImmutableArray<T> Find<T>(Action<Context.Builder> ask, Func<Context, ImmutableArray<T>> read)
    {
        NativeLibraries.Resolve();
        using var context = Context.Create(ask);
        return read(context);
    }
}
