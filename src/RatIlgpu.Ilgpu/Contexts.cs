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
    /// <exception cref="PlatformNotSupportedException">The driver shows the hardware, but cannot use it.</exception>
    public static TDevice Open<TDevice>(string name, string description, Func<Context, TDevice> make)
    {
        var context = Create();
        try
        {
            return make(context);
        }
        catch (Exception exception)
        {
            context.Dispose();
            if (exception is not AcceleratorException failure)
                throw;
            throw new PlatformNotSupportedException(
                $"--device {name}: {description}: the driver failed with {DriverFailure.NameOf(failure)}; "
                + "use another device, or a newer driver.", failure);
        }
    }
}
