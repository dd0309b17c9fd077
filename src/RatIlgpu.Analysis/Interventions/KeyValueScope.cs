namespace RatIlgpu.Analysis;

/// <summary>Who sees a changed key or value, where several query heads share one.</summary>
public enum KeyValueScope
{
    /// <summary>One query head by itself; the others of its group see what was there.</summary>
    QueryHead,

    /// <summary>All query heads of the group: the key/value head that they share is changed.</summary>
    KeyValueGroup,
}
