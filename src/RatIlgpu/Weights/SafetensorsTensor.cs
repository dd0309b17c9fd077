using RatIlgpu.Files;
using RatIlgpu.Tensors;

namespace RatIlgpu.Weights;

/// <summary>A tensor to be written to a safetensors file.</summary>
/// <param name="Name">The name; not <c>__metadata__</c>.</param>
/// <param name="Format">How the numbers are stored; each is rounded once, to the nearest.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Source">Gives the numbers, piece by piece from the first to the last.</param>
public sealed record SafetensorsTensor(string Name, DataType Format, Shape Shape, NumberSource Source)
{
    /// <summary>Makes a tensor of numbers at hand.</summary>
    /// <exception cref="ArgumentException">There are more or fewer numbers than the shape holds.</exception>
    public static SafetensorsTensor Of(string name, DataType format, Shape shape, ReadOnlyMemory<float> numbers)
    {
        Check(name, shape, numbers.Length);
        return new(name, format, shape, (start, piece) =>
        {
            var source = numbers.Span.Slice((int)start, piece.Length);
            for (var i = 0; i < piece.Length; i++)
                piece[i] = source[i];
        });
    }

    /// <summary>Makes a tensor of numbers at hand.</summary>
    /// <exception cref="ArgumentException">There are more or fewer numbers than the shape holds.</exception>
    public static SafetensorsTensor Of(string name, DataType format, Shape shape, ReadOnlyMemory<double> numbers)
    {
        Check(name, shape, numbers.Length);
        return new(name, format, shape, (start, piece) => numbers.Span.Slice((int)start, piece.Length).CopyTo(piece));
    }

    static void Check(string name, Shape shape, int count)
    {
        if (shape.Count != count)
            throw new ArgumentException($"{Refusal.Quote(name)}: {shape} holds {shape.Count} numbers, {count} given.");
    }
}
