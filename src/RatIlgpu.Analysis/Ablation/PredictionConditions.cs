namespace RatIlgpu.Analysis;

/// <summary>Makes the conditions of a prediction table for a position.</summary>
/// <param name="model">The model.</param>
/// <param name="heads">The heads, ascending; at least one.</param>
/// <param name="t">The last position of the prompt.</param>
sealed class PredictionConditions(Qwen2Model model, ImmutableArray<HeadIndex> heads, int t)
{
    static readonly PredictionCondition Nothing = new(PredictionConditionKind.Baseline, [], null, "baseline");

    /// <summary>Returns the conditions in the order of the table, the first without a change.</summary>
    /// <param name="others">Conditions that come last.</param>
    public ImmutableArray<PlannedCondition> All(ImmutableArray<GivenCondition> others) =>
    [
        new(Nothing, []),
        .. heads.Select(head => OfHeads([head])),
        .. heads.Length > 1 ? [OfHeads(heads)] : (PlannedCondition[])[],
        .. OfValues(PredictionConditionKind.PreviousValues, "values at t−1", int.Max(t - 1, 0)..t),
        .. t > 0 ? [OfPreviousValues()] : (PlannedCondition[])[],
        .. OfValues(PredictionConditionKind.TwoPreviousValues, "values at t−1 and t−2", t > 1 ? (t - 2)..t : ..0),
        .. OfValues(PredictionConditionKind.LayerValues, "values up to t", ..(t + 1)),
        .. OfValues(PredictionConditionKind.EarlierValues, "values before t", ..t),
        OfAllValues(),
        .. others.Select(other => new PlannedCondition(ConditionOf(other), other.Changes)),
    ];

    static PredictionCondition ConditionOf(GivenCondition given) => given.Components is { } components
        ? new(
            PredictionConditionKind.Components,
            [
                .. components.Components.Where(one => one.Head is not null)
                    .Select(one => new HeadIndex(components.Layer, one.Head!.Value)).Distinct().Order(),
            ],
            components.Layer, given.Name)
        { Components = components }
        : new(PredictionConditionKind.Given, [], null, given.Name);

    /// <summary>Returns the intervention that sets the output of heads of a layer at the position to 0.</summary>
    public Intervention Zero(int layer, ImmutableArray<int> some) =>
        Intervention.Zero(InterventionTarget.At(model, Activation.HeadOutput, layer, some, [t]));

    PlannedCondition OfHeads(ImmutableArray<HeadIndex> some) => new(
        new(PredictionConditionKind.Heads, [.. some], null, $"{string.Join(", ", some)}: outputs at t"),
        [.. ByLayer(some).Select(layer => Zero(layer.Layer, layer.Heads))]);

    PlannedCondition OfPreviousValues() => new(
        new(
            PredictionConditionKind.PreviousValuesOfHeads, [.. heads], null,
            $"{string.Join(", ", heads)}: values at t−1"),
        [.. ByLayer(heads).Select(layer => Intervention.Zero(InterventionTarget.At(
            model, Activation.Value, layer.Layer, layer.Heads, [t - 1], KeyValueScope.QueryHead)))]);

    // None where the prompt is too short.
    IEnumerable<PlannedCondition> OfValues(PredictionConditionKind kind, string name, Range positions) =>
        from layer in ByLayer(heads)
        let some = PositionsOf(positions)
        where some.Length > 0
        select new PlannedCondition(
            new(kind, [], layer.Layer, FormattableString.Invariant($"layer {layer.Layer}: {name}")),
            [Values(layer.Layer, some)]);

    PlannedCondition OfAllValues() => new(
        new(PredictionConditionKind.AllValues, [], null, "all layers: values up to t"),
        [.. Enumerable.Range(0, model.Config.LayerCount).Select(layer => Values(layer, PositionsOf(..(t + 1))))]);

    Intervention Values(int layer, ImmutableArray<int> positions) =>
        Intervention.Zero(InterventionTarget.At(model, Activation.Value, layer, null, positions));

    ImmutableArray<int> PositionsOf(Range positions)
    {
        var (start, count) = positions.GetOffsetAndLength(t + 1);
        return [.. Enumerable.Range(start, count)];
    }

    static IEnumerable<(int Layer, ImmutableArray<int> Heads)> ByLayer(ImmutableArray<HeadIndex> some) => some
        .GroupBy(head => head.Layer)
        .Select(layer => (layer.Key, layer.Select(head => head.Head).ToImmutableArray()));
}

/// <summary>A condition and what carries it out.</summary>
/// <param name="Condition">The condition.</param>
/// <param name="Changes">The interventions; none for the run without a change.</param>
readonly record struct PlannedCondition(PredictionCondition Condition, ValueArray<Intervention> Changes);
