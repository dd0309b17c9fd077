namespace RatIlgpu.Analysis;

/// <summary>A recorded activation, or the requested heads and positions of it. Immutable.</summary>
/// <remarks>The numbers stay in the memory of the device that computed them until somebody reads one of them; all are
/// downloaded then, and the memory of the device is freed.</remarks>
public sealed class RecordedActivation
{
    /// <summary>Makes a recorded activation.</summary>
    internal RecordedActivation(
        Site site, ImmutableArray<int> positions, ImmutableArray<int> heads, HeldNumbers numbers) =>
        (Site, Positions, Heads, Numbers) = (site, positions, heads, numbers);

    /// <summary>Makes a recorded activation of numbers that lie in the memory of this process.</summary>
    internal RecordedActivation(
        Site site, ImmutableArray<int> positions, ImmutableArray<int> heads, int width, ImmutableArray<float> values)
        : this(site, positions, heads, new(width, values))
    {
    }

    /// <summary>Gets the recording that holds it; null before a recording is made of it.</summary>
    internal Recording? Owner { get; private init; }

    /// <summary>Returns the activation as part of a recording; it shares the numbers with this one.</summary>
    internal RecordedActivation OwnedBy(Recording owner) =>
        new(Site, Positions, Heads, Numbers) { Owner = owner };

    /// <summary>Gets the numbers, a row for each position, or for each head at each position.</summary>
    internal HeldNumbers Numbers { get; }

    /// <summary>Gets the site.</summary>
    public Site Site { get; }

    /// <summary>Gets the recorded positions in ascending order; for a pattern, the queries.</summary>
    public ImmutableArray<int> Positions { get; }

    /// <summary>Gets the recorded heads in ascending order; empty if the activation does not have a head
    /// axis.</summary>
    public ImmutableArray<int> Heads { get; }

    /// <summary>Gets the length of one row: of one position, or of one head at one position.</summary>
    public int Width => Numbers.Width;

    /// <summary>Gets the shape of <see cref="Values"/>: <c>[positions, width]</c>, <c>[positions, heads, width]</c>, or
    /// <c>[heads, positions, keys]</c> for a pattern.</summary>
    public Shape Shape => (Heads.IsEmpty, Site.Activation) switch
    {
        (true, _) => new(Positions.Length, Width),
        (_, Activation.Pattern) => new(Heads.Length, Positions.Length, Width),
        _ => new(Positions.Length, Heads.Length, Width),
    };

    /// <summary>Gets all numbers, in the order of <see cref="Shape"/>.</summary>
    public ReadOnlySpan<float> Values => Numbers.Values.AsSpan();

    /// <summary>Gets all numbers as memory that can be kept.</summary>
    internal ReadOnlyMemory<float> Memory => Numbers.Values.AsMemory();

    /// <summary>Returns the row of one position, <c>[width]</c>, of an activation without heads.</summary>
    /// <exception cref="ArgumentException">The activation has heads, or the position was not recorded.</exception>
    public ReadOnlySpan<float> Row(int position) => Values.Slice(IndexOf(position) * Width, Width);

    /// <summary>Returns the row of one head at one position, <c>[width]</c>; for a pattern, <c>[keys]</c>.</summary>
    /// <exception cref="ArgumentException">The activation does not have heads, or the head or the position was not
    /// recorded.</exception>
    public ReadOnlySpan<float> Row(int position, int head) =>
        Values.Slice(IndexOf(position, head) * Width, Width);

    /// <summary>Returns the row of one head at one position; the head is given by its index in
    /// <see cref="Heads"/>.</summary>
    internal ReadOnlyMemory<float> RowMemory(int position, int place) =>
        Memory.Slice(Layout.IndexOf(PlaceOf(position), place) * Width, Width);

    /// <summary>Returns the index of the row of one position among <see cref="Numbers"/>, of an activation without
    /// heads.</summary>
    /// <exception cref="ArgumentException">The activation has heads, or the position was not recorded.</exception>
    internal int IndexOf(int position) => Heads.IsEmpty
        ? Layout.IndexOf(PlaceOf(position), 0)
        : throw new ArgumentException($"{Site} has heads: say of which one.");

    /// <summary>Returns the index of the row of one head at one position among <see cref="Numbers"/>.</summary>
    /// <exception cref="ArgumentException">The activation does not have heads, or the head or the position was not
    /// recorded.</exception>
    internal int IndexOf(int position, int head)
    {
        if (Heads.IsEmpty)
            throw new ArgumentException($"{Site} has no heads, but head {head} was asked for.");
        var place = Heads.BinarySearch(head);
        return place >= 0
            ? Layout.IndexOf(PlaceOf(position), place)
            : throw new NotRecordedException($"Head {head} of {Site} was not recorded: heads {List(Heads)} were");
    }

    /// <summary>Throws if a position was not recorded.</summary>
    internal void Need(int position) => _ = PlaceOf(position);

    /// <summary>Returns whether a position was recorded.</summary>
    public bool Has(int position) => Positions.BinarySearch(position) >= 0;

    RowLayout Layout =>
        new(0, Positions.Length, int.Max(1, Heads.Length), Width, Site.Activation == Activation.Pattern);

    int PlaceOf(int position) => Positions.BinarySearch(position) is >= 0 and var place
        ? place
        : throw new NotRecordedException(
            $"Position {position} of {Site} was not recorded: positions {List(Positions)} were");

    static string List(ImmutableArray<int> numbers) =>
        numbers is [var first, .., var last] && last - first + 1 == numbers.Length
            ? $"{first} to {last}"
            : string.Join(", ", numbers);
}
