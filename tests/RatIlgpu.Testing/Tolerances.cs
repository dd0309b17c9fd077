namespace RatIlgpu.Testing;

/// <summary>How far computed numbers may lie from the definition, as a share of the magnitude of the terms of their
/// sums.</summary>
static class Tolerances
{
    /// <summary>Operations on F32 numbers, against <see cref="Devices.PlainDevice"/>: each step rounds to 6e-8 of its
    /// terms, and a few hundred steps rarely push the same way.</summary>
    public const float Arithmetic = 1e-6f;
}
