namespace RatIlgpu.Devices;

/// <summary>How many numbers one instruction of the processor works on.</summary>
public enum SimdLevel
{
    /// <summary>One number at a time.</summary>
    Scalar,

    /// <summary>4 numbers: SSE, or NEON on Arm.</summary>
    Vector128,

    /// <summary>8 numbers: AVX2.</summary>
    Vector256,

    /// <summary>16 numbers: AVX-512.</summary>
    Vector512,
}
