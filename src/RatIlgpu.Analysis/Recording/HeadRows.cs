namespace RatIlgpu.Analysis;

/// <summary>The keys or values of one query head in a recorded run. A change for query heads alone leaves those that
/// the group shares as they were, so that these are read only where there was none.</summary>
sealed class HeadRows
{
    readonly RecordedActivation? rows;
    readonly int head;
    readonly float[] zero;

    HeadRows(RecordedActivation? rows, int head, int width) =>
        (this.rows, this.head, zero) = (rows, head, new float[rows is null ? width : 0]);

    /// <summary>Returns the row of a position, <c>[headSize]</c>.</summary>
    /// <exception cref="NotRecordedException">The position was not recorded.</exception>
    public ReadOnlySpan<float> Row(int position) => rows is null ? zero : rows.Row(position, head);

    /// <summary>Returns the rotated keys that a query head reads.</summary>
    /// <exception cref="NotRecordedException">They were not recorded, or not as an intervention changed
    /// them.</exception>
    public static HeadRows Keys(Recording run, Qwen2Config config, HeadIndex head) =>
        Of(run, config, head, Activation.HeadKey, Activation.RotatedKey);

    /// <summary>Returns the values that a query head reads; 0 where an intervention set them or its output to 0, so
    /// that it brings nothing from any key.</summary>
    /// <exception cref="NotRecordedException">They were not recorded, or not as an intervention changed
    /// them.</exception>
    /// <exception cref="ArgumentException">An intervention gave the head another output than its values
    /// have.</exception>
    public static HeadRows Values(Recording run, Qwen2Config config, HeadIndex head) =>
        WritesNothing(run, head) ? new(null, 0, config.HeadSize)
        : Contradiction(run, head) is { } fault ? throw fault
        : Of(run, config, head, Activation.HeadValue, Activation.Value);

    /// <summary>Tells whether an intervention set the output of a head to 0 at all positions, or the values that it
    /// reads: by its description, or by the recorded output.</summary>
    public static bool WritesNothing(Recording run, HeadIndex head)
    {
        var site = new Site(Activation.HeadOutput, head.Layer);
        if (run.ChangeOf(site, head.Head) is not { } change)
            return run.ChangeOf(new(Activation.HeadValue, head.Layer), head.Head) is { IsZero: true };
        if (change.IsZero)
            return true;
        if (!run.TryGet(site, out var output) || output.Positions.Length < run.TokenIds.Length
            || output.Heads.BinarySearch(head.Head) < 0)
            return false;
        foreach (var position in output.Positions)
            if (output.Row(position, head.Head).ContainsAnyExcept(0f))
                return false;
        return true;
    }

    /// <summary>Returns the error that the output of a head was changed, so that its values do not tell what it brings
    /// from each key; null where it was not, or is 0.</summary>
    public static ArgumentException? Contradiction(Recording run, HeadIndex head) =>
        run.ChangeOf(new(Activation.HeadOutput, head.Layer), head.Head) is { } change && !WritesNothing(run, head)
            ? new(
                $"{head}: the run was changed at its output ({OneLine.Shorten(change.Text)}), expected an output that "
                + "follows from its values, or 0 at all positions: what it brings from each key is not known; read "
                + "attention without values, or record a run that changes its values instead.")
            : null;

    /// <summary>Returns the error that a head was changed at a site whose changed form was not recorded; null where it
    /// was not changed there.</summary>
    public static NotRecordedException? Missing(Recording run, Activation activation, HeadIndex head) =>
        run.ChangeOf(new(activation, head.Layer), head.Head) is { } change
            ? new(
                $"{head}: the run was changed at its {activation} ({OneLine.Shorten(change.Text)}), but {activation} "
                + "was not recorded at every position",
                $"record {activation} of layer {head.Layer}")
            : null;

    /// <summary>Throws if rows that a group shares are not those that a query head read, since an intervention changed
    /// them for the head alone.</summary>
    /// <param name="shared">The rows of the group.</param>
    /// <param name="own">The activation of single query heads.</param>
    /// <param name="head">The query head.</param>
    /// <exception cref="ArgumentException">They are not.</exception>
    public static void CheckShared(RecordedActivation shared, Activation own, int head)
    {
        if (own != shared.Site.Activation && shared.Owner?.ChangeOf(shared.Site with { Activation = own }, head)
            is { } change)
            throw new ArgumentException(
                $"{shared.Site} was recorded of a run that was changed at the {own} of head {head} "
                + $"({OneLine.Shorten(change.Text)}), expected one in which the head read what its group shares; "
                + $"record {own}, and take {own} itself as what is replaced.");
    }

    static HeadRows Of(Recording run, Qwen2Config config, HeadIndex head, Activation own, Activation shared)
    {
        var (ofHead, ofGroup) = (new Site(own, head.Layer), new Site(shared, head.Layer));
        var holds = run.TryGet(ofHead, out var found) && found.Heads.BinarySearch(head.Head) >= 0;
        var missing = Missing(run, own, head);
        // Without a change both have the same numbers, and rows of some positions serve where there are no others.
        if (holds && (missing is not null || found!.Positions.Length == run.TokenIds.Length
            || !run.TryGet(ofGroup, out _)))
            return new(found, head.Head, 0);
        return missing is null ? new(run[ofGroup], head.Head / config.GroupSize, 0) : throw missing;
    }
}
