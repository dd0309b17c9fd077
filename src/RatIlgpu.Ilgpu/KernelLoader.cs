using System.Linq.Expressions;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;

namespace RatIlgpu.Ilgpu;

/// <summary>Compiles each kernel for an accelerator when it is first asked for, and starts it on the default
/// stream.</summary>
/// <remarks>ILGPU's own loaders are one overload for each number of parameters, whose types would have to be written
/// out at every call; a launcher is a lambda over its compiled kernel, made here from the parameters of the
/// method.</remarks>
sealed class KernelLoader(string device, Hardware accelerator)
{
    readonly Dictionary<Delegate, Delegate> loaded = [];

    /// <summary>Returns a kernel that runs as groups.</summary>
    public TKernel Load<TKernel>(TKernel kernel, KernelConfig config)
        where TKernel : Delegate
    {
        if (!loaded.TryGetValue(kernel, out var launcher))
        {
            var grid = Expression.Parameter(typeof(KernelConfig));
            var compiled = DriverFailure.Guard(device, () => accelerator.LoadKernel(
                Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel.Method))));
            var start = Launcher<TKernel>(compiled, ParametersOf(kernel), grid);
            loaded.Add(kernel, launcher = Expression.Lambda<Func<KernelConfig, TKernel>>(start, grid).Compile());
        }

        return ((Func<KernelConfig, TKernel>)launcher)(config);
    }

    /// <summary>Returns a kernel whose items are shares, and which takes their number first. A launch wakes a dozen
    /// threads, which takes longer than a small operation: that one is not launched but called, as the method that a
    /// kernel is on ILGPU's CPU accelerator.</summary>
    public TKernel Load<TKernel>(TKernel kernel, Cut cut)
        where TKernel : Delegate
    {
        if (cut.IsWhole)
            return kernel;
        if (!loaded.TryGetValue(kernel, out var launcher))
        {
            var compiled = accelerator.LoadImplicitlyGroupedKernel(
                Compile(EntryPointDescription.FromImplicitlyGroupedKernel(kernel.Method)), 1);
            loaded.Add(kernel, launcher = Launcher<TKernel>(compiled, ParametersOf(kernel)).Compile());
        }

        return (TKernel)launcher;
    }

    CompiledKernel Compile(EntryPointDescription kernel) =>
        accelerator.GetBackend().Compile(kernel, new KernelSpecialization());

    // (arguments) => launcher(stream, before, arguments)
    Expression<TKernel> Launcher<TKernel>(
        Kernel compiled, ParameterExpression[] arguments, params ParameterExpression[] before)
        where TKernel : Delegate
    {
        Expression[] all =
            [Expression.Constant(accelerator.DefaultStream, typeof(AcceleratorStream)), .. before, .. arguments];
        var type = Expression.GetActionType([.. all.Select(argument => argument.Type)]);
        var launcher = typeof(Kernel).GetMethod(nameof(Kernel.CreateLauncherDelegate))!.MakeGenericMethod(type)
            .Invoke(compiled, null);
        var launch = Expression.Invoke(Expression.Constant(launcher, type), all);
        return Expression.Lambda<TKernel>(DriverFailure.Guard(device, launch), arguments);
    }

    static ParameterExpression[] ParametersOf(Delegate kernel) =>
        [.. kernel.Method.GetParameters().Select(parameter => Expression.Parameter(parameter.ParameterType))];
}
