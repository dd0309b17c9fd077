namespace RatIlgpu.Analysis;

/// <summary>Components of the query and key matrices of a layer that are taken out of a run.</summary>
/// <param name="Decomposition">The components of the layer.</param>
/// <param name="Components">Those that are taken out, at least one.</param>
public sealed record AblatedComponents(Decomposition Decomposition, ValueArray<AblatedComponent> Components)
{
    /// <summary>Gets the components of the layer.</summary>
    public Decomposition Decomposition { get; } = Decomposition;

    /// <summary>Gets the layer, from 0.</summary>
    public int Layer { get; } = Decomposition.Layer;

    /// <summary>Throws if a component is not there.</summary>
    /// <exception cref="ArgumentException">There is none, or one is given twice, is not of the decomposition, of
    /// another matrix, or of a head that the model does not have.</exception>
    internal void CheckFor(Qwen2Model model)
    {
        Decomposition.CheckFor(ModelFingerprint.Of(model));
        if (Components.IsEmpty)
            throw new ArgumentException("Components is empty, expected one or more.");
        if (Components.Distinct().Count() < Components.Length)
            throw new ArgumentException("Components has a component twice, expected each once.");
        foreach (var one in Components)
        {
            if (one.Projection is not (AttentionProjection.Query or AttentionProjection.Key))
                throw new ArgumentException($"Components has {one}, expected those of queries or keys.");
            var count = Decomposition[one.Projection].Count;
            if (one.Component < 0 || one.Component >= count)
                throw new ArgumentException($"Components has {one}, of {count} components.");
            if (one.Head is { } head && (head < 0 || head >= model.Config.HeadCount))
                throw new ArgumentException($"Components has {one}, of {model.Config.HeadCount} heads.");
        }
    }

    /// <summary>Returns the interventions that take all of them out, those of queries and those of keys at positions of
    /// their own. A component is taken out once of queries or keys that several of them name: heads of a group share
    /// their keys.</summary>
    /// <param name="model">The model.</param>
    /// <param name="run">The run, with <see cref="Activation.AttentionInput"/> of the layer recorded.</param>
    /// <param name="queries">The positions at which components of queries are taken out; null for all recorded
    /// ones.</param>
    /// <param name="keys">The positions at which components of keys are; null for all recorded ones.</param>
    /// <exception cref="ArgumentException">The decomposition or the run is of another model, or the run does not have
    /// the activation or a position.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component, head or position.</exception>
    public ImmutableArray<Intervention> At(
        Qwen2Model model, Recording run, ImmutableArray<int>? queries, ImmutableArray<int>? keys) =>
    [
        .. Once(model.Config).Select(one =>
        {
            var positions = one.Projection == AttentionProjection.Query ? queries : keys;
            return one.Head is { } head
                ? ComponentInterventions.SubtractFromHead(
                    model, Decomposition, one.Projection, one.Component, head, run, positions, one.Scope)
                : ComponentInterventions.Subtract(
                    model, Decomposition, one.Projection, one.Component, run, positions);
        }),
    ];

    // The heads that one of them reaches are all of those that another reaches, or none.
    IEnumerable<AblatedComponent> Once(Qwen2Config config) => Components.Where((one, place) => !Components
        .Index().Any(other => (other.Item.Projection, other.Item.Component) == (one.Projection, one.Component)
            && Covers(other.Item, one, config) && (!Covers(one, other.Item, config) || other.Index < place)));

    static bool Covers(AblatedComponent one, AblatedComponent other, Qwen2Config config) =>
        Enumerable.Range(0, config.HeadCount)
            .All(head => one.Reaches(head, config.GroupSize) || !other.Reaches(head, config.GroupSize));

    /// <summary>Gets the query heads that the components reach, in a model.</summary>
    internal ImmutableArray<HeadIndex> HeadsOf(Qwen2Config config) =>
    [
        .. Enumerable.Range(0, config.HeadCount)
            .Where(head => Components.Any(one => one.Reaches(head, config.GroupSize)))
            .Select(head => new HeadIndex(Layer, head)),
    ];

    /// <summary>Gets the components in few characters, such as <c>L3 q7+k2 of H0+H1</c>; <c>alone</c> after heads whose
    /// group does not see changed keys.</summary>
    public string ShortName
    {
        get
        {
            var parts = Components.GroupBy(one => (one.Projection, one.Component))
                .GroupBy(one => HeadsOf(one), one => FormattableString.Invariant(
                    $"{(one.Key.Projection == AttentionProjection.Query ? 'q' : 'k')}{one.Key.Component}"));
            return $"L{Layer} {string.Join(", ", parts.Select(part => string.Join('+', part) + part.Key))}";

            string HeadsOf(IEnumerable<AblatedComponent> same)
            {
                var heads = same.Where(one => one.Head is not null)
                    .Select(one => FormattableString.Invariant($"H{one.Head}")).ToList();
                return heads.Count == 0 ? "" : $" of {string.Join('+', heads)}{(AreAlone ? " alone" : "")}";
            }
        }
    }

    bool AreAlone => Components.Any(one => one is
    { Head: not null, Projection: AttentionProjection.Key, Scope: KeyValueScope.QueryHead });

    /// <summary>Returns the components in words, such as <c>L3 query component 7, key component 2 of H1</c>.</summary>
    public override string ToString() => $"L{Layer} {string.Join(", ", Components)}";
}

/// <summary>A component that is taken out.</summary>
/// <param name="Projection">The matrix, of queries or of keys.</param>
/// <param name="Component">The component.</param>
/// <param name="Head">The only query head for which it is taken out; null for all.</param>
/// <param name="Scope">With a head, of keys: who sees the change, that head alone or all of its group.</param>
public readonly record struct AblatedComponent(
    AttentionProjection Projection,
    int Component,
    int? Head = null,
    KeyValueScope Scope = KeyValueScope.KeyValueGroup)
{
    /// <summary>Tells whether a query head sees the change.</summary>
    internal bool Reaches(int head, int groupSize) => Head is not { } own || own == head
        || (Projection == AttentionProjection.Key && Scope == KeyValueScope.KeyValueGroup
            && own / groupSize == head / groupSize);

    /// <summary>Returns the component in words, such as <c>key component 2 of H1</c>.</summary>
    public override string ToString()
    {
        var matrix = Projection.ToString().ToLowerInvariant();
        var alone = Projection == AttentionProjection.Key && Scope == KeyValueScope.QueryHead ? " alone" : "";
        return FormattableString.Invariant($"{matrix} component {Component}")
            + (Head is { } head ? FormattableString.Invariant($" of H{head}{alone}") : "");
    }
}
