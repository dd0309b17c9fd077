namespace RatIlgpu.Analysis;

/// <summary>Changes the numbers of a row in place.</summary>
delegate void RowChange(Span<float> row);

/// <summary>A change of one position, or of one head at one position.</summary>
/// <param name="Position">The position of the prompt.</param>
/// <param name="Head">The head; 0 where there is none.</param>
/// <param name="Change">What to do with its numbers.</param>
readonly record struct RowEdit(int Position, int Head, RowChange Change);
