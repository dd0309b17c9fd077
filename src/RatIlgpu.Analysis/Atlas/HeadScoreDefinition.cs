namespace RatIlgpu.Analysis;

/// <summary>What a score of heads measures.</summary>
/// <param name="Id">The name in files and options, such as <c>previous</c>.</param>
/// <param name="Name">The name on a page.</param>
/// <param name="Meaning">One or two sentences: what is summed, over which queries.</param>
/// <param name="Pass">The sequences.</param>
public sealed record HeadScoreDefinition(string Id, string Name, string Meaning, AtlasPass Pass)
{
    /// <summary>Gets whether the score is a mean of attention probabilities, which has a chance level, and parts
    /// without the first key and without the query itself.</summary>
    public bool IsAttention { get; init; } = true;

    /// <summary>Gets the unit of a score that is no share of attention, such as <c>nats</c>; null for none.</summary>
    public string? Unit { get; init; }

    /// <summary>Returns the id.</summary>
    public override string ToString() => Id;
}
