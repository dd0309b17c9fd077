using RatIlgpu.Tensors;

namespace RatIlgpu.Cli.Bench;

/// <summary>A piece of work that is timed and can be repeated.</summary>
/// <param name="Tokens">How many tokens the prompt has.</param>
/// <param name="Layer">The traced layer; null where all layers run.</param>
/// <param name="Operations">The floating point operations, two for each multiply-add.</param>
/// <param name="Run">Does the work once.</param>
sealed record BenchTask(int Tokens, int? Layer, double Operations, Action Run)
{
    /// <summary>A trace of one layer: the layers before it, its queries and keys, and the search.</summary>
    public static BenchTask Trace(Qwen2Model model, int length, int layer, CancellationToken cancellation)
    {
        var (config, ids) = (model.Config, Prompt(length, model.Config.VocabularySize));
        var options = new TraceOptions { Layer = layer, Predictions = 0 }
            .Resolve(length, config.LayerCount, config.HeadCount, config.VocabularySize);
        return new(length, options.Layer.Value, Work.OfTrace(config, length, options.Layer.Value), () =>
        {
            using var attention = LayerAttention.Of(
                model, ids, options.Layer.Value, options.Heads, cancellation: cancellation);
            BeamSearch.Search(attention, options.TargetPosition.Value, options, null, cancellation);
        });
    }

    /// <summary>A full forward pass: every layer, with every pattern kept and the logits of all positions.</summary>
    public static BenchTask Full(Qwen2Model model, int length, CancellationToken cancellation)
    {
        var ids = Prompt(length, model.Config.VocabularySize);
        return new(length, null, Work.OfFullPass(model.Config, length), () =>
        {
            using var patterns = new KeptPatterns();
            using var logits = model.Forward(ids, new() { Probe = patterns, Cancellation = cancellation });
        });
    }

    static int[] Prompt(int length, int vocabulary) =>
        [.. Enumerable.Range(0, length).Select(position => (int)((position * 7919L + 13) % vocabulary))];
}

/// <summary>Keeps the pattern of every layer, on the device, until it is disposed.</summary>
sealed class KeptPatterns : IProbe, IDisposable
{
    readonly List<Tensor> kept = [];

    public void Begin(int firstPosition, int positionCount)
    {
    }

    public bool Wants(Site site) => site.Activation == Activation.Pattern;

    public void Show(Site site, Tensor activation, Device device)
    {
        kept.Add(device.Allocate(activation.Shape));
        device.Copy(activation, kept[^1]);
    }

    public void Dispose() => kept.ForEach(pattern => pattern.Dispose());
}
