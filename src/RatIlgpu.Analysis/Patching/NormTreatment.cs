namespace RatIlgpu.Analysis;

/// <summary>How a change of the stream goes through the norm of the layer that reads it.</summary>
public enum NormTreatment
{
    /// <summary>Divided by the scale of the unchanged stream: changes add up, but the scale would move.</summary>
    FrozenScale,

    /// <summary>The norm of the changed stream less that of the unchanged one.</summary>
    Recomputed,
}
