namespace RatIlgpu.Analysis;

/// <summary>Interventions that take a component of the query or key matrix out of a run: they subtract <c>a_c(x)
/// U_c</c>, before rotation.</summary>
/// <remarks>The activations <c>a_c(x) = V_c · x</c> come from the normed streams of a recorded run of the same prompt
/// in which nothing before the layer was changed otherwise. Biases stay as they are. A change of queries at a position
/// changes the row of that query; a change of keys changes the column of that key, from its own row on.</remarks>
public static class ComponentInterventions
{
    /// <summary>Subtracts a component from the queries or keys of all heads.</summary>
    /// <param name="model">The model.</param>
    /// <param name="decomposition">The components of its layer.</param>
    /// <param name="projection">The query or the key matrix.</param>
    /// <param name="component">The component.</param>
    /// <param name="run">The run, with <see cref="Activation.AttentionInput"/> of the layer recorded.</param>
    /// <param name="positions">The positions; null for all recorded ones.</param>
    /// <exception cref="ArgumentException">The decomposition or the run is of another model, the run does not have the
    /// activation or a position, or the matrix is neither of queries nor of keys.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component or position.</exception>
    public static Intervention Subtract(
        Qwen2Model model,
        Decomposition decomposition,
        AttentionProjection projection,
        int component,
        Recording run,
        ImmutableArray<int>? positions = null) =>
        Make(
            model, decomposition, projection, component, run, positions, null, KeyValueScope.KeyValueGroup);

    /// <summary>Subtracts a component from the queries or keys of one query head.</summary>
    /// <param name="model">The model.</param>
    /// <param name="decomposition">The components of its layer.</param>
    /// <param name="projection">The query or the key matrix.</param>
    /// <param name="component">The component.</param>
    /// <param name="head">The query head; of keys, those are changed that it reads.</param>
    /// <param name="run">The run, with <see cref="Activation.AttentionInput"/> of the layer recorded.</param>
    /// <param name="positions">The positions; null for all recorded ones.</param>
    /// <param name="scope">Who sees changed keys: the query head alone, or all query heads of its group, as an edit of
    /// the weights would have it. It has no meaning for queries.</param>
    /// <exception cref="ArgumentException">The decomposition or the run is of another model, the run does not have the
    /// activation or a position, the matrix is neither of queries nor of keys, or the model norms keys, which cannot be
    /// changed for one query head alone.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component, head or position.</exception>
    public static Intervention SubtractFromHead(
        Qwen2Model model,
        Decomposition decomposition,
        AttentionProjection projection,
        int component,
        int head,
        Recording run,
        ImmutableArray<int>? positions = null,
        KeyValueScope scope = KeyValueScope.KeyValueGroup)
    {
        ActivationAxes.CheckHeads(Activation.Query, [head], model.Config);
        return Make(model, decomposition, projection, component, run, positions, head, scope);
    }

    static Intervention Make(
        Qwen2Model model,
        Decomposition decomposition,
        AttentionProjection projection,
        int component,
        Recording run,
        ImmutableArray<int>? positions,
        int? head,
        KeyValueScope scope)
    {
        var activation = projection switch
        {
            AttentionProjection.Query => Activation.Query,
            AttentionProjection.Key => Activation.Key,
            _ => throw new ArgumentException(
                $"A component of the {projection} matrix was asked for, expected one of Query or Key."),
        };
        decomposition.CheckFor(ModelFingerprint.Of(model));
        run.CheckFor(model);
        var matrix = decomposition[projection];
        matrix.Checked(component);
        var read = run[new(Activation.AttentionInput, decomposition.Layer)];
        var places = positions is { IsDefault: false } some ? some : read.Positions;
        var activations = places.Distinct().ToDictionary(
            position => position, position => matrix.Activation(component, read.Row(position)));
        var isShared = activation == Activation.Query || scope == KeyValueScope.KeyValueGroup;
        var target = InterventionTarget.At(
            model, activation, decomposition.Layer, HeadsOf(), places, isShared ? KeyValueScope.KeyValueGroup : scope);
        var group = isShared ? 1 : model.Config.GroupSize;
        return Intervention.Edit(
            target,
            (position, place, row) => Subtract(
                row, activations[position], matrix.OfHead(component, place / group)),
            FormattableString.Invariant($"subtract component {component} from"), run.TokenIds.Length);

        // Keys that a group shares have a head for each group.
        ImmutableArray<int>? HeadsOf() => head is not { } one
            ? null
            : [activation == Activation.Key && isShared ? one / model.Config.GroupSize : one];
    }

    static void Subtract(Span<float> row, double activation, ReadOnlySpan<double> written)
    {
        for (var i = 0; i < row.Length; i++)
            row[i] = (float)(row[i] - (activation * written[i]));
    }
}
