namespace RatIlgpu;

/// <summary>Changes the row of one position, or of one head at one position, in place.</summary>
/// <param name="position">The position, from 0.</param>
/// <param name="head">The head; 0 if the activation does not have heads.</param>
/// <param name="row"><c>[width]</c>; for a pattern <c>[keys]</c>, with 0 after the position. A step of a generation has
/// no later keys.</param>
public delegate void ActivationEdit(int position, int head, Span<float> row);
