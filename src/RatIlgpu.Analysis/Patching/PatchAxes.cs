namespace RatIlgpu.Analysis;

/// <summary>What of a layer's activation is patched by itself; what is not named is patched all at once.</summary>
[Flags]
public enum PatchAxes
{
    /// <summary>The activation of a layer as a whole.</summary>
    Layer = 0,

    /// <summary>Each position; of a pattern, each position that attends.</summary>
    Position = 1,

    /// <summary>Each head.</summary>
    Head = 2,

    /// <summary>Each key of a pattern; together with <see cref="Position"/>.</summary>
    Key = 4,
}
