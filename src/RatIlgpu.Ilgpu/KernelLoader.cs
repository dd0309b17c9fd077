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

    // Compiling is known to be safe on several threads, with nothing else in the context meanwhile; devices share one.
    static readonly ReaderWriterLockSlim contexts = new();

    /// <summary>The number of launches so far.</summary>
    public long Launches { get; private set; }

    /// <summary>The kernel that was launched last; null before the first launch.</summary>
    public MethodInfo? Last { get; private set; }

    /// <summary>The number of kernels that are compiled.</summary>
    public int CompiledCount => compiled.Values.Count(kernel => kernel.IsValueCreated);

    public void Launch<T1, T2>(Action<T1, T2> kernel, KernelConfig groups, T1 a, T2 b)
    {
        var launch = Load<Action<AcceleratorStream, KernelConfig, T1, T2>>(kernel);
        using var measured = KernelProfile.Measure(kernel, stream);
        launch(stream, groups, a, b);
    }

    public void Launch<T1, T2, T3>(Action<T1, T2, T3> kernel, KernelConfig groups, T1 a, T2 b, T3 c)
    {
        var launch = Load<Action<AcceleratorStream, KernelConfig, T1, T2, T3>>(kernel);
        using var measured = KernelProfile.Measure(kernel, stream);
        launch(stream, groups, a, b, c);
    }

    public void Launch<T1, T2, T3, T4>(
        Action<T1, T2, T3, T4> kernel, KernelConfig groups, T1 a, T2 b, T3 c, T4 d)
    {
        var launch = Load<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4>>(kernel);
        using var measured = KernelProfile.Measure(kernel, stream);
        launch(stream, groups, a, b, c, d);
    }

    public void Launch<T1, T2, T3, T4, T5>(
        Action<T1, T2, T3, T4, T5> kernel, KernelConfig groups, T1 a, T2 b, T3 c, T4 d, T5 e)
    {
        var launch = Load<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5>>(kernel);
        using var measured = KernelProfile.Measure(kernel, stream);
        launch(stream, groups, a, b, c, d, e);
    }

    public void Launch<T1, T2, T3, T4, T5, T6>(
        Action<T1, T2, T3, T4, T5, T6> kernel, KernelConfig groups, T1 a, T2 b, T3 c, T4 d, T5 e, T6 f)
    {
        var launch = Load<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6>>(kernel);
        using var measured = KernelProfile.Measure(kernel, stream);
        launch(stream, groups, a, b, c, d, e, f);
    }

    public void Launch<T1, T2, T3, T4, T5, T6, T7>(
        Action<T1, T2, T3, T4, T5, T6, T7> kernel, KernelConfig groups, T1 a, T2 b, T3 c, T4 d, T5 e, T6 f, T7 g)
    {
        var launch = Load<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7>>(kernel);
        using var measured = KernelProfile.Measure(kernel, stream);
        launch(stream, groups, a, b, c, d, e, f, g);
    }

    public void Launch<T1, T2, T3, T4, T5, T6, T7, T8>(
        Action<T1, T2, T3, T4, T5, T6, T7, T8> kernel, KernelConfig groups, T1 a, T2 b, T3 c, T4 d, T5 e, T6 f, T7 g,
        T8 h)
    {
        var launch = Load<Action<AcceleratorStream, KernelConfig, T1, T2, T3, T4, T5, T6, T7, T8>>(kernel);
        using var measured = KernelProfile.Measure(kernel, stream);
        launch(stream, groups, a, b, c, d, e, f, g, h);
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
        (Launches, Last) = (Launches + 1, kernel.Method);
        if (!launchers.TryGetValue(kernel, out var launcher))
            launchers.Add(kernel, launcher = LauncherOf<TLauncher>(Compiled(kernel.Method).Value));
        return (TLauncher)launcher;
    }

    TLauncher LauncherOf<TLauncher>(CompiledKernel kernel)
        where TLauncher : Delegate
    {
        contexts.EnterWriteLock();
        try
        {
            return accelerator.LoadKernel(kernel).CreateLauncherDelegate<TLauncher>();
        }
        finally
        {
            contexts.ExitWriteLock();
        }
    }

    Lazy<CompiledKernel> Compiled(MethodInfo kernel) => compiled.GetOrAdd(kernel, method => new(() => Compile(method)));

    CompiledKernel Compile(MethodInfo kernel)
    {
        contexts.EnterReadLock();
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
        finally
        {
            contexts.ExitReadLock();
        }
    }
}
