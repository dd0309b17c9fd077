namespace RatIlgpu.Analysis;

/// <summary>All sums of an atlas, of the units that were run so far.</summary>
sealed class AtlasSums
{
    readonly SortedDictionary<AtlasPass, PassSums> passes = [];

    /// <summary>Makes sums without a unit.</summary>
    /// <param name="config">The model.</param>
    public AtlasSums(Qwen2Config config)
    {
        foreach (var pass in AtlasLayouts.Passes)
            passes.Add(pass, new(AtlasLayouts.Of(pass, config), config.LayerCount * config.HeadCount));
    }

    /// <summary>Gets how active heads are in a sample of the texts.</summary>
    public ActivitySample Activities { get; } = new();

    /// <summary>Gets or sets the seconds that the runs took.</summary>
    public double Seconds { get; set; }

    /// <summary>Gets the sums of a pass.</summary>
    public PassSums this[AtlasPass pass] => passes[pass];

    /// <summary>Gets whether a unit is in the sums.</summary>
    public bool Has(AtlasUnit unit) => passes[unit.Pass].Numbers.Contains(unit.Number);

    /// <summary>Adds the sums of other units.</summary>
    /// <exception cref="ArgumentException">A unit is in both.</exception>
    public void Add(AtlasSums other)
    {
        foreach (var (pass, sums) in passes)
            sums.Add(other[pass]);
        Activities.Add(other.Activities);
        Seconds += other.Seconds;
    }
}
