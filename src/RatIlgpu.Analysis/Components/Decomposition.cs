namespace RatIlgpu.Analysis;

/// <summary>The matrices of attention of one layer as sums of rank-1 components. Immutable.</summary>
public sealed class Decomposition
{
    readonly ImmutableArray<MatrixComponents> matrices;

    /// <summary>Makes a decomposition of components of all matrices, in the order of <see
    /// cref="AttentionProjection"/>.</summary>
    internal Decomposition(
        Qwen2Model model, int layer, DecompositionKind kind, ImmutableArray<MatrixComponents> matrices) =>
        (Model, Layer, Kind, this.matrices) = (ModelFingerprint.Of(model), layer, kind, matrices);

    /// <summary>Gets the fingerprint of the model.</summary>
    public ModelFingerprint Model { get; }

    /// <summary>Gets the layer, from 0.</summary>
    public int Layer { get; }

    /// <summary>Gets where the components come from.</summary>
    public DecompositionKind Kind { get; }

    /// <summary>Gets the head and the distance whose scores were decomposed; null for a decomposition of each matrix by
    /// itself.</summary>
    public QueryKeyCircuit? Circuit { get; private init; }

    /// <summary>Gets the components of a matrix; none where a file has none of it.</summary>
    public MatrixComponents this[AttentionProjection projection] => matrices[(int)projection];

    /// <summary>Returns the singular vectors of each matrix, <c>U_c = √σ_c u_c</c> and <c>V_c = √σ_c v_c / γ</c>, the
    /// largest singular value first.</summary>
    /// <remarks>The gain γ of the norm before queries, keys and values is folded in: decomposed is <c>W diag(γ)</c>, so
    /// that the singular values are those of what reads the stream of unit mean square; where γ is 0, nothing is read.
    /// The number of U with the largest magnitude is positive. Vectors of equal singular values are not determined, and
    /// singular vectors are orthogonal, which parts of a mechanism need not be: a baseline, not a finding.</remarks>
    /// <param name="model">The model.</param>
    /// <param name="layer">The layer, <c>^1</c> for the last.</param>
    /// <param name="kind">Whether a whole matrix is decomposed, or each of its heads by itself.</param>
    /// <param name="cancellation">Stops between two matrices, or two heads of one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have the layer, or the kind is a
    /// file.</exception>
    /// <exception cref="ArithmeticException">A weight is not a finite number.</exception>
    public static Decomposition Svd(
        Qwen2Model model,
        Index layer,
        DecompositionKind kind = DecompositionKind.MatrixSvd,
        CancellationToken cancellation = default)
    {
        if (kind is not (DecompositionKind.MatrixSvd or DecompositionKind.HeadSvd))
            throw new ArgumentOutOfRangeException(
                nameof(kind), $"{kind} has no singular vectors: expected those of a matrix or of each head.");
        var place = ActivationAxes.Resolve(layer, model.Config.LayerCount, "layer");
        var weights = WeightsOf(model, place);
        foreach (var weight in weights)
            weight.CheckFinite();
        var found = new MatrixComponents[weights.Length];
        // The two large matrices take nearly all of the time.
        var threads = new ParallelOptions
        {
            MaxDegreeOfParallelism = model.Device.ThreadCount,
            CancellationToken = cancellation,
        };
        Parallel.For(0, found.Length, threads, matrix =>
            found[matrix] = SingularVectors.Of(weights[matrix], kind == DecompositionKind.HeadSvd, cancellation));
        return new(model, place, kind, [.. found]);
    }

    /// <summary>Decomposes the scores of one head at one distance δ: returns the singular vectors of
    /// <c>W_qᵀ R_δᵀ W_k</c> with the gain of the norm before it. The largest singular value comes first.</summary>
    /// <remarks>R_δ rotates by the distance, so that the form gives <c>⟨R_δ q, k⟩</c>. Where the model norms its heads,
    /// with the gains γ_q and γ_k, the middle is <c>diag(γ_q) R_δᵀ diag(γ_k)</c>, without the scale of that norm. At
    /// the distance, component c of the queries meets component c of the keys alone, and <c>U_c</c> is what the matrix
    /// makes of the singular vector. The parts of both matrices that other heads have belong to the delta; values and
    /// outputs are decomposed head by head. As singular vectors, a baseline.</remarks>
    /// <param name="model">The model.</param>
    /// <param name="head">The query head.</param>
    /// <param name="distance">The distance from the key to the query, at least 0.</param>
    /// <param name="cancellation">Stops between two matrices, or two heads of one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have the head, or the distance is
    /// negative or as large as the positions of the model.</exception>
    /// <exception cref="ArithmeticException">A weight is not a finite number.</exception>
    public static Decomposition QueryKeySvd(
        Qwen2Model model, HeadIndex head, int distance = 0, CancellationToken cancellation = default)
    {
        var place = ActivationAxes.Resolve(head.Layer, model.Config.LayerCount, "layer");
        ActivationAxes.CheckHeads(Activation.Query, [head.Head], model.Config);
        ArgumentOutOfRangeException.ThrowIfNegative(distance);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(distance, model.Config.MaxPositions);
        var weights = WeightsOf(model, place);
        foreach (var weight in weights)
            weight.CheckFinite();
        QueryKeyCircuit circuit = new(head, distance);
        cancellation.ThrowIfCancellationRequested();
        var (query, key) = QueryKeyVectors.Of(model, weights[0], weights[1], circuit);
        return new(
            model, place, DecompositionKind.QueryKeySvd,
            [query, key, .. weights[2..].Select(weight => SingularVectors.Of(weight, byHead: true, cancellation))])
        {
            Circuit = circuit,
        };
    }

    /// <summary>Reads the components of a layer from a safetensors file.</summary>
    /// <remarks>For each matrix, such as <c>model.layers.3.self_attn.q_proj</c>, the file has <c>.U</c>, <c>[outputs,
    /// components]</c>, and <c>.V</c>, <c>[inputs, components]</c>, of <c>W = Σ U_c V_cᵀ + Δ</c>, and may have
    /// <c>.mean_ci</c>, <c>[components]</c>; docs/components.md has the metadata. Queries and keys are needed; values
    /// and outputs may be left out.</remarks>
    /// <param name="model">The model that was decomposed.</param>
    /// <param name="layer">The layer, <c>^1</c> for the last.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have the layer.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read, has no components of the layer, has one of U and
    /// V without the other, another shape than the matrix, or a number that is not finite.</exception>
    public static Decomposition Load(Qwen2Model model, Index layer, string path)
    {
        var place = ActivationAxes.Resolve(layer, model.Config.LayerCount, "layer");
        return new(model, place, DecompositionKind.File, DecompositionFile.Read(path, place, WeightsOf(model, place)));
    }

    /// <summary>Returns the layers that a file has query components of, ascending.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read.</exception>
    public static ImmutableArray<int> LayersOf(string path) => DecompositionFile.LayersOf(path);

    /// <summary>Throws if the decomposition is of another model.</summary>
    /// <exception cref="ArgumentException">It is.</exception>
    internal void CheckFor(ModelFingerprint model)
    {
        if (Model != model)
            throw new ArgumentException(
                $"The decomposition is of another model: {OneLine.Shorten(Model.Text)}, expected {model}.");
    }

    static ImmutableArray<ProjectionWeight> WeightsOf(Qwen2Model model, int layer) =>
        [.. Enum.GetValues<AttentionProjection>().Select(one => ProjectionWeight.Of(model, layer, one))];
}

/// <summary>Where the components of a decomposition come from.</summary>
public enum DecompositionKind
{
    /// <summary>The singular vectors of each whole matrix, which may cross heads.</summary>
    MatrixSvd,

    /// <summary>The singular vectors of the block of each head by itself.</summary>
    HeadSvd,

    /// <summary>A file.</summary>
    File,

    /// <summary>The singular vectors of the scores of one head, which queries and keys share.</summary>
    QueryKeySvd,
}

/// <summary>The circuit of queries and keys of a head, at one distance.</summary>
/// <param name="Head">The head.</param>
/// <param name="Distance">The distance from the key to the query, at least 0.</param>
public readonly record struct QueryKeyCircuit(HeadIndex Head, int Distance);
