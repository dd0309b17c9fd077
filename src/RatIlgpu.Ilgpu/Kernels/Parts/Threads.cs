namespace RatIlgpu.Ilgpu;

/// <summary>The threads of a whole grid, by which each takes numbers in turn.</summary>
static class Threads
{
    public static long First => (long)Grid.IdxX * Group.DimX + Group.IdxX;

    public static long Count => (long)Grid.DimX * Group.DimX;
}
