namespace RatIlgpu.Analysis;

/// <summary>What is summed over the sequences of one pass, and where each sum lies.</summary>
/// <remarks>For every head, <see cref="Parts"/> sums for each score of attention, then one for each distance of the
/// offset profile, then entropy and masses; see <see cref="HeadLength"/>. Every sum of attention is a weighted sum over
/// cells of the pattern, so all are made by one operation of the device.</remarks>
sealed class PassLayout
{
    /// <summary>The sums of a score: all target cells; those at the first key; those at the query itself; the
    /// attention of the valid queries to the first key; and to themselves.</summary>
    public const int Parts = 5;

    /// <summary>The distances of the offset profile.</summary>
    public const int Offsets = 128;

    /// <summary>The positions of a mean map.</summary>
    public const int MapSize = 64;

    /// <summary>The cells of a mean map.</summary>
    public const int MapCells = MapSize * MapSize;

    readonly Dictionary<string, int> places;

    /// <summary>Makes the layout of a pass.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="scores">Its scores of attention.</param>
    public PassLayout(AtlasPass pass, params IEnumerable<HeadScoreDefinition> scores)
    {
        (Pass, Scores) = (pass, [.. scores]);
        places = Scores.Index().ToDictionary(one => one.Item.Id, one => one.Index);
    }

    /// <summary>Gets the pass.</summary>
    public AtlasPass Pass { get; }

    /// <summary>Gets the scores of attention.</summary>
    public ImmutableArray<HeadScoreDefinition> Scores { get; }

    /// <summary>Gets whether the pass also sums the offset profile, the entropy, and the attention to each key times
    /// the length of the vector that the head writes for it.</summary>
    public bool HasProfile { get; init; }

    /// <summary>Gets the names of the mean maps.</summary>
    public ImmutableArray<string> Maps { get; init; } = [];

    /// <summary>Gets the sums of one head that the operation over cells makes and that are kept by group.</summary>
    public int CellSums => (Parts * Scores.Length) + (HasProfile ? Offsets : 0);

    /// <summary>Gets the sums of one head that are kept by group.</summary>
    public int HeadLength => CellSums + (HasProfile ? 3 : 0);

    /// <summary>Gets the place of the entropy among the sums of a head.</summary>
    public int Entropy => CellSums;

    /// <summary>Gets the place of the weighted attention to all keys.</summary>
    public int AllMass => CellSums + 1;

    /// <summary>Gets the place of the weighted attention to the keys after the first.</summary>
    public int LaterMass => CellSums + 2;

    /// <summary>Gets the weighted sums over cells that have a count and a chance level: scores, then distances, then
    /// the entropy.</summary>
    public int Counted => Scores.Length + (HasProfile ? Offsets + 1 : 0);

    /// <summary>Gets the sums that depend on the sequences alone: counts, then the chance levels for each window of
    /// <see cref="Windows"/>.</summary>
    public int DataLength => (Counted * (1 + Windows.Length)) + (HasProfile ? 2 : 0);

    /// <summary>Gets the place of the number of delimiters among the sums of sequences.</summary>
    public int DelimiterTokens => DataLength - 2;

    /// <summary>Gets the place of the number of tokens.</summary>
    public int Tokens => DataLength - 1;

    /// <summary>Gets how many last keys the queries of a layer see, each number once: chance depends on it.</summary>
    public ImmutableArray<int> Windows { get; init; } = [int.MaxValue];

    /// <summary>Returns the place of a score.</summary>
    public int PlaceOf(HeadScoreDefinition score) => places[score.Id];

    /// <summary>Returns the bits after the point of a sum of a head.</summary>
    public int BitsOf(int place) => HasProfile && place >= AllMass ? FixedPoint.Coarse : FixedPoint.Fine;
}
