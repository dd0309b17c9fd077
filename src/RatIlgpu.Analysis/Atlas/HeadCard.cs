namespace RatIlgpu.Analysis;

/// <summary>The full card of a head: what is drawn of it besides its scores.</summary>
/// <param name="Head">The head.</param>
public sealed record HeadCard(HeadIndex Head)
{
    /// <summary>Gets the mean attention over sequences, by the kind of sequence.</summary>
    public ValueArray<MeanMap> Maps { get; init; } = [];

    /// <summary>Gets example sequences, by decile of the activity of the head, the strongest first.</summary>
    public ValueArray<HeadExample> Examples { get; init; } = [];

    /// <summary>Gets the scores before softmax that the biases of queries and keys alone give, at each distance from 0;
    /// none of a model without biases, or with norms of queries and keys.</summary>
    public ValueArray<float> BiasScores { get; init; } = [];

    /// <summary>Gets the principal components of its queries, keys, values and outputs.</summary>
    public ValueArray<HeadVectors> Vectors { get; init; } = [];
}

/// <summary>The mean attention of a head in the first positions of sequences.</summary>
/// <param name="Name"><c>text</c>; <c>random</c>, the first copies of repeats; or <c>repeats</c>, from the second copy
/// to the first.</param>
/// <param name="Cells"><c>[64, 64]</c>, query then key; NaN for cells that no sequence has.</param>
public sealed record MeanMap(string Name, ValueArray<float> Cells);

/// <summary>A sequence, chosen by how active a head is in it.</summary>
/// <param name="Decile">The decile of the activity, from 1 for the least active tenth to 10.</param>
/// <param name="Text">The place of the sequence in <see cref="HeadAtlas.Texts"/>.</param>
/// <param name="Activity">The largest activity in it, <c>Σₖ A[q, k] |v[k] Wₒ|</c> over the keys after the
/// first.</param>
/// <param name="Peak">The query of that activity.</param>
/// <param name="Keys">The keys with the most attention of each query, <c>[queries, 8]</c>, the strongest first; −1
/// where a query has fewer.</param>
/// <param name="Attention">Their attention, <c>[queries, 8]</c>.</param>
public sealed record HeadExample(
    int Decile, int Text, double Activity, int Peak, ValueArray<short> Keys, ValueArray<float> Attention)
{
    /// <summary>The keys that are kept of each query.</summary>
    public const int KeysPerQuery = 8;
}

/// <summary>The two main directions of the vectors of a head.</summary>
/// <param name="Kind">Which vectors.</param>
/// <param name="Points">The coordinates of each vector, <c>[points, 2]</c>, in the order of <see
/// cref="HeadAtlas.Points"/>.</param>
/// <param name="FirstShare">The share of the variance along the first direction, in [0, 1].</param>
/// <param name="SecondShare">The share along the second.</param>
public sealed record HeadVectors(
    HeadVectorKind Kind, ValueArray<float> Points, double FirstShare, double SecondShare);

/// <summary>The vectors of a head.</summary>
public enum HeadVectorKind
{
    /// <summary>Queries before rotation.</summary>
    Query,

    /// <summary>Keys before rotation.</summary>
    Key,

    /// <summary>Values.</summary>
    Value,

    /// <summary>Outputs before the output matrix.</summary>
    Output,
}
