using RatIlgpu.Models;

namespace RatIlgpu.Interventions;

/// <summary>The axes of the activations: their lengths, and the indices that a caller may request.</summary>
/// <remarks>Support code for the project's own packages.</remarks>
public static class ActivationAxes
{
    /// <summary>Returns whether an activation has a head axis.</summary>
    public static bool HasHeads(Activation activation) => activation
        is Activation.Query or Activation.RotatedQuery or Activation.Key or Activation.RotatedKey or Activation.Value
        or Activation.HeadKey or Activation.HeadValue or Activation.Pattern or Activation.HeadOutput;

    /// <summary>Returns the length of the head axis in one layer; 0 if the activation does not have one.</summary>
    public static int HeadsOf(Activation activation, Qwen2Config config) => activation switch
    {
        Activation.Key or Activation.RotatedKey or Activation.Value => config.KeyValueHeadCount,
        _ => HasHeads(activation) ? config.HeadCount : 0,
    };

    /// <summary>Returns the length of one row (one position, or one head at one position); null for a pattern, whose
    /// rows are as long as the prompt.</summary>
    public static int? WidthOf(Activation activation, Qwen2Config config) => activation switch
    {
        Activation.Pattern => null,
        Activation.MlpNeurons => config.IntermediateSize,
        Activation.Logits => config.VocabularySize,
        _ => HasHeads(activation) ? config.HeadSize : config.HiddenSize,
    };

    /// <summary>Returns the activation that is changed for a scope: for one query head alone, the key or value as that
    /// head sees it. Only keys and values depend on the scope.</summary>
    public static Activation Seen(this KeyValueScope scope, Activation activation) => (activation, scope) switch
    {
        (Activation.Key or Activation.RotatedKey, KeyValueScope.QueryHead) => Activation.HeadKey,
        (Activation.Value, KeyValueScope.QueryHead) => Activation.HeadValue,
        _ => activation,
    };

    /// <summary>Throws if the value is not a member of <see cref="Activation"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static void Check(Activation activation) => new Site(activation, 0).Check(1);

    /// <summary>Throws if the activation does not have the requested heads.</summary>
    /// <exception cref="ArgumentException">It has no heads, no head is given, or one is given twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A head is not there.</exception>
    public static void CheckHeads(Activation activation, ImmutableArray<int> heads, Qwen2Config config)
    {
        var count = HeadsOf(activation, config);
        if (count == 0)
            throw new ArgumentException($"{activation} has no heads, but heads were given.");
        NeedSome(heads, "head");
        foreach (var head in heads)
            if ((uint)head >= (uint)count)
                throw new ArgumentOutOfRangeException(
                    nameof(heads), $"head {head} of {activation} asked, a layer has heads 0 to {count - 1}.");
    }

    /// <summary>Returns the requested indices in ascending order; null means the whole axis.</summary>
    /// <param name="asked">The indices, which may count from the end; null for all.</param>
    /// <param name="count">The length of the axis.</param>
    /// <param name="axis">The name of one index in errors, such as <c>layer</c>.</param>
    /// <exception cref="ArgumentException">No index is given, or one is given twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is not on the axis.</exception>
    public static ImmutableArray<int> Resolve(ImmutableArray<Index>? asked, int count, string axis)
    {
        if (asked is not { IsDefault: false } some)
            return [.. Enumerable.Range(0, count)];
        ImmutableArray<int> places = [.. some.Select(place => Resolve(place, count, axis)).Order()];
        NeedSome(places, axis);
        return places;
    }

    /// <summary>Returns an index, counted from 0.</summary>
    /// <param name="place">The index, which may count from the end.</param>
    /// <param name="count">The length of the axis.</param>
    /// <param name="axis">The name of one index in errors.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is not on the axis.</exception>
    public static int Resolve(Index place, int count, string axis)
    {
        var found = place.GetOffset(count);
        return (uint)found < (uint)count
            ? found
            : throw new ArgumentOutOfRangeException(
                nameof(place), $"{axis} {place} asked, expected 0 to {count - 1}, or ^{count} to ^1 from the end.");
    }

    static void NeedSome(ImmutableArray<int> places, string axis)
    {
        if (places.IsDefaultOrEmpty)
            throw new ArgumentException($"There is no {axis}: at least one is needed, or null for all.");
        if (places.Distinct().Count() != places.Length)
            throw new ArgumentException($"A {axis} is given twice: {string.Join(", ", places)}.");
    }
}
