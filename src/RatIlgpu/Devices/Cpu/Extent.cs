namespace RatIlgpu.Devices;

/// <summary>The size of a product of two matrices.</summary>
/// <param name="Rows">The rows of the result.</param>
/// <param name="Columns">The columns of the result.</param>
/// <param name="Inner">How many products are summed for each number.</param>
readonly record struct Extent(nint Rows, nint Columns, nint Inner);
