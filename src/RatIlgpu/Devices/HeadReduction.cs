namespace RatIlgpu.Devices;

/// <summary>How the patterns of several heads become one.</summary>
public enum HeadReduction
{
    /// <summary>The mean over the heads.</summary>
    Mean,

    /// <summary>The largest value of any head.</summary>
    Max,
}
