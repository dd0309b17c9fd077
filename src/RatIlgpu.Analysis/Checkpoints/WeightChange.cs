namespace RatIlgpu.Analysis;

/// <summary>How far one weight of a model changed from a checkpoint A to a checkpoint B.</summary>
/// <param name="Name">The name in the checkpoint, such as <c>model.layers.3.self_attn.q_proj.weight</c>.</param>
/// <param name="Part">Which part of the model it is.</param>
/// <param name="Layer">The layer; null for a weight that belongs to none.</param>
/// <param name="Whole">The change of the whole weight.</param>
public sealed record WeightChange(string Name, WeightPart Part, int? Layer, BlockChange Whole)
{
    /// <summary>Gets the rows: outputs of a matrix; 1 for a gain or a bias.</summary>
    public required int Rows { get; init; }

    /// <summary>Gets the columns: inputs of a matrix; the length of a gain or a bias.</summary>
    public required int Columns { get; init; }

    /// <summary>Gets the format in which A stores the weight.</summary>
    public required DataType FormatA { get; init; }

    /// <summary>Gets the format in which B stores the weight.</summary>
    public required DataType FormatB { get; init; }

    /// <summary>Gets the change of the block of each head: of each query head in queries and outputs, of each key/value
    /// head in keys and values; empty for a weight that is not divided into heads.</summary>
    public ValueArray<BlockChange> Heads { get; init; } = [];
}

/// <summary>How far a matrix, or the block of a head, changed.</summary>
/// <param name="Norm">The Frobenius norm of the change, <c>‖B − A‖</c>.</param>
/// <param name="NormBefore">The Frobenius norm before, <c>‖A‖</c>.</param>
/// <param name="Rank">The singular values of the change that are above its threshold; null where there are more than
/// <see cref="MostRank"/> in a matrix of which only so many are looked for.</param>
/// <param name="EffectiveRank">The exponential of the entropy of the shares that the squared singular values have; 0
/// without a change, null where the matrix is too large for all singular values.</param>
/// <remarks>
/// <para>A singular value counts if it is above 1/10,000 of the largest, and above 1.5 times what the rounding of B's
/// numbers alone would make: <c>sqrt(mean(ulp²) / 12) · (sqrt(rows) + sqrt(columns))</c>, the spectral norm of
/// independent errors (Bai and Yin, 1993). So the merged change of an adapter of rank r has rank r although its sums
/// were rounded, and a change of rank 0 is no more than rounding.</para>
/// <para>Singular values are the roots of the eigenvalues of a Gram matrix in double precision. Of a matrix with more
/// than 256 rows and columns, the change is multiplied by 128 random directions first: a change of rank r ≤ 64 keeps
/// its rank with probability 1, at 1/128 of the work (Halko, Martinsson and Tropp, 2011).</para>
/// </remarks>
public readonly record struct BlockChange(double Norm, double NormBefore, int? Rank, double? EffectiveRank)
{
    /// <summary>The largest rank that is recognised in a large matrix.</summary>
    public const int MostRank = ChangeSpectrum.Directions / 2;

    /// <summary>Gets the relative change, <c>‖B − A‖ / ‖A‖</c>: 0 without a change, null where A is zero and B is
    /// not.</summary>
    public double? Relative => Norm == 0 ? 0 : NormBefore > 0 ? Norm / NormBefore : null;
}

/// <summary>The parts of a model that have weights, in the order in which a run meets them.</summary>
public enum WeightPart
{
    /// <summary>The token embeddings.</summary>
    Embedding,

    /// <summary>The gain of the norm before attention.</summary>
    AttentionGain,

    /// <summary>The query matrix.</summary>
    Query,

    /// <summary>The query bias.</summary>
    QueryBias,

    /// <summary>The gain of the norm of query heads.</summary>
    QueryGain,

    /// <summary>The key matrix.</summary>
    Key,

    /// <summary>The key bias.</summary>
    KeyBias,

    /// <summary>The gain of the norm of key heads.</summary>
    KeyGain,

    /// <summary>The value matrix.</summary>
    Value,

    /// <summary>The value bias.</summary>
    ValueBias,

    /// <summary>The output matrix of attention.</summary>
    Output,

    /// <summary>The gain of the norm before the MLP.</summary>
    MlpGain,

    /// <summary>The gate matrix of the MLP.</summary>
    Gate,

    /// <summary>The input matrix of the MLP.</summary>
    Up,

    /// <summary>The output matrix of the MLP.</summary>
    Down,

    /// <summary>The gain of the norm before the unembedding.</summary>
    FinalGain,

    /// <summary>The unembedding.</summary>
    Unembedding,
}
