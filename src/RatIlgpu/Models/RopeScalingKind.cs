namespace RatIlgpu.Models;

/// <summary>How rotary positions beyond those of the training are made.</summary>
public enum RopeScalingKind
{
    /// <summary>Every frequency is divided by the factor.</summary>
    Linear,

    /// <summary>Low frequencies are divided by the factor, high ones kept, those between mixed.</summary>
    Yarn,
}
