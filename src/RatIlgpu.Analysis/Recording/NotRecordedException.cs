namespace RatIlgpu.Analysis;

/// <summary>A recording does not have an activation, a head or a position that is needed.</summary>
public sealed class NotRecordedException : ArgumentException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="missing">What is missing, without a full stop.</param>
    /// <param name="cure">What to record, for those who record with the library; null where that is plain.</param>
    internal NotRecordedException(string missing, string? cure = null)
        : base(cure is null ? $"{missing}." : $"{missing}: {cure}.") => Missing = missing;

    /// <summary>Gets what is missing, without a full stop: <c>Value of layer 3 was not recorded</c>. The message adds
    /// what to ask the recorder for.</summary>
    public string Missing { get; }
}
