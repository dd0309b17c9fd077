namespace RatIlgpu.Analysis;

/// <summary>What an ablation study takes away, and how; change it with <c>with</c>.</summary>
public sealed record AblationOptions
{
    /// <summary>Gets the heads. Default: none, which means all heads of <see cref="Layer"/>.</summary>
    public ValueArray<HeadIndex> Heads { get; init; } = [];

    /// <summary>Gets the layer whose heads are taken where none are named, <c>^1</c> for the last. Default: null, the
    /// last but one, or the only one.</summary>
    public Index? Layer { get; init; }

    /// <summary>Gets whether all heads are taken away in one condition, instead of each in one of its own. Default:
    /// false.</summary>
    public bool Together { get; init; }

    /// <summary>Gets what of the heads is taken away. Default: their outputs.</summary>
    public AblatedPart Part { get; init; }

    /// <summary>Gets what is put in its place, one condition for each; at least one. Default: zero and the
    /// mean.</summary>
    public ValueArray<AblationKind> Kinds { get; init; } = [AblationKind.Zero, AblationKind.Mean];

    /// <summary>Gets the components that are taken out instead of heads: of queries and of keys at the position of the
    /// sample, one condition for each, or one for all with <see cref="Together"/>. The heads, the layer, the part and
    /// the kinds then have no meaning. Default: null, none.</summary>
    public AblatedComponents? Components { get; init; }

    /// <summary>Gets whether all positions are changed instead of that of the sample. Default: false.</summary>
    public bool Everywhere { get; init; }

    /// <summary>Gets the ids that are not predicted, such as <see cref="LanguageModel.IdsWithoutToken"/>; they count in
    /// divergences. Default: none.</summary>
    public ValueArray<int> Masked { get; init; } = [];

    /// <summary>Gets the number of samples, from the first, whose patterns are kept, at least 0; of a sample of more
    /// than 512 tokens, none are. Default: 3.</summary>
    public int ShownSamples { get; init; } = 3;

    /// <summary>Gets the number of heads whose patterns are kept for each condition of such a sample: those that change
    /// most; at least 0. Default: 3.</summary>
    public int ShownHeads { get; init; } = 3;

    /// <summary>Returns the heads for a model, ascending.</summary>
    /// <exception cref="ArgumentException">The model does not have a layer or a head, or a head is named
    /// twice.</exception>
    internal ImmutableArray<HeadIndex> HeadsOf(Qwen2Config config)
    {
        foreach (var head in Heads)
            if (head.Layer >= config.LayerCount || head.Head >= config.HeadCount)
                throw new ArgumentException(FormattableString.Invariant(
                    $"Heads has {head}, expected heads up to ")
                    + $"{new HeadIndex(config.LayerCount - 1, config.HeadCount - 1)}.");
        if (Heads.Distinct().Count() < Heads.Length)
            throw new ArgumentException("Heads has a head twice, expected each once.");
        if (!Heads.IsEmpty)
            return [.. Heads.Order()];
        var layer = (Layer ?? ^int.Min(2, config.LayerCount)).GetOffset(config.LayerCount);
        if (layer < 0 || layer >= config.LayerCount)
            throw new ArgumentException($"Layer is {Layer}, expected one of {config.LayerCount} layers.");
        return [.. Enumerable.Range(0, config.HeadCount).Select(head => new HeadIndex(layer, head))];
    }

    /// <summary>Returns the conditions for a model: by head, then by kind, or by component.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a kind does not fit the part.</exception>
    public ImmutableArray<AblationCondition> ConditionsFor(Qwen2Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(ShownSamples);
        ArgumentOutOfRangeException.ThrowIfNegative(ShownHeads);
        if (Components is not { } components)
            return ConditionsOfHeads(model.Config);
        components.CheckFor(model);
        ImmutableArray<AblatedComponents> parts = Together
            ? [components]
            : [.. components.Components.Select(one => components with { Components = [one] })];
        return
        [
            .. parts.Select(part => new AblationCondition(
                AblatedPart.Component, AblationKind.Zero, [.. part.HeadsOf(model.Config)]) { Components = part }),
        ];
    }

    ImmutableArray<AblationCondition> ConditionsOfHeads(Qwen2Config config)
    {
        if (Kinds.IsEmpty)
            throw new ArgumentException("Kinds is empty, expected one or more.");
        foreach (var kind in Kinds)
            if (!AblationCondition.Allows(Part, kind))
                throw new ArgumentException(
                    $"Kinds has {kind}, which is not for {Part}: KnockOut is for values, and Redirect for heads.");
        if (Everywhere && Kinds.Contains(AblationKind.KnockOut))
            throw new ArgumentException("Kinds has KnockOut, which hides one position; Everywhere leaves none to see.");
        var heads = HeadsOf(config);
        ImmutableArray<ValueArray<HeadIndex>> sets = Together ? [[.. heads]] : [.. heads.Select(Alone)];
        return
        [
            .. from set in sets
               from kind in Kinds.Distinct()
               select new AblationCondition(Part, kind, set),
        ];

        static ValueArray<HeadIndex> Alone(HeadIndex head) => [head];
    }
}

/// <summary>One condition of a study.</summary>
/// <param name="Part">What of the heads is taken away.</param>
/// <param name="Kind">What is put in its place.</param>
/// <param name="Heads">The heads, ascending; at least one.</param>
public sealed record AblationCondition(AblatedPart Part, AblationKind Kind, ValueArray<HeadIndex> Heads)
{
    /// <summary>Gets the components that are taken out; null where a head or a value is.</summary>
    public AblatedComponents? Components { get; init; }

    /// <summary>Gets the first layer with a head.</summary>
    public int Layer => Heads[0].Layer;

    /// <summary>Gets the condition in few characters, for a row of a table: of components, such as
    /// <c>L3 q7+k2 of H0+H1</c>; else its words.</summary>
    public string ShortName => Components?.ShortName ?? ToString();

    /// <summary>Returns the condition in words, such as <c>L2H1, L2H3 zero</c>.</summary>
    public override string ToString()
    {
        if (Components is { } components)
            return $"{components} {Words[(int)Kind]}";
        var part = Part == AblatedPart.Value ? "values of " : "";
        return $"{part}{string.Join(", ", Heads)} {Words[(int)Kind]}";
    }

    static readonly ImmutableArray<string> Words = ["zero", "mean", "resample", "knock-out", "redirect"];

    /// <summary>Throws if the condition does not fit a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="everywhere">Whether all positions are changed.</param>
    /// <exception cref="ArgumentException">A head is not there, or they are not ascending, or the kind does not fit the
    /// part or all positions, or the components do not fit the model, the part, the kind or the heads.</exception>
    internal void CheckFor(Qwen2Model model, bool everywhere)
    {
        if (Heads.IsEmpty)
            throw new ArgumentException("Conditions has a condition without a head, expected one or more.");
        HeadIndex last = new(model.Config.LayerCount - 1, model.Config.HeadCount - 1);
        foreach (var head in Heads)
            if (head.Layer > last.Layer || head.Head > last.Head)
                throw new ArgumentException($"Conditions has {head}, expected heads up to {last}.");
        if (!Heads.SequenceEqual(Heads.Distinct().Order()))
            throw new ArgumentException($"Conditions has {this}, expected heads ascending, each once.");
        if (Components is not null)
            CheckComponents(Components, model);
        else if (Part == AblatedPart.Component)
            throw new ArgumentException("Conditions has Component without components.");
        else if (!Allows(Part, Kind))
            throw new ArgumentException(
                $"Conditions has {this}, which is not for {Part}: KnockOut is for values, and Redirect for heads.");
        else if (everywhere && Kind == AblationKind.KnockOut)
            throw new ArgumentException(
                $"Conditions has {this}, which hides one position; all positions leave none to see.");
    }

    void CheckComponents(AblatedComponents components, Qwen2Model model)
    {
        if ((Part, Kind) != (AblatedPart.Component, AblationKind.Zero))
            throw new ArgumentException(
                $"Conditions has components with {Kind} of {Part}, expected {AblationKind.Zero} of "
                + $"{AblatedPart.Component}.");
        components.CheckFor(model);
        if (Heads.Any(head => head.Layer != components.Layer))
            throw new ArgumentException(
                FormattableString.Invariant($"Conditions has {components} of layer {components.Layer}, expected ")
                + FormattableString.Invariant($"layer {Layer}, that of its heads."));
    }

    /// <summary>Tells whether a kind is one for a part.</summary>
    internal static bool Allows(AblatedPart part, AblationKind kind) => kind switch
    {
        AblationKind.KnockOut => part == AblatedPart.Value,
        AblationKind.Redirect => part == AblatedPart.Head,
        _ => Enum.IsDefined(kind) && part is AblatedPart.Head or AblatedPart.Value,
    };
}

/// <summary>What of a head is taken away.</summary>
public enum AblatedPart
{
    /// <summary>Its output at the position; where it looks stays as it is.</summary>
    Head,

    /// <summary>The value of the position, which the position itself and all later ones read; other heads of the group
    /// still see it.</summary>
    Value,

    /// <summary>Components of the query or key matrix at the position; <see cref="AblationOptions.Components"/> names
    /// them.</summary>
    Component,
}

/// <summary>The replacement for the part that is taken away.</summary>
public enum AblationKind
{
    /// <summary>Zeros.</summary>
    Zero,

    /// <summary>The mean over all samples, at positions that are about as early: the first, the next seven, or
    /// later.</summary>
    Mean,

    /// <summary>That of the next sample at the same position, or at its last one; of the last sample, the first
    /// one's.</summary>
    Resample,

    /// <summary>Attention that does not see the position: its probability becomes 0, and the others of the row sum to 1
    /// again. For values. A row with nothing else becomes 0.</summary>
    KnockOut,

    /// <summary>Attention to the first token alone. For heads.</summary>
    Redirect,
}
