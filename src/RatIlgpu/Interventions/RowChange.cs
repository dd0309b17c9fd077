using RatIlgpu.Devices;

namespace RatIlgpu.Interventions;

/// <summary>The change that an intervention makes to the rows of its target.</summary>
abstract record RowChange;

/// <summary>Every number becomes 0.</summary>
sealed record ZeroedRows : RowChange;

/// <summary>Every number is multiplied.</summary>
sealed record ScaledRows(float Factor) : RowChange;

/// <summary>The rows of a source take the place of the rows, or are added to them.</summary>
sealed record SourcedRows(RowSource Source, bool Adds) : RowChange;

/// <summary>A function changes each row in the memory of this process.</summary>
sealed record EditedRows(ActivationEdit Edit) : RowChange;

/// <summary>The rows that an intervention puts in the place of those of an activation, or adds to them.</summary>
/// <remarks>Support code for the project's own packages.</remarks>
/// <param name="Numbers">The rows, as long as those of the target; keys before rotation if the target means
/// these.</param>
/// <param name="RowOf">Returns the row for a position and a head of the target; null where the activation stays as it
/// is.</param>
public sealed record RowSource(HeldNumbers Numbers, Func<int, int, int?> RowOf);
