using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu.Tracing;

/// <summary>The attention of one layer over one prompt, whose rows are computed when they are asked for.</summary>
/// <remarks>The rotated queries and keys are kept, and a row of probabilities is computed when it is asked for, or with
/// others that were named before: memory grows with the prompt and not with its square.</remarks>
public sealed class LayerAttention : IAttentionRows, IDisposable
{
    readonly Device device;
    readonly Choice own;
    readonly List<Tensor> allocated = [];
    readonly Tensor query, key;
    readonly Tensor? mask;
    readonly ImmutableArray<int>? padding;
    readonly int layer, window;
    readonly LinkWeighting? weighting;
    LinkWeights? weights;
    Tensor rows;
    Tensor? value, factors;
    int queriesTaken, keysTaken, valuesTaken;

    /// <summary>Allocates the queries and keys of a layer, and its values where links are weighted, which
    /// <see cref="Take"/> fills. The keys are <see cref="Activation.RotatedKey"/>, or <see cref="Activation.HeadKey"/>
    /// for each query head; the values alike.</summary>
    internal LayerAttention(
        Qwen2Model model,
        int length,
        ImmutableArray<Site> parts,
        HeadAggregation heads,
        ImmutableArray<int>? attentionMask,
        LinkWeighting? weighting = null)
    {
        var config = model.Config;
        (layer, device, this.weighting) = (parts[0].Layer, model.Device, weighting);
        window = config.WindowOf(layer);
        own = new Choice(this, heads);
        try
        {
            query = Allocate(length, config.HeadCount, config.HeadSize);
            key = Allocate(length, HeadsOf(Activation.HeadKey), config.HeadSize);
            if (weighting is not null)
                value = device.Allocate(length, HeadsOf(Activation.HeadValue), config.HeadSize);
            rows = device.Allocate(length);
            if (attentionMask is not { } given || !given.Contains(0))
                return;
            padding = given;
            mask = Allocate(length);
            device.Upload([.. given.Select(entry => (float)entry)], mask);
        }
        catch
        {
            Dispose();
            throw;
        }

        int HeadsOf(Activation own) =>
            parts.Any(part => part.Activation == own) ? config.HeadCount : config.KeyValueHeadCount;
    }

    /// <summary>Gets the layer, from 0.</summary>
    public int Layer => layer;

    /// <inheritdoc/>
    public int Length => query.Shape[0];

    /// <summary>Runs a model as far as the queries and keys of a layer, and no further.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The tokens.</param>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="heads">The heads, and how they are reduced to one.</param>
    /// <param name="attentionMask">1 for a token, 0 for padding, one entry per token; null for no padding.</param>
    /// <param name="progress">Receives the share of the layers done, in [0, 1].</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <returns>The attention, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The prompt is empty, or the mask does not fit it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token, the layer or a head is not there.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static LayerAttention Of(
        Qwen2Model model,
        ReadOnlySpan<int> ids,
        int layer,
        HeadAggregation heads,
        ImmutableArray<int>? attentionMask = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default) =>
        OfLayers(model, ids, [layer], heads, attentionMask, progress, cancellation).Single();

    /// <summary>Runs a model once, as far as the queries and keys of the last of some layers, and yields the attention
    /// of each layer as soon as the layer is computed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The tokens.</param>
    /// <param name="layers">The layers, from 0, ascending, each once; at least one.</param>
    /// <param name="heads">The heads, and how they are reduced to one.</param>
    /// <param name="attentionMask">1 for a token, 0 for padding, one entry per token; null for no padding.</param>
    /// <param name="progress">Receives the share of the layers done, in [0, 1].</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <returns>The attention of each layer, which the caller disposes before it asks for the next. The model runs
    /// while the sequence is enumerated.</returns>
    /// <remarks>The queries and keys of one layer take <c>4 T (H + K) c</c> bytes for T tokens, H heads, K key/value
    /// heads and head size c.</remarks>
    /// <exception cref="ArgumentException">The prompt is empty, the mask does not fit it, or the layers do not
    /// ascend.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token, a layer or a head is not there.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static IEnumerable<LayerAttention> OfLayers(
        Qwen2Model model,
        ReadOnlySpan<int> ids,
        ImmutableArray<int> layers,
        HeadAggregation heads,
        ImmutableArray<int>? attentionMask = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        if (layers.IsDefaultOrEmpty || layers.Zip(layers.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw new ArgumentException(
                $"The layers are [{string.Join(", ", layers.IsDefault ? [] : layers)}], expected at least one, "
                + "ascending and each once.");
        foreach (var layer in layers)
            new Site(Activation.RotatedKey, layer).Check(model.Config.LayerCount);
        heads.Of(model.Config.HeadCount);
        var options = new ForwardOptions
        {
            ProbeTakesBlocks = true,
            StopAfter = new Site(Activation.RotatedKey, layers[^1]),
            AttentionMask = attentionMask,
            Progress = progress,
            Cancellation = cancellation,
        };
        var run = model.Walk(ids, options, site =>
            site.Activation is Activation.RotatedQuery or Activation.RotatedKey && layers.Contains(site.Layer));
        var length = ids.Length;
        return Gather(
            run,
            layer => new LayerAttention(
                model, length, [new(Activation.RotatedQuery, layer), new(Activation.RotatedKey, layer)], heads,
                attentionMask),
            cancellation);
    }

    static IEnumerable<LayerAttention> Gather(
        IEnumerable<Made> run, Func<int, LayerAttention> begin, CancellationToken cancellation)
    {
        LayerAttention? current = null;
        try
        {
            foreach (var made in run)
            {
                current ??= begin(made.Site.Layer);
                if (!current.Take(made.Site.Activation, made.Activation, cancellation))
                    continue;
                var whole = current;
                current = null;
                yield return whole;
            }
        }
        finally
        {
            current?.Dispose();
        }
    }

    /// <summary>Takes the queries, keys or values of some positions, which come in blocks, the queries of a block
    /// first. Returns true if these are the last. Cancellation stops the weighting that follows them.</summary>
    internal bool Take(Activation activation, Tensor rows, CancellationToken cancellation)
    {
        switch (activation)
        {
            case Activation.RotatedQuery:
                Copy(rows, query, ref queriesTaken);
                break;
            case Activation.Value or Activation.HeadValue:
                Copy(rows, value!, ref valuesTaken);
                break;
            default:
                Copy(rows, key, ref keysTaken);
                break;
        }

        if (queriesTaken < Length || keysTaken < Length || (value is not null && valuesTaken < Length))
            return false;
        if (value is not null)
            Weigh(value, cancellation);
        return true;
    }

    void Copy(Tensor rows, Tensor part, ref int taken)
    {
        device.Copy(rows, part.Slice(taken, rows.Shape[0]));
        taken += rows.Shape[0];
    }

    // The values of as many heads as there are queries are those of single query heads.
    void Weigh(Tensor values, CancellationToken cancellation)
    {
        var site = new Site(values.Shape[1] == query.Shape[1] ? Activation.HeadValue : Activation.Value, layer);
        weights = weighting!.Of(site, device.Download(values), padding, cancellation);
        values.Dispose();
        value = null;
        if (weights.Factors is not { } numbers)
            return;
        factors = Allocate(query.Shape[1], Length);
        device.Upload(numbers, factors);
    }

    /// <summary>Returns the rows of the same queries and keys for another choice of heads, in memory that the rows of
    /// every choice share; they live as long as this.</summary>
    /// <param name="other">The heads, and how they are reduced to one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The layer does not have one of the heads.</exception>
    public IAttentionRows With(HeadAggregation other)
    {
        other.Of(query.Shape[1]);
        return new Choice(this, other);
    }

    /// <summary>Returns the aggregated attention of one query, in memory that the next call overwrites.</summary>
    /// <param name="position">The query, in [0, <see cref="Length"/>).</param>
    /// <returns>One number for each of the keys 0 to <paramref name="position"/>.</returns>
    /// <exception cref="ArithmeticException">The attention is not a number.</exception>
    /// <remarks>The row of a padding token, which sees no key, is uniform over the keys up to itself.</remarks>
    public ReadOnlySpan<float> Row(int position) => own.Row(position);

    /// <inheritdoc/>
    public void Prepare(ReadOnlySpan<int> positions) => own.Prepare(positions);

    /// <summary>Frees the queries and keys.</summary>
    public void Dispose()
    {
        rows?.Dispose();
        value?.Dispose();
        foreach (var tensor in allocated)
            tensor.Dispose();
    }

    // The row of a padding token that sees no key is uniform over the keys up to itself, and not over all that are
    // computed together: it is computed alone.
    bool SeesAKey(int position) =>
        padding is not { } given
        || given.AsSpan()[VisibleUpTo(Length).FirstKey(position)..(position + 1)].Contains(1);

    Visibility VisibleUpTo(int keys) => new(window, mask?.Slice(0, keys));

    Tensor RowsOf(int count, int keys)
    {
        if (rows.Shape[0] < count * keys)
        {
            var larger = device.Allocate(Math.Max(count * keys, Math.Min(2 * rows.Shape[0], PreparedRows.MostNumbers)));
            rows.Dispose();
            rows = larger;
        }

        return rows.Slice(0, count * keys).Reshape(count, keys);
    }

    Tensor Allocate(params ReadOnlySpan<int> shape)
    {
        allocated.Add(device.Allocate(shape));
        return allocated[^1];
    }

    // The rows of one choice of heads.
    sealed class Choice(LayerAttention layer, HeadAggregation heads) : PreparedRows
    {
        public override int Length => layer.Length;

        protected override string NotANumber =>
            $"The attention of layer {layer.layer} is not a number: the weights are damaged or overflow.";

        protected override int NumbersOfKey => Contributes ? layer.query.Shape[1] : 1;

        bool Contributes => layer.weights is { Factors: null };

        protected override bool CanBeTogether(int position) => layer.SeesAKey(position);

        protected override int KeysUpTo(int position) => position + 1;

        protected override void Compute(ReadOnlySpan<int> positions, int keys, Span<float> found)
        {
            if (Contributes)
            {
                Contribute(positions, keys, found);
                return;
            }

            var result = layer.RowsOf(positions.Length, keys);
            layer.device.AggregatePattern(
                layer.query.Slice(0, keys), layer.key.Slice(0, keys), layer.factors, layer.VisibleUpTo(keys), heads,
                positions, result);
            layer.device.Download(result, found);
        }

        // The pattern of each query over the keys up to itself, one after the other.
        void Contribute(ReadOnlySpan<int> positions, int keys, Span<float> found)
        {
            var (device, all, count) = (layer.device, layer.query.Shape[1], 0);
            foreach (var position in positions)
                count += all * (position + 1);
            using var patterns = device.Allocate(count);
            var start = 0;
            foreach (var position in positions)
            {
                var (own, length) = (position + 1, all * (position + 1));
                device.Pattern(
                    layer.query.Slice(position, 1), layer.key.Slice(0, own), layer.VisibleUpTo(own),
                    patterns.Slice(start, length).Reshape(all, 1, own));
                start += length;
            }

            var (numbers, chosen) = (device.Download(patterns), heads.Of(all));
            start = 0;
            for (var row = 0; row < positions.Length; row++)
            {
                var own = positions[row] + 1;
                var target = found.Slice(row * keys, keys);
                layer.weights!.Contribute(numbers.AsSpan(start, all * own), chosen.AsSpan(), target[..own]);
                target[own..].Clear();
                start += all * own;
            }
        }
    }
}
