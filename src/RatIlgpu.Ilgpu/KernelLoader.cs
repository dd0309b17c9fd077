using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;

namespace RatIlgpu.Ilgpu;

/// <summary>Launches kernels on the default stream of an accelerator, and compiles each on its first launch.</summary>
sealed class KernelLoader(Accelerator accelerator)
{
    readonly Dictionary<Delegate, Delegate> launchers = [];
    readonly AcceleratorStream stream = accelerator.DefaultStream;

    /// <summary>The number of launches so far.</summary>
    public long Launches { get; private set; }

    public void Launch<T1, T2>(Action<T1, T2> kernel, KernelConfig groups, T1 a, T2 b)
    {
        using var measured = KernelProfile.Measure(kernel, stream);
        Load<Action<AcceleratorStream, KernelConfig, T1, T2>>(kernel)(stream, groups, a, b);
    }

    public void Launch<T1, T2, T3>(Action<T1, T2, T3> kernel, KernelConfig groups, T1 a, T2 b, T3 c)
    {
        using var measured = KernelProfile.Measure(kernel, stream);
        Load<Action<AcceleratorStream, KernelConfig, T1, T2, T3>>(kernel)(stream, groups, a, b, c);
    }

    public void Launch<T1, T2, T3, T4>(
        Action<T1, T2, T3, T4> kernel, KernelConfig groups, T1 a, T2 b, T3 c, T4 d)
    {
        using var measured = KernelProfile.Measure(kernel, stream);
        Load<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4>>(kernel)(stream, groups, a, b, c, d);
    }

    public void Launch<T1, T2, T3, T4, T5>(
        Action<T1, T2, T3, T4, T5> kernel, KernelConfig groups, T1 a, T2 b, T3 c, T4 d, T5 e)
    {
        using var measured = KernelProfile.Measure(kernel, stream);
        Load<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5>>(kernel)(stream, groups, a, b, c, d, e);
    }

    public void Launch<T1, T2, T3, T4, T5, T6>(
        Action<T1, T2, T3, T4, T5, T6> kernel, KernelConfig groups, T1 a, T2 b, T3 c, T4 d, T5 e, T6 f)
    {
        using var measured = KernelProfile.Measure(kernel, stream);
        Load<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6>>(kernel)(
            stream, groups, a, b, c, d, e, f);
    }

    public void Launch<T1, T2, T3, T4, T5, T6, T7>(
        Action<T1, T2, T3, T4, T5, T6, T7> kernel, KernelConfig groups, T1 a, T2 b, T3 c, T4 d, T5 e, T6 f, T7 g)
    {
        using var measured = KernelProfile.Measure(kernel, stream);
        Load<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7>>(kernel)(
            stream, groups, a, b, c, d, e, f, g);
    }

    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8>(
        Action<T1, T2, T3, T4, T5, T6, T7, T8> kernel, KernelConfig groups, T1 a, T2 b, T3 c, T4 d, T5 e, T6 f, T7 g,
        T8 h)
    {
        using var measured = KernelProfile.Measure(kernel, stream);
        Load<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8>>(kernel)(
            stream, groups, a, b, c, d, e, f, g, h);
    }

    TLauncher Load<TLauncher>(Delegate kernel)
        where TLauncher : Delegate
    {
        Launches++;
        if (!launchers.TryGetValue(kernel, out var launcher))
            launchers.Add(kernel, launcher = Compile(kernel).CreateLauncherDelegate<TLauncher>());
        return (TLauncher)launcher;
    }

    Kernel Compile(Delegate kernel)
    {
        try
        {
            return accelerator.LoadKernel(accelerator.GetBackend().Compile(
                EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Method), new KernelSpecialization()));
        }
        catch
        {
            // ILGPU compiles nothing more in a context in which a kernel failed: findings/ilgpu-failed-kernel.sh.
            Accelerators.Abandon(accelerator.Context);
            throw;
        }
    }
}
