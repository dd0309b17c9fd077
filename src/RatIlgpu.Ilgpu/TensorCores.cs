namespace RatIlgpu.Ilgpu;

/// <summary>Whether linear layers of BF16 weights run on tensor cores.</summary>
enum TensorCores
{
    /// <summary>They do not.</summary>
    Unused,

    /// <summary>They do, with activations split so that every product is exact.</summary>
    Exact,

    /// <summary>They do, with activations rounded to BF16: faster, and less accurate than this library
    /// promises.</summary>
    Rounded,
}
