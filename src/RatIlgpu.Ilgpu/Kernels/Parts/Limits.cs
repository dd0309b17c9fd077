namespace RatIlgpu.Ilgpu;

/// <summary>Sizes that kernels are compiled with.</summary>
static class Limits
{
    /// <summary>The most threads of a group that reduces.</summary>
    public const int GroupSize = 256;

    /// <summary>Keys that a group attends to at a time; their weights lie in shared memory.</summary>
    public const int BlockKeys = 512;

    /// <summary>The least finite number: a maximum starts here, since the difference of two infinities is no
    /// number.</summary>
    public const float Lowest = -3.402823466e38f;
}
