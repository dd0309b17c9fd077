namespace RatIlgpu.Analysis;

/// <summary>What is scored whole or not at all: a sequence, or a prompt with its controls.</summary>
/// <param name="Pass">The pass.</param>
/// <param name="Number">The number in the pass.</param>
/// <param name="Group">The group, over which intervals are drawn.</param>
/// <param name="Sequences">The sequences, and the cells of each that are summed.</param>
sealed record AtlasUnit(AtlasPass Pass, long Number, int Group, ImmutableArray<UnitSequence> Sequences);

/// <summary>A sequence of a unit.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Cells">The cells that are summed.</param>
sealed record UnitSequence(ValueArray<int> Ids, SequenceCells Cells);
