namespace RatIlgpu.Devices;

/// <summary>Rows of numbers at equal distances in memory.</summary>
/// <param name="data">Where the first row starts.</param>
/// <param name="stride">The bytes from one row to the next.</param>
readonly unsafe struct Matrix(void* data, nint stride)
{
    /// <summary>Rows of so many numbers with nothing between them.</summary>
    public static Matrix Packed(float* rows, nint width) => new(rows, width * sizeof(float));

    public byte* Data { get; } = (byte*)data;

    public nint Stride { get; } = stride;

    public float* Row(nint row) => (float*)(Data + row * Stride);

    /// <summary>The part that starts some rows down and some bytes to the right.</summary>
    public Matrix From(nint row, nint bytes) => new(Data + row * Stride + bytes, Stride);
}
