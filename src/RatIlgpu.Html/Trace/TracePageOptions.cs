namespace RatIlgpu.Html.Trace;

/// <summary>How a trace is shown; change it with <c>with</c>.</summary>
public sealed record TracePageOptions
{
    /// <summary>Gets the heading. Default: <c>Attention trace</c>.</summary>
    public string Title { get; init; } = "Attention trace";

    /// <summary>Gets how bright the page is until its reader chooses. Default: as the system prefers.</summary>
    public Theme Theme { get; init; } = Theme.Auto;
}
