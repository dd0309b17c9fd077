using System.Linq.Expressions;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace RatIlgpu.Ilgpu;

/// <summary>Says in words what a driver reports as a number: ILGPU's own exceptions have no message, and callers of
/// <see cref="Device"/> do not know them.</summary>
static class DriverFailure
{
    /// <summary>Returns what a call of a driver returns.</summary>
    /// <exception cref="InsufficientMemoryException">The driver ran out of memory.</exception>
    /// <exception cref="IOException">The driver failed otherwise.</exception>
    public static T Guard<T>(string device, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (AcceleratorException failure)
        {
            throw Explain(device, failure);
        }
    }

    /// <summary>Returns what calls a driver, and throws the same.</summary>
    public static Expression Guard(string device, Expression call)
    {
        var failure = Expression.Parameter(typeof(AcceleratorException));
        var explained = Expression.Call(((Delegate)Explain).Method, Expression.Constant(device), failure);
        return Expression.TryCatch(call, Expression.Catch(failure, Expression.Throw(explained, call.Type)));
    }

    /// <summary>Returns what a device that fails in use throws.</summary>
    public static Exception Explain(string device, AcceleratorException failure)
    {
        var name = NameOf(failure);
        return name is "CL_MEM_OBJECT_ALLOCATION_FAILURE" or "CL_OUT_OF_HOST_MEMORY" or "CUDA_ERROR_OUT_OF_MEMORY"
            ? new InsufficientMemoryException(
                $"{device}: the driver has no memory left ({name}); use a shorter prompt or another device.", failure)
            : new IOException(
                $"{device}: the driver failed with {name}; use another device, or a newer driver.", failure);
    }

    /// <summary>Returns the driver's name of what went wrong.</summary>
    public static string NameOf(AcceleratorException failure) => failure switch
    {
        CLException { Error: not CLError.CL_SUCCESS } openCl => openCl.Error.ToString(),
        CudaException { Error.Length: > 0 } cuda => cuda.Error,
        _ => failure.Message,
    };
}
