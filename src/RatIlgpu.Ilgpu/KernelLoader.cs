using System.Collections.Concurrent;
using System.Reflection;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;

namespace RatIlgpu.Ilgpu;

/// <summary>Launches kernels on the default stream of an accelerator, and compiles each before its first
/// launch.</summary>
/// <param name="device">The name of the device, for errors.</param>
/// <param name="accelerator">The accelerator.</param>
/// <remarks>ILGPU 1.5.3 compiles on several threads at once: every thread of every try gave the code that one thread
/// gives. Nothing is kept from one run to the next: the constructor of its compiled PTX kernel is internal, and OpenCL
/// runtimes keep what takes them long, the binary of a source, themselves.</remarks>
sealed class KernelLoader(string device, Accelerator accelerator)
{
    readonly Dictionary<Delegate, Delegate> launchers = [];
    readonly ConcurrentDictionary<MethodInfo, Lazy<CompiledKernel>> compiled = [];
    readonly AcceleratorStream stream = accelerator.DefaultStream;
    Task preparing = Task.CompletedTask;

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

    /// <summary>Starts to compile kernels that will probably be launched, on all processors.</summary>
    public void Prepare(IReadOnlyCollection<Delegate> kernels) => preparing = preparing.ContinueWith(
        before => Parallel.ForEach(kernels, kernel => _ = Compiled(kernel.Method).Value),
        CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    /// <summary>Waits until no kernel is being compiled. Where one could not be, its first launch says why.</summary>
    public void Wait() => preparing.ContinueWith(
        ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default).Wait();

    TLauncher Load<TLauncher>(Delegate kernel)
        where TLauncher : Delegate
    {
        Launches++;
        if (!launchers.TryGetValue(kernel, out var launcher))
        {
            // Nothing else uses the context meanwhile: only compiling is known to be safe on several threads.
            Wait();
            launcher = accelerator.LoadKernel(Compiled(kernel.Method).Value).CreateLauncherDelegate<TLauncher>();
            launchers.Add(kernel, launcher);
        }

        return (TLauncher)launcher;
    }

    Lazy<CompiledKernel> Compiled(MethodInfo kernel) => compiled.GetOrAdd(kernel, method => new(() => Compile(method)));

    CompiledKernel Compile(MethodInfo kernel)
    {
        try
        {
            return accelerator.GetBackend().Compile(
                EntryPointDescription.FromExplicitlyGroupedKernel(kernel), new KernelSpecialization());
        }
        catch (Exception refusal)
        {
            // ILGPU compiles nothing more in a context in which a kernel failed: findings/ilgpu-failed-kernel.sh.
            Accelerators.Abandon(accelerator.Context);
            var reason = refusal.GetBaseException().Message;
            throw new DeviceException(
                $"{device}: ILGPU cannot compile {KernelProfile.NameOf(kernel)} ({reason}); "
                + "open the device again, or use another device.", refusal);
        }
    }
}
