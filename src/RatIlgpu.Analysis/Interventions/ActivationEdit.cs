namespace RatIlgpu.Analysis;

/// <summary>Changes the numbers of one position, or of one head at one position.</summary>
/// <param name="position">The position, from 0.</param>
/// <param name="head">The head; 0 where the activation has none.</param>
/// <param name="row">The numbers, to be changed in place; of a pattern, one for each key of the run: those after the
/// position are 0, and a step of a generation has none of them.</param>
public delegate void ActivationEdit(int position, int head, Span<float> row);
