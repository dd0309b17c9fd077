namespace RatIlgpu.Ilgpu;

/// <summary>Into how many BF16 numbers an F32 activation is split for tensor cores.</summary>
interface ITensorParts
{
    int Count { get; }
}

/// <summary>Three parts hold all 24 bits of an F32 number: every product is exact.</summary>
readonly struct ExactParts : ITensorParts
{
    public int Count => 3;
}

/// <summary>One part: activations are rounded to BF16, with relative errors up to 2⁻⁹.</summary>
readonly struct RoundedParts : ITensorParts
{
    public int Count => 1;
}
