namespace RatIlgpu.Weights;

/// <summary>Gives some consecutive numbers of a tensor that is being written.</summary>
/// <param name="start">The first number asked for, counted row major.</param>
/// <param name="numbers">Where they are put; as many as are asked for.</param>
public delegate void NumberSource(long start, Span<double> numbers);
