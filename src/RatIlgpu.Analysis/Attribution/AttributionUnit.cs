namespace RatIlgpu.Analysis;

/// <summary>Into what parts of the residual stream a logit is taken apart.</summary>
public enum AttributionUnit
{
    /// <summary>The embedding, and of every layer attention and MLP.</summary>
    Sublayer,

    /// <summary>The stream before and in the middle of every layer, and after the last: each row holds the ones before
    /// it, so that rows must not be summed. All are divided by the scale of the last, which is what tells this from a
    /// <see cref="LogitLens"/>.</summary>
    CumulativeLayer,

    /// <summary>Every head, and the rest in one row.</summary>
    Head,

    /// <summary>Every head by the positions that it attends to, and the rest in one row.</summary>
    HeadBySource,

    /// <summary>Every neuron of every MLP, and the rest in one row.</summary>
    Neuron,
}
