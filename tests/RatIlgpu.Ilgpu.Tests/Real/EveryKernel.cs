using System.Reflection;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Every kernel of the grouped set, once for each choice of its type parameters.</summary>
static class EveryKernel
{
    static readonly Type[][] Formats =
        [[typeof(float), typeof(FromF32)], [typeof(ushort), typeof(FromF16)], [typeof(ushort), typeof(FromBF16)]];

    static readonly Type[][] Fours =
        [[typeof(Float4), typeof(FromF32)], [typeof(UShort4), typeof(FromF16)], [typeof(UShort4), typeof(FromBF16)]];

    /// <summary>Returns the kernels.</summary>
    /// <param name="reductions">The reductions that the backend has.</param>
    public static IEnumerable<MethodInfo> With(params Type[] reductions) =>
        typeof(FillKernel).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Kernel", StringComparison.Ordinal)
                && !type.Name.StartsWith("Simd", StringComparison.Ordinal))
            .SelectMany(type => Instances(type.GetMethod("Run")!, reductions));

    public static string NameOf(MethodInfo kernel) =>
        kernel.DeclaringType!.Name + string.Concat(kernel.GetGenericArguments().Select(type => " " + type.Name));

    static IEnumerable<MethodInfo> Instances(MethodInfo kernel, Type[] reductions) => kernel.IsGenericMethodDefinition
        ? Choices([.. kernel.GetGenericArguments().Select(type => type.Name)], reductions)
            .Select(kernel.MakeGenericMethod)
        : [kernel];

    static IEnumerable<Type[]> Choices(string[] parameters, Type[] reductions)
    {
        if (parameters.Length == 0)
            return [[]];
        var (first, used) = parameters switch
        {
            ["TReduction", ..] => (reductions.Select(type => (Type[])[type]), 1),
            ["TTile", ..] => (Of(typeof(SmallTile), typeof(MiddleTile), typeof(LargeTile)), 1),
            ["TStored", "TWidening", ..] => (Formats, 2),
            ["TFour", "TWidening", ..] => (Fours, 2),
            _ => throw new InvalidOperationException($"No type is known for the parameter {parameters[0]}."),
        };
        return first.SelectMany(
            _ => Choices(parameters[used..], reductions), (types, rest) => (Type[])[.. types, .. rest]);
    }

    static IEnumerable<Type[]> Of(params Type[] types) => types.Select(type => (Type[])[type]);
}
