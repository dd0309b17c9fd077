using RatIlgpu.Tensors;

namespace RatIlgpu.Weights;

/// <summary>A number format that a safetensors file can name.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Bits">The bits of one number.</param>
/// <param name="Format">The format as tensors have it; null for those that no tensor here has.</param>
sealed record StoredFormat(string Name, int Bits, DataType? Format = null)
{
    static readonly StoredFormat[] All =
    [
        new("F64", 64, DataType.F64), new("F32", 32, DataType.F32),
        new("F16", 16, DataType.F16), new("BF16", 16, DataType.BF16),
        new("BOOL", 8), new("U8", 8), new("I8", 8), new("U16", 16), new("I16", 16), new("U32", 32), new("I32", 32),
        new("U64", 64), new("I64", 64), new("C64", 64), new("F8_E5M2", 8), new("F8_E4M3", 8), new("F8_E8M0", 8),
        new("F8_E5M2FNUZ", 8), new("F8_E4M3FNUZ", 8), new("F6_E2M3", 6), new("F6_E3M2", 6), new("F4", 4),
    ];

    /// <summary>Finds a format by its name; null where there is none.</summary>
    public static StoredFormat? Named(string name) => Array.Find(All, format => format.Name == name);

    /// <summary>Finds the format under which tensors of a format are stored.</summary>
    public static StoredFormat Of(DataType format) => Array.Find(All, stored => stored.Format == format)!;
}
