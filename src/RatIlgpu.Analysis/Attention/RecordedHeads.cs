namespace RatIlgpu.Analysis;

/// <summary>Finds the activations of heads in a recording.</summary>
sealed class RecordedHeads(Qwen2Model model, Recording run, AttentionOptions options)
{
    /// <summary>Tells whether the pattern of a head was recorded, or the queries and keys that it is computed
    /// from.</summary>
    public bool HasPattern(HeadIndex head) => Stored(head) is not null
        || (Find(Activation.RotatedQuery, head) is not null && Key(head) is not null);

    /// <summary>Returns the error that something was not recorded of a head, or not as an intervention changed it;
    /// null where everything was.</summary>
    public ArgumentException? MissingOf(HeadIndex head)
    {
        if (!HasPattern(head))
            return Missing(head, "the rows of the pattern", "Pattern, or RotatedQuery and RotatedKey,");
        if (options.Vectors && (Find(Activation.RotatedQuery, head) is null || Key(head) is null))
            return Missing(head, "rotated queries and keys", "RotatedQuery and RotatedKey");
        if (Stored(head) is null && HeadRows.Missing(run, Activation.Pattern, head) is { } pattern)
            return pattern;
        if ((Stored(head) is null || options.Vectors) && ChangedMissing(Activation.HeadKey, head) is { } key)
            return key;
        return options.ValueFactors || options.InfoFactors ? MissingValuesOf(head) : null;
    }

    ArgumentException? MissingValuesOf(HeadIndex head) =>
        HeadRows.WritesNothing(run, head) ? null
        : HeadRows.Contradiction(run, head)
            ?? ChangedMissing(Activation.HeadValue, head)
            ?? (Value(head) is null ? Missing(head, "values", "Value") : null);

    NotRecordedException? ChangedMissing(Activation activation, HeadIndex head) =>
        Find(activation, head) is null ? HeadRows.Missing(run, activation, head) : null;

    /// <summary>Makes the heads of a layer.</summary>
    public void Make(LayerPlan layer, OutputGrams grams, Action<HeadAttention> each, CancellationToken cancellation)
    {
        var held = new Dictionary<Activation, NumbersOnDevice>();
        try
        {
            new LayerHeads(model, layer, options, run.AttentionMask, grams).Make(
                run.TokenIds.Length, TableOf, head => RowsOf(new(layer.Layer, head)), each, cancellation);
        }
        finally
        {
            foreach (var one in held.Values)
                one.Dispose();
        }

        HeadTable? TableOf(Activation activation, int head)
        {
            if (activation == Activation.HeadValue && HeadRows.WritesNothing(run, new(layer.Layer, head)))
                return Zero();
            if (Find(activation, new(layer.Layer, head)) is not { } found)
                return null;
            if (!held.TryGetValue(activation, out var numbers))
                held.Add(activation, numbers = found.Numbers.On(model.Device));
            return new(numbers.Tensor, found.IndexOf, GroupOf(activation));
        }

        // One row, which all positions read.
        HeadTable Zero()
        {
            if (!held.TryGetValue(Activation.HeadOutput, out var numbers))
                held.Add(Activation.HeadOutput, numbers = new HeldNumbers(
                    model.Config.HeadSize, [.. new float[model.Config.HeadSize]]).On(model.Device));
            return new(numbers.Tensor, (_, _) => 0, GroupOf(Activation.HeadValue));
        }
    }

    PatternRows? RowsOf(HeadIndex head)
    {
        if (Stored(head) is not { } pattern)
            return null;
        var tokens = run.TokenIds.Length;
        return (first, rows) => pattern.Values.Slice(pattern.IndexOf(first, head.Head) * tokens, rows.Length)
            .CopyTo(rows);
    }

    RecordedActivation? Stored(HeadIndex head) => Find(Activation.Pattern, head);

    RecordedActivation? Key(HeadIndex head) => Find(Activation.HeadKey, head) ?? Find(Activation.RotatedKey, head);

    RecordedActivation? Value(HeadIndex head) => Find(Activation.HeadValue, head) ?? Find(Activation.Value, head);

    // Of all positions, or not at all.
    RecordedActivation? Find(Activation activation, HeadIndex head) =>
        run.TryGet(new(activation, head.Layer), out var found) && found.Positions.Length == run.TokenIds.Length
        && found.Heads.BinarySearch(head.Head / GroupOf(activation)) >= 0
            ? found
            : null;

    int GroupOf(Activation activation) =>
        model.Config.HeadCount / ActivationAxes.HeadsOf(activation, model.Config);

    static NotRecordedException Missing(HeadIndex head, string missing, string cure) => new(
        $"{head}: {missing} at all positions were not recorded", $"record {cure} of layer {head.Layer}");
}
