using System.Collections.Immutable;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu;

/// <summary>The hardware that the drivers of this machine show, asked for once.</summary>
static class Drivers
{
    static readonly Lazy<ImmutableArray<CudaDevice>> cuda =
        new(() => Find(NativeLibraries.Cuda, builder => builder.Cuda(), context => context.GetCudaDevices()));

    static readonly Lazy<ImmutableArray<CLDevice>> openCl =
        new(() => Find(
            NativeLibraries.OpenCl, builder => builder.OpenCL(_ => true), context => context.GetCLDevices()));

    /// <summary>Gets the GPUs that CUDA shows.</summary>
    public static ImmutableArray<CudaDevice> Cuda => cuda.Value;

    /// <summary>Gets the devices that OpenCL shows, also those that ILGPU cannot use.</summary>
    public static ImmutableArray<CLDevice> OpenCl => openCl.Value;

    /// <summary>Gets why there is no CUDA.</summary>
    public static string CudaMissing => NativeLibraries.Has(NativeLibraries.Cuda)
        ? "the NVIDIA driver shows no GPU; nvidia-smi may say why"
        : $"no library {NativeLibraries.FileOf(NativeLibraries.Cuda)}; it comes with an NVIDIA driver";

    /// <summary>Gets why there is no OpenCL.</summary>
    public static string OpenClMissing => NativeLibraries.Has(NativeLibraries.OpenCl)
        ? "the OpenCL loader shows no device; a GPU's OpenCL runtime, or PoCL 4 or later, adds one"
        : $"no library {NativeLibraries.FileOf(NativeLibraries.OpenCl)}; it comes with a loader such as ocl-icd";

    /// <summary>Returns why ILGPU cannot use an OpenCL device; null if it can.</summary>
    public static string? WhyUnusable(CLDevice device) =>
        device.CLStdVersion >= CLBackend.MinimumVersion && device.Capabilities.GenericAddressSpace
            ? null
            : "it has no generic address space, which OpenCL 2 and later may have; a newer driver may bring it";

    static ImmutableArray<T> Find<T>(
        string library, Action<Context.Builder> ask, Func<Context, Context.DeviceCollection<T>> read)
        where T : ILGPU.Runtime.Device
    {
        // A context takes some 50 ms to make, which a trace on the cpu device need not wait for.
        if (!NativeLibraries.Has(library))
            return [];
        NativeLibraries.Resolve();
        using var context = Context.Create(ask);
        return [.. read(context)];
    }
}
