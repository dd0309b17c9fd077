using System.Collections.Immutable;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>What the axes of an activation count, and what of them can be asked for.</summary>
static class RecordedAxes
{
    /// <summary>Tells whether an activation has heads.</summary>
    public static bool HasHeads(Activation activation) => activation
        is Activation.Query or Activation.RotatedQuery or Activation.Key or Activation.RotatedKey or Activation.Value
        or Activation.HeadKey or Activation.HeadValue or Activation.Pattern or Activation.HeadOutput;

    /// <summary>Returns how many heads an activation has in a layer; 0 where it has none.</summary>
    public static int HeadsOf(Activation activation, Qwen2Config config) => activation switch
    {
        Activation.Key or Activation.RotatedKey or Activation.Value => config.KeyValueHeadCount,
        _ => HasHeads(activation) ? config.HeadCount : 0,
    };

    /// <summary>Returns the numbers of one position, or of one head at one position; null for a row of a pattern,
    /// which has one for each key.</summary>
    public static int? WidthOf(Activation activation, Qwen2Config config) => activation switch
    {
        Activation.Pattern => null,
        Activation.MlpNeurons => config.IntermediateSize,
        Activation.Logits => config.VocabularySize,
        _ => HasHeads(activation) ? config.HeadSize : config.HiddenSize,
    };

    /// <summary>Refuses an activation that is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none.</exception>
    public static void Check(Activation activation) => new Site(activation, 0).Check(1);

    /// <summary>Refuses heads that an activation has not.</summary>
    /// <exception cref="ArgumentException">It has no heads, or none is given, or one is given twice.</exception>
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
                    null, $"head {head} of {activation} asked, a layer has heads 0 to {count - 1}.");
    }

    /// <summary>Returns what is asked for of an axis, ascending; all of it for null.</summary>
    /// <param name="asked">Places, <c>^1</c> for the last; null for all.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="axis">What the axis counts, for the error.</param>
    /// <exception cref="ArgumentException">None is given, or one is given twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">One is not there.</exception>
    public static ImmutableArray<int> Resolve(ImmutableArray<Index>? asked, int count, string axis)
    {
        if (asked is not { IsDefault: false } some)
            return [.. Enumerable.Range(0, count)];
        ImmutableArray<int> places = [.. some.Select(place => Resolve(place, count, axis)).Order()];
        NeedSome(places, axis);
        return places;
    }

    /// <summary>Returns a place on an axis, counted from 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not there.</exception>
    public static int Resolve(Index place, int count, string axis)
    {
        var found = place.GetOffset(count);
        return (uint)found < (uint)count
            ? found
            : throw new ArgumentOutOfRangeException(
                null, $"{axis} {place} asked, expected 0 to {count - 1}, or ^{count} to ^1 from the end.");
    }

    static void NeedSome(ImmutableArray<int> places, string axis)
    {
        if (places.IsDefaultOrEmpty)
            throw new ArgumentException($"There is no {axis}: at least one is needed, or null for all.");
        if (places.Distinct().Count() != places.Length)
            throw new ArgumentException($"A {axis} is given twice: {string.Join(", ", places)}.");
    }
}
