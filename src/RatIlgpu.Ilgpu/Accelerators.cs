using ILGPU.Backends.OpenCL;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu;

/// <summary>The accelerators that the drivers of this machine show, and the context that all devices share.</summary>
static class Accelerators
{
    // Each driver is asked in a context of its own: the answer can take long, and no other device waits for it.
    static readonly Lazy<ImmutableArray<CudaDevice>> cuda =
        new(() => Find(NativeLibraries.Cuda, builder => builder.Cuda(), context => context.GetCudaDevices()));

    static readonly Lazy<ImmutableArray<CLDevice>> openCl =
        new(() => Find(
            NativeLibraries.OpenCl, builder => builder.OpenCL(_ => true), context => context.GetCLDevices()));

    static readonly Lock gate = new();
    static Context? shared;

    /// <summary>Gets the context that all devices share; it lives as long as the process.</summary>
    public static Context Context
    {
        get
        {
            lock (gate)
                return shared ??= CreateContext();
        }
    }

    /// <summary>Gets the GPUs that CUDA shows.</summary>
    public static ImmutableArray<CudaDevice> Cuda => cuda.Value;

    /// <summary>Gets the devices that OpenCL shows, including those that ILGPU cannot use.</summary>
    public static ImmutableArray<CLDevice> OpenCl => openCl.Value;

    /// <summary>Gets the reason why there is no CUDA device.</summary>
    public static string CudaMissing => NativeLibraries.Has(NativeLibraries.Cuda)
        ? "the NVIDIA driver shows no GPU; nvidia-smi may say why"
        : $"no library {NativeLibraries.FileOf(NativeLibraries.Cuda)}; it comes with an NVIDIA driver";

    /// <summary>Gets the reason why there is no OpenCL device.</summary>
    public static string OpenClMissing => NativeLibraries.Has(NativeLibraries.OpenCl)
        ? "the OpenCL loader shows no device; a GPU's OpenCL runtime, or PoCL 4 or later, adds one"
        : $"no library {NativeLibraries.FileOf(NativeLibraries.OpenCl)}; it comes with a loader such as ocl-icd";

    /// <summary>Returns the reason why ILGPU cannot use an OpenCL device; null if it can.</summary>
    public static string? WhyUnusable(CLDevice device) =>
        device.CLStdVersion >= CLBackend.MinimumVersion && device.Capabilities.GenericAddressSpace
            ? null
            : "it has no generic address space, which OpenCL 2 and later may have; a newer driver may bring it";

    /// <summary>Makes a context that knows the intrinsics of the kernels.</summary>
    public static Context CreateContext()
    {
        // Not O2, which moves loads of shared memory behind the barrier that keeps them from the next store:
        // findings/ilgpu-load-behind-barrier.sh. O1 knows fewer loads to be of global memory, and no wrong ones.
        var context = Context.Create(builder => builder.EnableAlgorithms().Optimize(OptimizationLevel.O1).Profiling());
        Barrier.Register(context);
        Fused.Register(context);
        ScalarLeaf.Register(context);
        TensorCore.Register(context);
        AsyncCopy.Register(context);
        DotTileSource.Register(context);
        MixTileSource.Register(context);
        return context;
    }

    /// <summary>Gives devices that are opened from now on another context, if a context is the shared one.</summary>
    public static void Abandon(Context context)
    {
        lock (gate)
            if (shared == context)
                shared = null;
    }

    /// <summary>Makes a device in the shared context.</summary>
    public static TDevice Open<TDevice>(string name, string description, Func<Context, TDevice> make)
    {
        try
        {
            return make(Context);
        }
        catch (AcceleratorException failure)
        {
            throw new PlatformNotSupportedException(
                $"--device {name}: {description}: the driver failed with {DriverFailure.NameOf(failure)}; "
                + "use another device, or a newer driver.", failure);
        }
    }

    static ImmutableArray<T> Find<T>(
        string library, Action<Context.Builder> ask, Func<Context, Context.DeviceCollection<T>> read)
        where T : ILGPU.Runtime.Device
    {
        if (!NativeLibraries.Has(library))
            return [];
        NativeLibraries.Resolve();
        using var context = Context.Create(ask);
        return [.. read(context)];
    }
}

/// <summary>Finds the libraries of drivers, also where only their versioned names exist.</summary>
static class NativeLibraries
{
    // Where this folder exists, ILGPU sets a resolver of its own, and an assembly can have only one.
    const string WindowsSubsystem = "/usr/lib/wsl/lib";

    static readonly Lazy<bool> resolver = new(() =>
    {
        var isNeeded = OperatingSystem.IsLinux() && !Directory.Exists(WindowsSubsystem);
        if (isNeeded)
            NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, (name, _, _) => Versioned(name));
        return isNeeded;
    });

    /// <summary>Gets the name by which ILGPU loads CUDA.</summary>
    public static string Cuda => OperatingSystem.IsWindows() ? "nvcuda" : "cuda";

    /// <summary>Gets the name by which ILGPU loads OpenCL.</summary>
    public static string OpenCl => "OpenCL";

    /// <summary>Makes ILGPU look for the versioned names, too.</summary>
    public static void Resolve() => _ = resolver.Value;

    /// <summary>Returns whether a library exists.</summary>
    public static bool Has(string name) => Versioned(name) != 0 || NativeLibrary.TryLoad(name, out _);

    /// <summary>Returns the file name of a library, for messages.</summary>
    public static string FileOf(string name) => OperatingSystem.IsWindows() ? $"{name}.dll" : $"lib{name}.so.1";

    static nint Versioned(string name) =>
        name is "cuda" or "OpenCL" && NativeLibrary.TryLoad($"lib{name}.so.1", out var library) ? library : 0;
}
