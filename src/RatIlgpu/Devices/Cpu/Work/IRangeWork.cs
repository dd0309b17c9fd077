namespace RatIlgpu.Devices;

/// <summary>Work in pieces that do not depend on each other, many of them small: one thread does a range.</summary>
interface IRangeWork
{
    /// <summary>How many pieces.</summary>
    long Count { get; }

    /// <summary>About how many numbers are added in a piece, or weights used by a row.</summary>
    long StepsPerPiece { get; }

    void Do(long start, long end);
}
