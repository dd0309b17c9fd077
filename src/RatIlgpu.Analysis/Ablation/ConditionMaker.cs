namespace RatIlgpu.Analysis;

/// <summary>Makes the interventions of the conditions of a study for each sample.</summary>
/// <param name="model">The model.</param>
/// <param name="samples">The samples.</param>
/// <param name="sources">What is put in place.</param>
/// <param name="everywhere">Whether all positions are changed.</param>
sealed class ConditionMaker(
    Qwen2Model model, ImmutableArray<AblationSample> samples, AblationSources sources, bool everywhere)
{
    /// <summary>Returns the interventions of a condition, one for each layer with a head, or for each
    /// component.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="sample">The place of the sample.</param>
    public ImmutableArray<Intervention> Make(AblationCondition condition, int sample)
    {
        if (condition.Components is { } components)
        {
            ImmutableArray<int>? positions = everywhere ? null : [samples[sample].Position];
            return components.At(model, sources.Runs[sample], positions, positions);
        }

        return
        [
            .. condition.Heads.GroupBy(head => head.Layer).Select(layer =>
                Of(condition, sample, layer.Key, [.. layer.Select(head => head.Head)])),
        ];
    }

    Intervention Of(AblationCondition condition, int sample, int layer, ImmutableArray<int> heads)
    {
        var at = samples[sample].Position;
        ImmutableArray<int>? positions = everywhere ? null : [at];
        if (condition.Kind == AblationKind.Redirect)
            return Intervention.Edit(
                InterventionTarget.At(model, Activation.Pattern, layer, heads, positions), ToFirst, "redirect");
        if (condition.Kind == AblationKind.KnockOut)
            return Hidden(sample, layer, heads);
        var target = condition.Part == AblatedPart.Value
            ? InterventionTarget.At(model, Activation.Value, layer, heads, positions, KeyValueScope.QueryHead)
            : InterventionTarget.At(model, Activation.HeadOutput, layer, heads, positions);
        return condition.Kind == AblationKind.Zero
            ? Intervention.Zero(target)
            : sources.Put(target, condition.Part, condition.Kind, sample);
    }

    // The position itself and all later ones see the key.
    Intervention Hidden(int sample, int layer, ImmutableArray<int> heads)
    {
        var (at, length) = (samples[sample].Position, samples[sample].Ids.Length);
        return Intervention.Edit(
            InterventionTarget.At(
                model, Activation.Pattern, layer, heads, [.. Enumerable.Range(at, length - at)]),
            (_, _, row) => Hide(row, at),
            "knock out of");
    }

    static void ToFirst(int position, int head, Span<float> row)
    {
        row.Clear();
        row[0] = 1;
    }

    // What softmax gives to the other keys where the score of this one is −∞.
    static void Hide(Span<float> row, int key)
    {
        row[key] = 0;
        var rest = 0.0;
        foreach (var probability in row)
            rest += probability;
        if (rest > 0)
            for (var other = 0; other < row.Length; other++)
                row[other] = (float)(row[other] / rest);
    }
}
