namespace RatIlgpu.Tensors;

/// <summary>How the elements of a tensor are stored.</summary>
public enum DataType
{
    /// <summary>IEEE 754 binary32, the format of every activation.</summary>
    F32,

    /// <summary>IEEE 754 binary16, a weight format.</summary>
    F16,

    /// <summary>The upper half of binary32, the usual format of Qwen2 weights.</summary>
    BF16,

    /// <summary>IEEE 754 binary64, the format of reference data; no device computes with it.</summary>
    F64,
}

/// <summary>Facts about data types.</summary>
public static class DataTypes
{
    /// <summary>Returns the bytes that one number takes.</summary>
    public static int Size(this DataType type) => type switch
    {
        DataType.F64 => 8,
        DataType.F32 => 4,
        _ => 2,
    };
}
