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

    LayerAttention(
        int layer, Device device, HeadAggregation heads, Tensor query, Tensor key, Tensor? mask, int window)
    {
        (this.layer, this.device, this.heads, this.window) = (layer, device, heads, window);
        (this.query, this.key, this.mask) = (query, key, mask);
        row = device.Allocate(Length);
        numbers = new float[Length];
    }

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
        var (config, device) = (model.Config, model.Device);
        new Site(Activation.RotatedKey, layer).Check(config.LayerCount);
        heads.Of(config.HeadCount);
        var query = device.Allocate(ids.Length, config.HeadCount, config.HeadSize);
        var key = device.Allocate(ids.Length, config.KeyHeadCount, config.HeadSize);
        Tensor? mask = null;
        var options = new ForwardOptions
        {
            Probe = new Capture(layer, query, key),
            StopAfter = new Site(Activation.RotatedKey, layer),
            AttentionMask = attentionMask,
            Progress = progress,
            Cancellation = cancellation,
        };
        try
        {
            model.Forward(ids, options);
            if (options.AttentionMask is { } given && given.Contains(0))
            {
                mask = device.Allocate(given.Length);
                device.Upload([.. given.Select(entry => (float)entry)], mask);
            }

            return new LayerAttention(layer, device, heads, query, key, mask, config.WindowOf(layer));
        }
        catch
        {
            query.Dispose();
            key.Dispose();
            mask?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The attention is not a number.</exception>
    /// <remarks>The row of a padding token, which sees no key, is uniform over the keys up to itself.</remarks>
    public ReadOnlySpan<float> Row(int position)
    {
        var keys = position + 1;
        var result = row.Rows(0, keys);
        var visibility = new Visibility(window, mask?.Rows(0, keys));
        device.AggregatePattern(query.Rows(position, 1), key.Rows(0, keys), visibility, heads, result.As(1, keys));
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

    sealed class Capture(int layer, Tensor query, Tensor key) : IProbe
    {
        public bool Wants(Site site) =>
            site.Layer == layer && site.Activation is (Activation.RotatedQuery or Activation.RotatedKey);

        public void Show(Site site, Tensor activation, Device device) =>
            device.Copy(activation, site.Activation == Activation.RotatedQuery ? query : key);
    }
}
