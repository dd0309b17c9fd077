using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;

namespace RatIlgpu.Ilgpu;

/// <summary>Where the threads of a group meet, and see what the others wrote to shared memory before.</summary>
/// <remarks>ILGPU's own barrier makes OpenCL order global memory alone: a device may then still hold back what was
/// written to shared memory.</remarks>
static class Barrier
{
    /// <summary>Waits for all threads of the group.</summary>
    [IntrinsicImplementation]
    public static void Wait() => Group.Barrier();

    /// <summary>Tells a context how the backends of GPUs say it.</summary>
    public static void Register(Context context)
    {
        var manager = context.GetIntrinsicManager();
        var method = ((Delegate)Wait).Method;
        manager.RegisterMethod(
            method, new PTXIntrinsic(typeof(Barrier), nameof(ForPtx), IntrinsicImplementationMode.Redirect));
        manager.RegisterMethod(
            method, new CLIntrinsic(typeof(Barrier), nameof(ForOpenCl), IntrinsicImplementationMode.GenerateCode));
    }

    static void ForPtx() => Group.Barrier();

    static void ForOpenCl(CLBackend _, CLCodeGenerator generator, Value _1)
    {
        using var statement = generator.BeginStatement("work_group_barrier");
        statement.BeginArguments();
        statement.AppendArgument();
        statement.AppendCommand("CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE");
        statement.EndArguments();
    }
}
