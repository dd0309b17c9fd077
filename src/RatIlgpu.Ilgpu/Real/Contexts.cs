namespace RatIlgpu.Ilgpu;

/// <summary>Makes contexts of ILGPU; each accelerator has its own, since a kernel that cannot be compiled spoils it.</summary>
static class Contexts
{
    public static Context Create()
    {
        var context = Context.Create(builder => builder.EnableAlgorithms().Optimize(OptimizationLevel.O2));
        Fused.Register(context);
        TensorCore.Register(context);
        return context;
    }
}
