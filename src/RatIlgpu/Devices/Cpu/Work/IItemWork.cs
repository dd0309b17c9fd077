namespace RatIlgpu.Devices;

/// <summary>Work in items that do not depend on each other, each large and needing room of its own.</summary>
unsafe interface IItemWork
{
    /// <summary>How many items.</summary>
    long Count { get; }

    /// <summary>About how many numbers are added in an item.</summary>
    long StepsPerItem { get; }

    /// <summary>How many numbers of room an item needs.</summary>
    long FloatsOfScratch { get; }

    void Do(long item, float* scratch);
}
