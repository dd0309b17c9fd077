using System.Collections.Immutable;
using System.Globalization;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu;

/// <summary>Finds and opens ILGPU's accelerators.</summary>
public static class IlgpuDevices
{
    const string InProcess = "ilgpu-cpu";

    /// <summary>Gets whether this build has the ILGPU device.</summary>
    public static bool IsBuilt => true;

    /// <summary>Lists the accelerators, and for each way without one why there is none.</summary>
    public static ImmutableArray<Accelerator> List() =>
    [
        new(InProcess, "ILGPU's CPU accelerator, with the vectors of the cpu device", IsUsable: true),
        .. List(Backend.Cuda),
        .. List(Backend.OpenCl),
    ];

    /// <summary>Opens a device.</summary>
    /// <param name="name"><c>ilgpu</c> for the best there is, <c>ilgpu-cpu</c>, <c>cuda</c>, <c>cuda:1</c>,
    /// <c>opencl</c> or <c>opencl:0</c>.</param>
    /// <exception cref="ArgumentException">The name is none of these.</exception>
    /// <exception cref="PlatformNotSupportedException">There is no such accelerator.</exception>
    public static Device Open(string name)
    {
        var (kind, number) = name.Split(':') is [var before, var after] ? (before, after) : (name, "0");
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            throw new ArgumentException($"--device {name}: '{number}' is no number, expected one such as {kind}:0.");
        return kind switch
        {
            "ilgpu" => Best(),
            InProcess => new SimdDevice(InProcess, Environment.ProcessorCount),
            "cuda" => Open(Backend.Cuda, index),
            "opencl" => Open(Backend.OpenCl, index),
            _ => throw new ArgumentException(
                $"--device {name}: expected ilgpu, {InProcess}, cuda, cuda:n, opencl or opencl:n."),
        };
    }

    // A card beats the processor; OpenCL on the processor does not.
    static Device Best()
    {
        using (var cuda = Contexts.Create(Backend.Cuda))
            if (Backend.Cuda.DevicesOf(cuda).Length > 0)
                return Open(Backend.Cuda, 0);
        using (var openCl = Contexts.Create(Backend.OpenCl))
            foreach (var (index, device) in Backend.OpenCl.DevicesOf(openCl).Index())
                if (device is CLDevice { DeviceType: CLDeviceType.CL_DEVICE_TYPE_GPU })
                    return Open(Backend.OpenCl, index);
        return new SimdDevice(InProcess, Environment.ProcessorCount);
    }

    static Device Open(Backend backend, int index)
    {
        var context = Contexts.Create(backend);
        try
        {
            var devices = backend.DevicesOf(context);
            if (devices.Length == 0)
                throw new PlatformNotSupportedException($"--device {backend.Name}: {backend.WhyNone()}.");
            if (index >= devices.Length)
                throw new PlatformNotSupportedException(
                    $"--device {backend.Name}:{index}: there are {backend.Name}:0 to "
                    + $"{backend.Name}:{devices.Length - 1}.");
            var accelerator = devices[index].CreateAccelerator(context);
            var (name, description) = ($"{backend.Name}:{index}", Describe(devices[index]));
            return backend == Backend.Cuda
                ? new GroupedDevice<WarpReduction>(name, context, accelerator, description, Limits.GroupSize)
                : new GroupedDevice<SharedReduction>(name, context, accelerator, description, Limits.GroupSize);
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    static ImmutableArray<Accelerator> List(Backend backend)
    {
        using var context = Contexts.Create(backend);
        var found = backend.DevicesOf(context).Select((device, index) => new Accelerator(
            FormattableString.Invariant($"{backend.Name}:{index}"), Describe(device), IsUsable: true,
            device.MemorySize));
        return found.ToImmutableArray() is { IsEmpty: false } some
            ? some
            : [new(backend.Name, backend.WhyNone(), IsUsable: false)];
    }

    static string Describe(ILGPU.Runtime.Device device) =>
        FormattableString.Invariant($"{device.Name}, {device.MemorySize / (double)(1 << 30):F1} GiB");
}
