namespace RatIlgpu.Devices;

/// <summary>An operation in pieces that do not depend on each other, many of them small: a share is a range of
/// pieces.</summary>
interface IRangeWork
{
    /// <summary>Gets the number of pieces.</summary>
    long Count { get; }

    /// <summary>Gets the approximate cost of a piece in multiply-adds.</summary>
    long StepsPerPiece { get; }

    /// <summary>Computes the pieces in [start, end).</summary>
    void Do(long start, long end);
}

/// <summary>An operation in items that do not depend on each other, each of them large and with scratch memory of its
/// own: a share takes one item after the other.</summary>
unsafe interface IItemWork
{
    /// <summary>Gets the number of items.</summary>
    long Count { get; }

    /// <summary>Gets the approximate cost of an item in multiply-adds.</summary>
    long StepsPerItem { get; }

    /// <summary>Gets the numbers of scratch memory that an item needs.</summary>
    long FloatsOfScratch { get; }

    /// <summary>Computes an item.</summary>
    void Do(long item, float* scratch);
}
