using System.Collections.Immutable;
using RatIlgpu.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>An activation of a run, or the heads and positions of it that were asked for.</summary>
public sealed class RecordedActivation
{
    readonly ImmutableArray<float> values;

    /// <summary>Joins what belongs together.</summary>
    internal RecordedActivation(
        Site site, ImmutableArray<int> positions, ImmutableArray<int> heads, int width, ImmutableArray<float> values) =>
        (Site, Positions, Heads, Width, this.values) = (site, positions, heads, width, values);

    /// <summary>Gets the recording that holds it; null before a recording is made of it.</summary>
    internal Recording? Owner { get; private init; }

    /// <summary>Returns the activation as part of a recording; it shares the numbers with this one.</summary>
    internal RecordedActivation OwnedBy(Recording owner) =>
        new(Site, Positions, Heads, Width, values) { Owner = owner };

    /// <summary>Gets where it was made.</summary>
    public Site Site { get; }

    /// <summary>Gets the positions, ascending; of a pattern, those that attend.</summary>
    public ImmutableArray<int> Positions { get; }

    /// <summary>Gets the heads, ascending; empty where the activation has no such axis.</summary>
    public ImmutableArray<int> Heads { get; }

    /// <summary>Gets how many numbers there are for one position, or for one head at one position.</summary>
    public int Width { get; }

    /// <summary>Gets the shape of <see cref="Values"/>: <c>[positions, width]</c>, <c>[positions, heads, width]</c>, or
    /// <c>[heads, positions, keys]</c> for a pattern.</summary>
    public Shape Shape => (Heads.IsEmpty, Site.Activation) switch
    {
        (true, _) => new(Positions.Length, Width),
        (_, Activation.Pattern) => new(Heads.Length, Positions.Length, Width),
        _ => new(Positions.Length, Heads.Length, Width),
    };

    /// <summary>Gets the numbers.</summary>
    public ReadOnlySpan<float> Values => values.AsSpan();

    /// <summary>Gets the numbers, to be kept for later.</summary>
    internal ReadOnlyMemory<float> Memory => values.AsMemory();

    /// <summary>Returns the numbers of one position of an activation without heads, <c>[width]</c>.</summary>
    /// <exception cref="ArgumentException">The activation has heads, or the position was not recorded.</exception>
    public ReadOnlySpan<float> Row(int position) => Heads.IsEmpty
        ? Values[Layout.Row(PlaceOf(position), 0)]
        : throw new ArgumentException($"{Site} has heads: say of which one.");

    /// <summary>Returns the numbers of one head at one position, <c>[width]</c>.</summary>
    /// <exception cref="ArgumentException">The activation has no heads, or the head or the position was not
    /// recorded.</exception>
    public ReadOnlySpan<float> Row(int position, int head)
    {
        if (Heads.IsEmpty)
            throw new ArgumentException($"{Site} has no heads, but head {head} was asked for.");
        var place = Heads.BinarySearch(head);
        return place >= 0
            ? Values[Layout.Row(PlaceOf(position), place)]
            : throw new ArgumentException($"Head {head} of {Site} was not recorded: heads {List(Heads)} were.");
    }

    /// <summary>Returns the numbers of one head at one position, by the order of the heads.</summary>
    internal ReadOnlyMemory<float> RowMemory(int position, int place) => Memory[Layout.Row(PlaceOf(position), place)];

    /// <summary>Tells whether a position was recorded.</summary>
    public bool Has(int position) => Positions.BinarySearch(position) >= 0;

    RowLayout Layout =>
        new(0, Positions.Length, int.Max(1, Heads.Length), Width, Site.Activation == Activation.Pattern);

    int PlaceOf(int position) => Positions.BinarySearch(position) is >= 0 and var place
        ? place
        : throw new ArgumentException(
            $"Position {position} of {Site} was not recorded: positions {List(Positions)} were.");

    static string List(ImmutableArray<int> numbers) =>
        numbers is [var first, .., var last] && last - first + 1 == numbers.Length
            ? $"{first} to {last}"
            : string.Join(", ", numbers);
}
