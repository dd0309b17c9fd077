using RatIlgpu.Tensors;

namespace RatIlgpu.Cli.Bench;

/// <summary>A piece of work that is timed and can be repeated.</summary>
/// <param name="Tokens">How many tokens the prompt has.</param>
/// <param name="Layer">The traced layer; null where all layers run.</param>
/// <param name="Operations">The floating point operations, two for each multiply-add.</param>
/// <param name="Run">Does the work once, to its end.</param>
sealed record BenchTask(int Tokens, int? Layer, double Operations, Action Run) : IDisposable
{
    IDisposable? kept;

    /// <summary>Gets how many tokens are written after the prompt; null where none are.</summary>
    public int? NewTokens { get; private init; }

    /// <summary>Gets the bytes of weights that a new token reads; null where none is written.</summary>
    public long? WeightBytes { get; private init; }

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
            Await(model.Device);
        });
    }

    /// <summary>A forward pass with the logits of the last position alone.</summary>
    public static BenchTask Last(Qwen2Model model, int length, CancellationToken cancellation)
    {
        var ids = Prompt(length, model.Config.VocabularySize);
        return new(length, null, Work.OfLastLogits(model.Config, length), () =>
        {
            using var logits = model.Forward(ids, new() { LogitCount = 1, Cancellation = cancellation });
            Await(model.Device);
        });
    }

    /// <summary>Tokens written one by one after a prompt.</summary>
    public static BenchTask Decode(Qwen2Model model, int length, CancellationToken cancellation)
    {
        var decoding = new Decoding(model, Prompt(length, model.Config.VocabularySize), cancellation);
        return new(length, null, Work.OfDecoding(model.Config, length, Decoding.NewTokens), decoding.Run)
        {
            NewTokens = Decoding.NewTokens,
            WeightBytes = RandomCheckpoint.BytesOfToken(model.Config),
            kept = decoding,
        };
    }

    /// <summary>Frees what the runs share.</summary>
    public void Dispose() => kept?.Dispose();

    // A card computes while this process goes on; a number comes when all that was asked for before is done.
    static void Await(Device device)
    {
        using var number = device.Allocate(1);
        device.Fill(0, number);
        device.Download(number);
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
