namespace RatIlgpu.Analysis;

/// <summary>Through what a head reads the stream.</summary>
public enum HeadInput
{
    /// <summary>What it looks for.</summary>
    Query,

    /// <summary>By what it is found.</summary>
    Key,

    /// <summary>What it moves.</summary>
    Value,
}
