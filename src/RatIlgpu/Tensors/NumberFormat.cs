namespace RatIlgpu.Tensors;

/// <summary>Names how the numbers of a tensor are stored.</summary>
public enum NumberFormat
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
