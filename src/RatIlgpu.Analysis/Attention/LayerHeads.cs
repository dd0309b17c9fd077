using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Makes the heads of one layer, one after the other, of its activations.</summary>
/// <param name="model">The model.</param>
/// <param name="plan">The heads of the layer.</param>
/// <param name="options">What is wanted of them.</param>
/// <param name="mask">The padding of the prompt; null for none.</param>
/// <param name="grams">The products of output matrices.</param>
sealed class LayerHeads(
    Qwen2Model model, LayerPlan plan, AttentionOptions options, ImmutableArray<int>? mask, OutputGrams grams)
{
    (int Group, Activation Activation, float[] Values, ImmutableArray<float>? Factors)? last;

    /// <summary>Makes each head.</summary>
    /// <param name="tokens">The number of tokens.</param>
    /// <param name="tableOf">Returns the rows of an activation that a head reads; null where they are not
    /// there.</param>
    /// <param name="patternOf">Returns the stored pattern of a head; null where it is computed.</param>
    /// <param name="each">Receives a head, whose rows can be made until it returns.</param>
    /// <param name="cancellation">Stops between two heads.</param>
    public void Make(
        int tokens,
        Func<Activation, int, HeadTable?> tableOf,
        Func<int, PatternRows?> patternOf,
        Action<HeadAttention> each,
        CancellationToken cancellation)
    {
        if (options.InfoFactors)
            grams.Prepare(plan.Layer, plan.Heads);
        using var hidden = Hidden();
        foreach (var head in plan.Heads)
        {
            cancellation.ThrowIfCancellationRequested();
            var stored = patternOf(head);
            using var computed = stored is null || options.Vectors
                ? new ComputedPattern(
                    head, tableOf(Activation.RotatedQuery, head)!,
                    (tableOf(Activation.HeadKey, head) ?? tableOf(Activation.RotatedKey, head))!,
                    hidden, tokens, model.Config.WindowOf(plan.Layer), model.Device)
                : null;
            using var rows = new GuardedRows(stored ?? computed!.Write, mask, new(plan.Layer, head), tokens);
            var (value, info) = FactorsOf(head, tokens, tableOf);
            each(new(new(plan.Layer, head), tokens, rows.Write)
            {
                ValueFactors = value,
                InfoFactors = info,
                Queries = options.Vectors ? computed!.Queries : null,
                Keys = options.Vectors ? computed!.Keys : null,
            });
        }
    }

    // The heads of a group share their values.
    (ImmutableArray<float>? Value, ImmutableArray<float>? Info) FactorsOf(
        int head, int tokens, Func<Activation, int, HeadTable?> tableOf)
    {
        if (!options.ValueFactors && !options.InfoFactors)
            return default;
        var own = tableOf(Activation.HeadValue, head);
        var (table, activation) = own is null
            ? (tableOf(Activation.Value, head)!, Activation.Value)
            : (own, Activation.HeadValue);
        var (group, size, site) = (head / table.GroupSize, model.Config.HeadSize, new Site(activation, plan.Layer));
        if (last is not { } known || known.Group != group || known.Activation != activation)
        {
            var found = table.Download(head, tokens, model.Device);
            last = known = (
                group, activation, found,
                options.ValueFactors ? HeadFactors.Of(HeadFactors.Lengths(found, size), mask, site) : null);
        }

        return (
            known.Factors,
            options.InfoFactors
                ? HeadFactors.Of(grams.Lengths(new(plan.Layer, head), known.Values), mask, site)
                : null);
    }

    Tensor? Hidden()
    {
        if (mask is not { } given || !given.Contains(0))
            return null;
        var hidden = model.Device.Allocate(given.Length);
        model.Device.Upload([.. given.Select(entry => (float)entry)], hidden);
        return hidden;
    }

    // Rows of a head while it is being read. The row of padding is zeros: nobody reads what it attends to, and it
    // depends on the tokens after it.
    sealed class GuardedRows(PatternRows write, ImmutableArray<int>? mask, HeadIndex head, int tokens) : IDisposable
    {
        bool disposed;

        public void Write(int firstQuery, Span<float> rows)
        {
            ObjectDisposedException.ThrowIf(disposed, typeof(HeadAttention));
            write(firstQuery, rows);
            for (var row = 0; row < rows.Length / tokens; row++)
                if (mask is { } given && given[firstQuery + row] == 0)
                    rows.Slice(row * tokens, tokens).Clear();
            if (!float.IsFinite(TensorPrimitives.MaxMagnitude<float>(rows)))
                throw new ArithmeticException(
                    $"The attention of {head} is not a number: the weights or the recording are damaged, or an "
                    + "intervention is not a number.");
        }

        public void Dispose() => disposed = true;
    }
}
