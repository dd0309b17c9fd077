namespace RatIlgpu.Cli.Analysis;

/// <summary>One line of a report of patches.</summary>
/// <param name="Name">What was patched.</param>
/// <param name="Metric">The metric under it.</param>
/// <param name="Effect">By how much it changes the metric.</param>
/// <param name="Recovery">The share of the way to the clean metric; null where there is no way to go.</param>
readonly record struct PatchLine(string Name, double Metric, double Effect, double? Recovery);
