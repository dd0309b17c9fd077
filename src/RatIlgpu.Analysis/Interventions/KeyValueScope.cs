namespace RatIlgpu.Analysis;

/// <summary>The query heads that see a changed key or value, where several share one.</summary>
public enum KeyValueScope
{
    /// <summary>One query head alone; the others of its group see the unchanged key or value.</summary>
    QueryHead,

    /// <summary>All query heads of the group: their shared key/value head is changed.</summary>
    KeyValueGroup,
}

/// <summary>Names the activations that a scope means.</summary>
static class KeyValueScopeActivation
{
    /// <summary>Returns the activation that is changed: for one query head alone, the key or value as that head sees
    /// it. Only keys and values depend on the scope.</summary>
    public static Activation Seen(this KeyValueScope scope, Activation activation) => (activation, scope) switch
    {
        (Activation.Key or Activation.RotatedKey, KeyValueScope.QueryHead) => Activation.HeadKey,
        (Activation.Value, KeyValueScope.QueryHead) => Activation.HeadValue,
        _ => activation,
    };
}
