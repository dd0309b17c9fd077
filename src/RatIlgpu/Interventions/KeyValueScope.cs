namespace RatIlgpu;

/// <summary>The query heads that see a changed key or value, where several share one.</summary>
public enum KeyValueScope
{
    /// <summary>One query head alone; the others of its group see the unchanged key or value.</summary>
    QueryHead,

    /// <summary>All query heads of the group: their shared key/value head is changed.</summary>
    KeyValueGroup,
}
