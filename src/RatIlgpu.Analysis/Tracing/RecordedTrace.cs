using System.Numerics.Tensors;
using RatIlgpu.Tracing;

namespace RatIlgpu.Analysis;

/// <summary>Traces recorded runs without running the model again.</summary>
public static class RecordedTrace
{
    /// <summary>Returns the captures that traces of some layers need: the rotated queries and keys of all heads, the
    /// values if links are weighted by them, and the logits at the traced positions if there are to be
    /// predictions.</summary>
    /// <param name="axes">The positions and layers; null for those of the options.</param>
    /// <param name="options">The options of the traces; null for the defaults.</param>
    /// <remarks>A capture of <see cref="Activation.Pattern"/> may take the place of queries and keys; it grows with the
    /// square of the prompt. The runs of a trace can be intervened in when they are recorded; if an intervention
    /// changes the keys or values of one query head alone, traces of it need <see cref="Activation.HeadKey"/> or
    /// <see cref="Activation.HeadValue"/> too, and if it changes a pattern, <see cref="Activation.Pattern"/>.</remarks>
    public static ImmutableArray<Capture> Captures(TraceAxes? axes = null, TraceOptions? options = null)
    {
        options ??= new();
        var layers = axes?.Layers ?? [options.Layer];
        ImmutableArray<Capture> attention =
        [
            new(Activation.RotatedQuery) { Layers = layers },
            new(Activation.RotatedKey) { Layers = layers },
            .. options.Weights == AttentionWeights.Standard
                ? []
                : (Capture[])[new(Activation.Value) { Layers = layers }],
        ];
        var positions = axes?.Positions ?? [options.TargetPosition];
        return options.Predictions == 0
            ? attention
            : [.. attention, new(Activation.Logits) { Positions = positions }];
    }

    extension(ReverseAttentionTracer tracer)
    {
        /// <summary>Traces a recorded run: as a trace of its tokens does, with attention that differs by no more than
        /// 2e-5, the rounding of two orders of summation.</summary>
        /// <param name="run">The run of the tracer's model, with <see cref="Captures"/>: the pattern, or the rotated
        /// queries and keys, of each traced layer; the logits at each position are optional.</param>
        /// <param name="axes">The positions, layers and choices of heads; null for those of the options.</param>
        /// <param name="options">The options; null for the defaults. They have neither mask nor interventions: the mask
        /// is that of the run, and so are its interventions.</param>
        /// <param name="cancellation">Stops the search.</param>
        /// <returns>The traces in the order of <see cref="ReverseAttentionTracer.TraceEach"/>. A trace whose logits
        /// were not recorded has no predictions; a notice says so where predictions are asked for.</returns>
        /// <exception cref="ArgumentException">The recording is of another model, or does not have a layer, a head or a
        /// position, or not as an intervention changed it; links are weighted and an intervention gave a head another
        /// output than its values have; or an option does not fit.</exception>
        /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
        public ImmutableArray<TraceResult> TraceRecording(
            Recording run,
            TraceAxes? axes = null,
            TraceOptions? options = null,
            CancellationToken cancellation = default)
        {
            options ??= new();
            var model = tracer.Model.Network;
            run.CheckFor(model);
            if (options is not { AttentionMask: null, Interventions.IsEmpty: true })
                throw new ArgumentException(
                    "The options have a mask or interventions, expected neither: a recorded run has its own.");
            var weights = WeightsOf(
                run, model, options.Weights, axes?.Heads ?? [options.Heads], cancellation);
            return
            [
                .. tracer.TraceAttention(
                    run.TokenIds.AsSpan(), (layer, heads) => RowsOf(run, model.Config, layer, heads, weights(layer)),
                    position => LogitsOf(run, position), axes, options with { AttentionMask = run.AttentionMask },
                    cancellation).Select(trace => trace with
                    {
                        PromptLength = run.PromptLength,
                        Interventions = run.Interventions,
                        Notices = [.. trace.Notices, .. NoticesOf(run, trace, model)],
                    }),
            ];
        }
    }

    // A model without an unembedding has no predictions anywhere.
    static ImmutableArray<string> NoticesOf(Recording run, TraceResult trace, Qwen2Model model) =>
        trace.Options.Predictions > 0 && model.Weights.HasUnembedding && LogitsOf(run, trace.TargetPosition).IsEmpty
            ? [
                $"The predictions after position {trace.TargetPosition} are left out: the recording has no logits "
                + "there.",
            ]
            : [];

    static ReadOnlyMemory<float> LogitsOf(Recording run, int position) =>
        run.TryGet(Site.Logits, out var logits) && logits.Has(position) ? logits.RowMemory(position, 0) : default;

    // The weights of the traced heads of a layer, made once; null for none.
    static Func<int, LinkWeights?> WeightsOf(
        Recording run,
        Qwen2Model model,
        AttentionWeights weights,
        ValueArray<HeadAggregation> traced,
        CancellationToken cancellation)
    {
        if (weights == AttentionWeights.Standard)
            return _ => null;
        var (weighting, config) = (new LinkWeighting(model, weights), model.Config);
        var known = new Dictionary<int, LinkWeights>();
        return layer =>
        {
            if (known.TryGetValue(layer, out var found))
                return found;
            var own = HasOwnValues(run, config, layer);
            var site = new Site(own ? Activation.HeadValue : Activation.Value, layer);
            var numbers = own
                ? OwnValues(run, config, layer, [.. traced.SelectMany(heads => heads.Of(config.HeadCount)).Distinct()])
                : NumbersOf(run[site], config.KeyValueHeadCount, run);
            return known[layer] = weighting.Of(site, numbers, run.AttentionMask, cancellation);
        };
    }

    // Whether the values of query heads were recorded, or have to be told apart.
    static bool HasOwnValues(Recording run, Qwen2Config config, int layer) =>
        run.TryGet(new(Activation.HeadValue, layer), out _)
        || Enumerable.Range(0, config.HeadCount).Any(head =>
            run.ChangeOf(new(Activation.HeadValue, layer), head) is not null
            || run.ChangeOf(new(Activation.HeadOutput, layer), head) is not null);

    // The values of the traced heads, [tokens, heads, headSize]; 0 for others, which nobody reads.
    static float[] OwnValues(Recording run, Qwen2Config config, int layer, ImmutableArray<int> heads)
    {
        var (tokens, size) = (run.TokenIds.Length, config.HeadSize);
        var numbers = new float[tokens * config.HeadCount * size];
        foreach (var head in heads)
        {
            var values = HeadRows.Values(run, config, new(layer, head));
            for (var token = 0; token < tokens; token++)
                values.Row(token).CopyTo(numbers.AsSpan(((token * config.HeadCount) + head) * size, size));
        }

        return numbers;
    }

    // All values, [tokens, heads, headSize].
    static float[] NumbersOf(RecordedActivation values, int heads, Recording run)
    {
        var numbers = new float[run.TokenIds.Length * heads * values.Width];
        for (var row = 0; row < run.TokenIds.Length * heads; row++)
            values.Row(row / heads, row % heads).CopyTo(numbers.AsSpan(row * values.Width, values.Width));
        return numbers;
    }

    static IAttentionRows RowsOf(
        Recording run,
        Qwen2Config config,
        int layer,
        HeadAggregation heads,
        LinkWeights? weights)
    {
        var read = ReaderOf(run, config, layer, heads);
        return weights?.RowsOf(heads, read)
            ?? new StoredAttention(run.TokenIds.Length, config.HeadCount, heads, read);
    }

    static HeadRowReader ReaderOf(Recording run, Qwen2Config config, int layer, HeadAggregation heads)
    {
        var visible = new VisibleKeys(run.AttentionMask, config.WindowOf(layer));
        if (run.TryGet(new(Activation.Pattern, layer), out var pattern))
            return Copy;
        var query = run[new(Activation.RotatedQuery, layer)];
        var keys = new HeadRows?[config.HeadCount];
        foreach (var head in heads.Of(config.HeadCount))
            keys[head] = HeadRows.Missing(run, Activation.Pattern, new(layer, head)) is { } missing
                ? throw missing
                : HeadRows.Keys(run, config, new(layer, head));
        return (position, head, row) => visible.Attend(query.Row(position, head), keys[head]!, row);

        // A query that sees no key is uniform over all keys in a pattern, and over those up to itself in a trace.
        void Copy(int position, int head, Span<float> row)
        {
            if (visible.AnyOf(row.Length))
                pattern.Row(position, head)[..row.Length].CopyTo(row);
            else
                row.Fill(1f / row.Length);
        }
    }

    readonly record struct VisibleKeys(ImmutableArray<int>? Mask, int Window)
    {
        public bool AnyOf(int count)
        {
            for (var key = First(count); key < count; key++)
                if (Sees(key))
                    return true;
            return false;
        }

        // softmax(q·k / sqrt(c)) over the keys that the query sees; uniform over all keys up to it if it sees none.
        public void Attend(ReadOnlySpan<float> query, HeadRows keys, Span<float> row)
        {
            row.Fill(float.NegativeInfinity);
            for (var k = First(row.Length); k < row.Length; k++)
                if (Sees(k))
                    row[k] = TensorPrimitives.Dot(query, keys.Row(k)) / MathF.Sqrt(query.Length);
            if (!AnyOf(row.Length))
            {
                row.Fill(1f / row.Length);
                return;
            }

            TensorPrimitives.Subtract(row, TensorPrimitives.Max(row), row);
            TensorPrimitives.SoftMax(row, row);
        }

        int First(int count) => Window >= count ? 0 : count - Window;

        bool Sees(int key) => Mask is not { } mask || mask[key] != 0;
    }
}
