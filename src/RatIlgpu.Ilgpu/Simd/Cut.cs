namespace RatIlgpu.Ilgpu;

/// <summary>Into how many shares an operation is cut.</summary>
readonly record struct Cut(int Shares)
{
    public bool IsWhole => Shares == 1;

    /// <summary>What the kernel is given first: the number of items when launched, the one item when called.</summary>
    public Index1D First => IsWhole ? 0 : Shares;
}
