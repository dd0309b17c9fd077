using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu;

/// <summary>A way to reach accelerators beyond this process.</summary>
/// <param name="Name">What <c>--device</c> calls it.</param>
/// <param name="Library">The driver's library, as ILGPU asks for it.</param>
/// <param name="Owner">Where the library comes from, for messages.</param>
/// <param name="Register">Adds its accelerators to a context.</param>
sealed record Backend(string Name, string Library, string Owner, Action<Context.Builder> Register)
{
    /// <summary>NVIDIA's cards.</summary>
    public static Backend Cuda { get; } = new("cuda", "cuda", "an NVIDIA driver", builder => builder.Cuda());

    /// <summary>Whatever has a driver for OpenCL 2 or later with a generic address space.</summary>
    public static Backend OpenCl { get; } =
        new("opencl", "OpenCL", "an OpenCL loader, such as ocl-icd", builder => builder.OpenCL());

    static Backend()
    {
        // Systems without developer packages have the libraries under their versioned names only.
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, (name, assembly, path) =>
                NativeLibrary.TryLoad(name, assembly, path, out var plain) ? plain
                : NativeLibrary.TryLoad($"lib{name}.so.1", assembly, path, out var versioned) ? versioned
                : IntPtr.Zero);
        }
        catch (InvalidOperationException)
        {
            // ILGPU has set its own, as it does under Windows' Linux.
        }
    }

    /// <summary>Returns the accelerators of a context made for this backend, in ILGPU's order.</summary>
    public ILGPU.Runtime.Device[] DevicesOf(Context context)
    {
        // An empty context shows a device of this process instead of none.
        var kind = this == Cuda ? AcceleratorType.Cuda : AcceleratorType.OpenCL;
        return [.. context.Devices.Where(device => device.AcceleratorType == kind)];
    }

    /// <summary>Says why there is no accelerator.</summary>
    public string WhyNone() =>
        NativeLibrary.TryLoad(Library, typeof(Context).Assembly, null, out _)
        || NativeLibrary.TryLoad($"lib{Library}.so.1", out _)
            ? "its library is there, but it shows no device that ILGPU can use"
            : $"no library lib{Library}; it comes with {Owner}";
}
