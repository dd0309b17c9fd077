using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;

namespace RatIlgpu.Ilgpu;

/// <summary>A fused multiply-add: one instruction that rounds once, on every backend. ILGPU has none, and leaves it to
/// the driver whether a multiplication and an addition are fused.</summary>
static class Fused
{
    /// <summary><c>x·y + sum</c>.</summary>
    [IntrinsicImplementation]
    public static float MultiplyAdd(float x, float y, float sum) => MathF.FusedMultiplyAdd(x, y, sum);

    /// <summary>Registers the PTX and OpenCL implementations of this intrinsic.</summary>
    public static void Register(Context context)
    {
        var manager = context.GetIntrinsicManager();
        var method = ((Delegate)MultiplyAdd).Method;
        manager.RegisterMethod(
            method, new PTXIntrinsic(typeof(Fused), nameof(ForPtx), IntrinsicImplementationMode.GenerateCode));
        manager.RegisterMethod(
            method, new CLIntrinsic(typeof(Fused), nameof(ForOpenCl), IntrinsicImplementationMode.GenerateCode));
    }

    static void ForPtx(PTXBackend _, PTXCodeGenerator generator, Value value)
    {
        var target = generator.AllocateHardware(value);
        using var command = generator.BeginCommand("fma.rn.f32");
        command.AppendArgument(target);
        for (var i = 0; i < 3; i++)
            command.AppendArgument(generator.LoadPrimitive(value[i]));
    }

    static void ForOpenCl(CLBackend _, CLCodeGenerator generator, Value value)
    {
        var target = generator.Allocate(value);
        using var statement = generator.BeginStatement(target);
        statement.AppendCommand("fma");
        statement.BeginArguments();
        for (var i = 0; i < 3; i++)
            statement.AppendArgument(generator.Load(value[i]));
        statement.EndArguments();
    }
}

/// <summary>A barrier for the threads of a group, which also makes earlier writes to shared memory visible to
/// all.</summary>
/// <remarks>ILGPU's own barrier orders only global memory on OpenCL: a device could then still hold back writes to
/// shared memory.</remarks>
static class Barrier
{
    /// <summary>Waits for all threads of the group.</summary>
    [IntrinsicImplementation]
    public static void Wait() => Group.Barrier();

    /// <summary>Registers the PTX and OpenCL implementations of this intrinsic.</summary>
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
