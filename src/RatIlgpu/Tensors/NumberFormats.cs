namespace RatIlgpu.Tensors;

/// <summary>Facts about number formats.</summary>
public static class NumberFormats
{
    /// <summary>Returns the bytes one number takes.</summary>
    public static int Size(this NumberFormat format) => format switch
    {
        NumberFormat.F64 => 8,
        NumberFormat.F32 => 4,
        _ => 2,
    };
}
