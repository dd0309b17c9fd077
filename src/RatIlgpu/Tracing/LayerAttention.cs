using System.Collections.Immutable;
using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu.Tracing;

/// <summary>The attention of one layer over one prompt, a row at a time: queries and keys are kept, and a row of
/// probabilities is made when it is asked for, so that memory grows with the prompt and not with its square.</summary>
public sealed class LayerAttention : IAttentionRows, IDisposable
{
    readonly Device device;
    readonly HeadAggregation heads;
    readonly Tensor query, key, row;
    readonly Tensor? mask;
    readonly int layer, window;
    readonly float[] numbers;

    LayerAttention(Qwen2Model model, int length, int layer, HeadAggregation heads, ImmutableArray<int>? attentionMask)
    {
        var config = model.Config;
        (this.layer, device, this.heads, window) = (layer, model.Device, heads, config.WindowOf(layer));
        query = device.Allocate(length, config.HeadCount, config.HeadSize);
        key = device.Allocate(length, config.KeyValueHeadCount, config.HeadSize);
        row = device.Allocate(length);
        numbers = new float[length];
        if (attentionMask is not { } given || !given.Contains(0))
            return;
        mask = device.Allocate(length);
        device.Upload([.. given.Select(entry => (float)entry)], mask);
    }

    /// <summary>Gets the layer, from 0.</summary>
    public int Layer => layer;

    /// <inheritdoc/>
    public int Length => query.Shape[0];

    /// <summary>Runs a model as far as the queries and keys of a layer, and no further.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The tokens.</param>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="heads">Which heads to look at, and how to reduce them to one.</param>
    /// <param name="attentionMask">Which tokens are real, 1 for a token, 0 for padding; null for all.</param>
    /// <param name="progress">Who is told the share of the layers done, in [0, 1].</param>
    /// <param name="cancellation">What stops the run.</param>
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
        CancellationToken cancellation = default)
    {
        LayerAttention? found = null;
        Run(model, ids, [layer], heads, attentionMask, attention => found = attention, progress, cancellation);
        return found!;
    }

    /// <summary>Runs a model once, as far as the queries and keys of the last of some layers, and shows each layer's
    /// attention as soon as it is known.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ids">The tokens.</param>
    /// <param name="layers">The layers, from 0, ascending, each once; at least one.</param>
    /// <param name="heads">Which heads to look at, and how to reduce them to one.</param>
    /// <param name="visit">Who is shown the attention, which is only valid during the call.</param>
    /// <param name="attentionMask">Which tokens are real, 1 for a token, 0 for padding; null for all.</param>
    /// <param name="progress">Who is told the share of the layers done, in [0, 1].</param>
    /// <param name="cancellation">What stops the run.</param>
    /// <remarks>The queries and keys of one layer are held at a time, however many layers there are:
    /// <c>4 T (H + K) c</c> bytes for T tokens, H heads, K key heads and head size c.</remarks>
    /// <exception cref="ArgumentException">The prompt is empty, the mask does not fit it, or the layers do not
    /// ascend.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token, a layer or a head is not there.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static void Each(
        Qwen2Model model,
        ReadOnlySpan<int> ids,
        ImmutableArray<int> layers,
        HeadAggregation heads,
        Action<LayerAttention> visit,
        ImmutableArray<int>? attentionMask = null,
        IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        if (layers.IsDefaultOrEmpty || layers.Zip(layers.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw new ArgumentException(
                $"The layers are [{string.Join(", ", layers.IsDefault ? [] : layers)}], expected at least one, "
                + "ascending and each once.");
        Run(model, ids, layers, heads, attentionMask, Visit, progress, cancellation);

        void Visit(LayerAttention attention)
        {
            using (attention)
                visit(attention);
        }
    }

    // Whoever is given the attention of a layer owns it.
    static void Run(
        Qwen2Model model,
        ReadOnlySpan<int> ids,
        ImmutableArray<int> layers,
        HeadAggregation heads,
        ImmutableArray<int>? attentionMask,
        Action<LayerAttention> give,
        IProgress<double>? progress,
        CancellationToken cancellation)
    {
        foreach (var layer in layers)
            new Site(Activation.RotatedKey, layer).Check(model.Config.LayerCount);
        heads.Of(model.Config.HeadCount);
        var length = ids.Length;
        using var capture = new Capture(
            layers, layer => new LayerAttention(model, length, layer, heads, attentionMask), give);
        model.Run(ids, new()
        {
            Probe = capture,
            ProbeTakesBlocks = true,
            StopAfter = new Site(Activation.RotatedKey, layers[^1]),
            AttentionMask = attentionMask,
            Progress = progress,
            Cancellation = cancellation,
        });
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The attention is not a number.</exception>
    /// <remarks>The row of a padding token, which sees no key, is uniform over the keys up to itself.</remarks>
    public ReadOnlySpan<float> Row(int position)
    {
        var keys = position + 1;
        var result = row.Slice(0, keys);
        var visibility = new Visibility(window, mask?.Slice(0, keys));
        device.AggregatePattern(
            query.Slice(position, 1), key.Slice(0, keys), visibility, heads, result.Reshape(1, keys));
        var found = numbers.AsSpan(0, keys);
        device.Download(result, found);
        if (float.IsNaN(found[position]))
            throw new InvalidDataException(
                $"The attention of layer {layer} is not a number: the weights are damaged or overflow.");
        return found;
    }

    /// <summary>Frees the queries and keys.</summary>
    public void Dispose()
    {
        query.Dispose();
        key.Dispose();
        row.Dispose();
        mask?.Dispose();
    }

    // Gathers the queries and keys of one layer after the other, from blocks of positions.
    sealed class Capture(
        ImmutableArray<int> layers, Func<int, LayerAttention> begin, Action<LayerAttention> give) : IProbe, IDisposable
    {
        LayerAttention? current;
        int taken;

        public void Begin(int firstPosition, int positionCount)
        {
        }

        public bool Wants(Site site) =>
            site.Activation is (Activation.RotatedQuery or Activation.RotatedKey) && layers.Contains(site.Layer);

        public void Show(Site site, Tensor activation, Device device)
        {
            current ??= begin(site.Layer);
            var rows = activation.Shape[0];
            var into = site.Activation == Activation.RotatedQuery ? current.query : current.key;
            device.Copy(activation, into.Slice(taken, rows));
            if (site.Activation == Activation.RotatedQuery)
                return;
            taken += rows;
            if (taken < current.Length)
                return;
            var whole = current;
            (current, taken) = (null, 0);
            give(whole);
        }

        public void Dispose() => current?.Dispose();
    }
}
