namespace RatIlgpu.Tensors;

/// <summary>The format in which a tensor stores its numbers.</summary>
public enum DataType
{
    /// <summary>IEEE 754 binary32: all activations.</summary>
    F32,

    /// <summary>IEEE 754 binary16: weights.</summary>
    F16,

    /// <summary>The upper 16 bits of binary32: weights, usually those of Qwen2.</summary>
    BF16,

    /// <summary>IEEE 754 binary64: reference data. No device computes with it.</summary>
    F64,
}

/// <summary>Extends <see cref="DataType"/>.</summary>
public static class DataTypes
{
    /// <summary>Returns the size of a number in bytes.</summary>
    public static int Size(this DataType type) => type switch
    {
        DataType.F64 => 8,
        DataType.F32 => 4,
        _ => 2,
    };
}
