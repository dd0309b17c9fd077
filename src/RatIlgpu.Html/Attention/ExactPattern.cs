using System.Buffers;

namespace RatIlgpu.Html;

/// <summary>A pattern with the code of every cell.</summary>
/// <param name="Shape">The cells.</param>
/// <param name="Codes">Their codes.</param>
sealed record ExactPattern(PatternShape Shape, ushort[] Codes)
{
    /// <summary>Returns the codes of a query, in the order of its keys.</summary>
    public ReadOnlySpan<ushort> Row(int query) => Codes.AsSpan(Shape.StartOf(query), Shape.LengthOf(query));

    /// <summary>Returns the codes of each query, in the order of its keys.</summary>
    public IEnumerable<ushort[]> ShownRows() =>
        Enumerable.Range(0, Shape.Tokens).Select(query => Row(query).ToArray());

    public void Write(IBufferWriter<byte> bytes) => ShortNumbers.Write(bytes, Codes);

    /// <summary>Reads a pattern and moves behind it.</summary>
    public static ExactPattern Read(PatternShape shape, ref ReadOnlySpan<byte> bytes) =>
        new(shape, ShortNumbers.Read(ref bytes, shape.CellCount));
}
