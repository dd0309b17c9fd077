using System.Reflection;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>Every kernel, once for each choice of its type parameters.</summary>
static class EveryKernel
{
    static readonly Type[][] Formats =
        [[typeof(float), typeof(FromF32)], [typeof(ushort), typeof(FromF16)], [typeof(ushort), typeof(FromBF16)]];

    static readonly Type[][] Fours =
        [[typeof(Float4), typeof(FromF32)], [typeof(UShort4), typeof(FromF16)], [typeof(UShort4), typeof(FromBF16)]];

    static readonly Type[][] Eights =
        [[typeof(Float8), typeof(FromF32)], [typeof(UInt4), typeof(FromF16)], [typeof(UInt4), typeof(FromBF16)]];

    /// <summary>Gets the kernels that run on CUDA: not those of processors.</summary>
    public static IEnumerable<MethodInfo> OnCuda => With(typeof(WarpReduction))
        .Where(kernel => !kernel.DeclaringType!.Name.StartsWith("Processor", StringComparison.Ordinal));

    /// <summary>Gets the kernels that run on OpenCL, which has no tensor cores.</summary>
    public static IEnumerable<MethodInfo> OnOpenCl =>
        With(typeof(SharedReduction)).Where(kernel => kernel.DeclaringType != typeof(TensorLinearKernel));

    static IEnumerable<MethodInfo> With(Type reduction) => typeof(FillKernel).Assembly.GetTypes()
        .Where(type => type.Name.EndsWith("Kernel", StringComparison.Ordinal))
        .SelectMany(type => Instances(type.GetMethod("Run")!, reduction));

    static IEnumerable<MethodInfo> Instances(MethodInfo kernel, Type reduction) => kernel.IsGenericMethodDefinition
        ? Choices([.. kernel.GetGenericArguments().Select(type => type.Name)], reduction)
            .SelectMany(types => WithPairs(kernel, types)).Select(kernel.MakeGenericMethod)
        : [kernel];

    // The last type parameter of some kernels, TPairs, depends on the type of the numbers that they load at once.
    static IEnumerable<Type[]> WithPairs(MethodInfo kernel, Type[] types)
    {
        var parameters = kernel.GetGenericArguments();
        if (parameters[^1].Name != "TPairs")
            return [types];
        // Tensor cores load BF16 weights only, in fours.
        var at = Array.FindIndex(parameters, type => type.Name is "TStored" or "TFour" or "TEight");
        var loaded = at < 0 ? typeof(UInt2) : types[at];
        return Of(typeof(PlainPairs<>), typeof(HeadPairs<>), typeof(GatedPairs<>))
            .Select(pairs => (Type[])[.. types, pairs[0].MakeGenericType(loaded)]);
    }

    static IEnumerable<Type[]> Choices(string[] parameters, Type reduction)
    {
        if (parameters.Length == 0)
            return [[]];
        var (first, used) = parameters switch
        {
            ["TReduction", ..] => (Of(reduction), 1),
            ["TTile", "TParts", ..] => (Of(typeof(SmallTensorTile), typeof(LargeTensorTile)), 1),
            ["TTile", ..] => (Of(typeof(SmallTile), typeof(MiddleTile), typeof(LargeTile)), 1),
            ["TPairs"] => ([[]], 1),
            ["TFours", ..] => (Of(typeof(AlignedFours), typeof(SingleFours)), 1),
            ["THead", ..] => (Of(typeof(Head64), typeof(Head128)), 1),
            ["TParts", ..] => (Of(typeof(ExactParts), typeof(RoundedParts)), 1),
            ["TStored", "TDequantizer" or "TDots", ..] => (Formats, 2),
            ["TFour", "TDequantizer", ..] => (Fours, 2),
            ["TEight", "TDequantizer", ..] => (Eights, 2),
            ["TRows", ..] => (Of(typeof(OneRow), typeof(FourRows)), 1),
            _ => throw new InvalidOperationException($"No type is known for the parameter {parameters[0]}."),
        };
        return first.SelectMany(
            _ => Choices(parameters[used..], reduction), (types, rest) => (Type[])[.. types, .. rest]);
    }

    static IEnumerable<Type[]> Of(params Type[] types) => types.Select(type => (Type[])[type]);
}
