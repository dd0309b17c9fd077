namespace RatIlgpu.Ilgpu;

/// <summary>Makes contexts of ILGPU; each accelerator has its own, since a kernel that cannot be compiled spoils
/// it.</summary>
static class Contexts
{
    /// <summary>Makes a context.</summary>
    /// <param name="backend">Whose accelerators it shows; null for none.</param>
    public static Context Create(Backend? backend = null)
    {
        var context = Context.Create(builder =>
        {
            builder.EnableAlgorithms().Optimize(OptimizationLevel.O2);
            backend?.Register(builder);
        });
        Fused.Register(context);
        return context;
    }
}
