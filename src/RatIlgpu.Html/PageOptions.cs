namespace RatIlgpu.Html;

/// <summary>What every page of an analysis can show beside it.</summary>
public abstract record PageOptions
{
    /// <summary>Gets the heading. Default: null, the title of <see cref="Origin"/>, or else that of the kind of
    /// page.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the colour scheme until the reader chooses another. Default: that of the system.</summary>
    public PageTheme Theme { get; init; } = PageTheme.Auto;

    /// <summary>Gets what made the results, which is shown at the end. Default: null, unknown.</summary>
    public TraceOrigin? Origin { get; init; }

    /// <summary>Gets whether the page begins with an explanation of how to read it. Default: false, it opens on
    /// request.</summary>
    public bool HelpText { get; init; }

    /// <summary>Gets the largest size of the data of the page, in bytes. Default: 25,000,000.</summary>
    public long MaxBytes { get; init; } = PageLimit.MostBytes;

    private protected PageOptions()
    {
    }
}
