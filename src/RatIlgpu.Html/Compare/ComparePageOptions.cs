namespace RatIlgpu.Html.Compare;

/// <summary>How two traces are shown; change it with <c>with</c>.</summary>
public sealed record ComparePageOptions
{
    /// <summary>Gets the heading. Default: <c>Two attention traces</c>.</summary>
    public string Title { get; init; } = "Two attention traces";

    /// <summary>Gets how bright the page is until its reader chooses. Default: as the system prefers.</summary>
    public Theme Theme { get; init; } = Theme.Auto;

    /// <summary>Gets what the first trace is called, beside "A". Default: nothing.</summary>
    public string NameA { get; init; } = "";

    /// <summary>Gets what the second trace is called, beside "B". Default: nothing.</summary>
    public string NameB { get; init; } = "";
}
