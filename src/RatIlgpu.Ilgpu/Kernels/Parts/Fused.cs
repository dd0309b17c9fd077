using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;

namespace RatIlgpu.Ilgpu;

/// <summary>The multiplication and addition that sums are made of: one instruction, rounded once, on every backend.
/// ILGPU has none, and leaves to the driver whether it makes one of two.</summary>
static class Fused
{
    /// <summary><c>x·y + sum</c>.</summary>
    [IntrinsicImplementation]
    public static float MultiplyAdd(float x, float y, float sum) => MathF.FusedMultiplyAdd(x, y, sum);

    /// <summary>Tells a context how the backends of GPUs say it.</summary>
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
