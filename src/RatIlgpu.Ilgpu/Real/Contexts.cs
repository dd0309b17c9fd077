namespace RatIlgpu.Ilgpu;

/// <summary>Makes contexts of ILGPU; each accelerator has its own, since a kernel that cannot be compiled spoils
/// it.</summary>
static class Contexts
{
    /// <summary>Makes a context that knows the intrinsics of the kernels.</summary>
    public static Context Create()
    {
        var context = Context.Create(builder => builder.EnableAlgorithms().Optimize(OptimizationLevel.O2));
        Barrier.Register(context);
        Fused.Register(context);
        TensorCore.Register(context);
        return context;
    }

    /// <summary>Makes a device in a context of its own, which is disposed if there is no device.</summary>
    public static TDevice Open<TDevice>(Func<Context, TDevice> make)
    {
        var context = Create();
        try
        {
            return make(context);
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }
}
