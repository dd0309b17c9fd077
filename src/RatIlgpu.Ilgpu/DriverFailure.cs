using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu;

/// <summary>Describes errors of drivers: the exceptions of ILGPU have only a number, and callers of
/// <see cref="Device"/> do not know their types.</summary>
static class DriverFailure
{
    /// <summary>Calls the driver; wraps its <see cref="AcceleratorException"/> in an exception that names the
    /// device.</summary>
    public static void Guard(string device, Action call)
    {
        try
        {
            call();
        }
        catch (AcceleratorException failure)
        {
            throw Explain(device, failure);
        }
    }

    /// <summary>Frees something, and ignores that the driver fails: it failed before, and the error that says so must
    /// not be replaced.</summary>
    public static void Ignore(Action free)
    {
        try
        {
            free();
        }
        catch (Exception failure)
            when (failure is AcceleratorException or DeviceException or InsufficientMemoryException)
        {
            // The driver takes its memory back when the process ends.
        }
    }

    /// <summary>Returns the exception for a device whose driver failed in use.</summary>
    public static Exception Explain(string device, AcceleratorException failure)
    {
        var name = NameOf(failure);
        return IsOutOfMemory(name)
            ? new InsufficientMemoryException(
                $"{device}: the driver has no memory left ({name}); use a shorter prompt or another device.", failure)
            : new DeviceException(
                $"{device}: the driver failed with {name}; use another device, or a newer driver.", failure);
    }

    /// <summary>Returns whether a driver refused to allocate memory, and is usable: it has too little, or the piece is
    /// larger than it gives.</summary>
    public static bool IsRefusal(Exception failure) =>
        failure is AcceleratorException refusal && NameOf(refusal) is var name
        && (IsOutOfMemory(name) || name == "CL_INVALID_BUFFER_SIZE");

    /// <summary>Returns the driver's name of an error.</summary>
    public static string NameOf(AcceleratorException failure) => failure switch
    {
        CLException { Error: not CLError.CL_SUCCESS } openCl => openCl.Error.ToString(),
        CudaException { Error.Length: > 0 } cuda => cuda.Error,
        _ => failure.Message,
    };

    static bool IsOutOfMemory(string error) =>
        error is "CL_MEM_OBJECT_ALLOCATION_FAILURE" or "CL_OUT_OF_HOST_MEMORY" or "CUDA_ERROR_OUT_OF_MEMORY";
}
