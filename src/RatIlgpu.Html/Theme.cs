namespace RatIlgpu.Html;

/// <summary>How bright a page is, until its reader chooses.</summary>
public enum Theme
{
    /// <summary>What the reader's system prefers.</summary>
    Auto,

    /// <summary>Dark ink on a light ground.</summary>
    Light,

    /// <summary>Light ink on a dark ground.</summary>
    Dark,
}
