using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>The size of a matrix product.</summary>
readonly record struct ProductSize(nint Rows, nint Columns, nint Inner);

/// <summary>Which of the tiles of some rows prefetch weights.</summary>
/// <param name="Bytes">The distance to the weights that are prefetched; 0 for none.</param>
/// <param name="First">The first tile that does, counted from 0.</param>
/// <param name="Period">The number of tiles from one that does to the next.</param>
readonly record struct Ahead(nint Bytes, nint First, nint Period);

/// <summary>A matrix in memory: rows at equal distances.</summary>
readonly unsafe struct Matrix(void* data, nint stride)
{
    /// <summary>Gets the address of the first row.</summary>
    public byte* Data { get; } = (byte*)data;

    /// <summary>Gets the bytes from one row to the next.</summary>
    public nint Stride { get; } = stride;

    /// <summary>Returns F32 rows of <paramref name="width"/> numbers without gaps between them.</summary>
    public static Matrix Packed(float* rows, nint width) => new(rows, width * sizeof(float));

    /// <summary>Returns the address of a row of F32 numbers.</summary>
    public float* Row(nint row) => (float*)(Data + row * Stride);

    /// <summary>Returns the part that starts <paramref name="row"/> rows down and <paramref name="bytes"/> bytes to
    /// the right.</summary>
    public Matrix From(nint row, nint bytes) => new(Data + row * Stride + bytes, Stride);
}

/// <summary>The factors of rows, each of which multiplies a vector.</summary>
/// <param name="data">The address of the first factor of the first row.</param>
/// <param name="stride">The bytes from a row to the next.</param>
/// <param name="step">The bytes from a factor of a row to the next.</param>
readonly unsafe struct Factors(void* data, nint stride, nint step)
{
    /// <summary>Gets the address of the first factor of the first row.</summary>
    public byte* Data { get; } = (byte*)data;

    /// <summary>Gets the bytes from a row to the next.</summary>
    public nint Stride { get; } = stride;

    /// <summary>Gets the bytes from a factor of a row to the next.</summary>
    public nint Step { get; } = step;

    /// <summary>Returns the factors of the rows of a matrix.</summary>
    public static Factors OfRows(Matrix matrix) => new(matrix.Data, matrix.Stride, sizeof(float));

    /// <summary>Returns the factors of the columns of a matrix.</summary>
    public static Factors OfColumns(Matrix matrix) => new(matrix.Data, sizeof(float), matrix.Stride);

    /// <summary>Returns the factors from a row on.</summary>
    public Factors From(nint row) => new(Data + row * Stride, Stride, Step);
}

/// <summary>Rows of keys and values to load into the second cache while others are in use.</summary>
/// <param name="Keys">The first row of the keys.</param>
/// <param name="Values">The first row of the values.</param>
/// <param name="Bytes">The bytes of a row; 0 for nothing to load.</param>
/// <param name="Part">Which part of each row to load, from 0.</param>
/// <param name="Parts">The number of parts.</param>
readonly record struct RowsAhead(Matrix Keys, Matrix Values, nint Bytes, int Part, int Parts);

/// <summary>Weights in memory, in the data type in which the checkpoint stores them.</summary>
/// <param name="data">The address of the first weight; null for no weights.</param>
/// <param name="type">The data type.</param>
readonly unsafe struct WeightElements(byte* data, DataType type)
{
    /// <summary>Makes the weights of a tensor.</summary>
    public WeightElements(Tensor tensor)
        : this(HostDevice.Host(tensor).Data, tensor.DataType)
    {
    }

    /// <summary>Gets the address of the first weight.</summary>
    public byte* Data { get; } = data;

    /// <summary>Gets the data type.</summary>
    public DataType Type { get; } = type;

    /// <summary>Gets the bytes of one weight.</summary>
    public int Size => Type.Size();

    /// <summary>Returns the address of a weight.</summary>
    public byte* At(nint index) => Data + index * Size;
}

/// <summary>The rows of a tensor <c>[rows, heads, headSize]</c>, head by head.</summary>
readonly unsafe struct HeadRows(Tensor tensor)
{
    readonly float* data = (float*)HostDevice.Host(tensor).Data;

    /// <summary>Gets the number of rows of a head.</summary>
    public int Rows { get; } = tensor.Shape[0];

    /// <summary>Gets the number of heads.</summary>
    public int Count { get; } = tensor.Shape[1];

    /// <summary>Gets the numbers in a row of a head.</summary>
    public int Size { get; } = tensor.Shape[2];

    /// <summary>Returns the rows of one head, from a row on.</summary>
    public Matrix Of(int head, long row) =>
        new(data + (row * Count + head) * Size, (nint)Count * Size * sizeof(float));
}
