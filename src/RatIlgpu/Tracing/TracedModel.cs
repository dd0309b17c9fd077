namespace RatIlgpu.Tracing;


/// <summary>The facts about a model that a trace is shown with.</summary>
/// <param name="Name">The model's name, as the user knows it.</param>
/// <param name="LayerCount">How many layers it has; 0 where that is not known.</param>
/// <param name="HeadCount">How many query heads a layer has; 0 where that is not known.</param>
public sealed record TracedModel(string Name, int LayerCount, int HeadCount);
