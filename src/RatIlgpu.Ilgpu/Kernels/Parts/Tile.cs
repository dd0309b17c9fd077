namespace RatIlgpu.Ilgpu;

/// <summary>How many threads a tile of a product has along each side; each computes four by four numbers.</summary>
interface ITile
{
    int Side { get; }
}

/// <summary>64 by 64 numbers by 256 threads.</summary>
readonly struct LargeTile : ITile
{
    public int Side => 16;
}

/// <summary>32 by 32 numbers by 64 threads.</summary>
readonly struct MiddleTile : ITile
{
    public int Side => 8;
}

/// <summary>8 by 8 numbers by 4 threads, for accelerators without larger groups.</summary>
readonly struct SmallTile : ITile
{
    public int Side => 2;
}
