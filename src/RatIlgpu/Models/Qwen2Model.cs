using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Models;

/// <summary>A Qwen2 model on a device.</summary>
/// <remarks>Qwen Team, Qwen2 Technical Report, 2024. One run at a time.</remarks>
public sealed class Qwen2Model : IDisposable
{
    readonly Qwen2Weights weights;
    bool disposed;

    /// <summary>Places the weights of a checkpoint on a device.</summary>
    /// <param name="config">The architecture.</param>
    /// <param name="checkpoint">The weights; must stay open as long as the model is used.</param>
    /// <param name="device">Where to compute; must outlive the model.</param>
    /// <exception cref="InvalidDataException">A weight is missing or has another shape.</exception>
    public Qwen2Model(Qwen2Config config, Checkpoint checkpoint, Device device)
    {
        (Config, Device) = (config, device);
        weights = new Qwen2Weights(config, checkpoint, device);
    }

    /// <summary>Gets the architecture.</summary>
    public Qwen2Config Config { get; }

    /// <summary>Gets where the model computes.</summary>
    public Device Device { get; }

    /// <summary>Runs the model over tokens.</summary>
    /// <param name="ids">At least one token.</param>
    /// <param name="options">How; null for a plain run.</param>
    /// <returns>The logits, <c>[rows, vocabulary]</c>, which the caller disposes; null when the run stopped before
    /// them.</returns>
    /// <exception cref="ArgumentException">The prompt is empty, or the mask or cache does not fit it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token, site or count is not there.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public Tensor? Forward(ReadOnlySpan<int> ids, ForwardOptions? options = null)
    {
        // Mapped weights would be read where nothing is mapped any more.
        ObjectDisposedException.ThrowIf(disposed, this);
        options ??= new();
        Check(ids, options);
        var mask = options.AttentionMask is { } given && given.Contains(0) ? given.AsSpan() : [];
        options.Cache?.Reserve(options.Cache.Count + ids.Length);
        using var sequence = new Sequence(Config, Device, ids.Length, options.Cache, mask);
        var pass = new ForwardPass(Config, weights, Device, sequence, Wants, IsShownWhole);
        var shown = pass.Run(ids.ToArray(), Math.Min(options.LogitCount, ids.Length));
        var logits = Read(shown, ids.Length, options, out var ended);
        if (ended)
            options.Cache?.Advance(ids.Length);
        return logits;

        bool Wants(Site site) => site == options.StopAfter || options.Probe?.Wants(site) == true;

        // A run that stopped after the first block of a site would have computed but a part of it.
        bool IsShownWhole(Site site) => site == options.StopAfter || (!options.ProbeTakesBlocks && Wants(site));
    }

    /// <summary>Frees what the device holds of the weights.</summary>
    public void Dispose()
    {
        disposed = true;
        weights.Dispose();
    }

    // Shows the probe what it wants; tells whether the run came to its end. The logits, which are the last site, are
    // the caller's from the moment they are there.
    Tensor? Read(IEnumerable<(Site Site, Tensor Activation)> pass, int count, ForwardOptions options, out bool ended)
    {
        Tensor? logits = null;
        long done = 0, all = (long)LayersOf(options) * count;
        try
        {
            ended = false;
            foreach (var (site, activation) in pass)
            {
                logits = site == Site.Logits ? activation : null;
                options.Cancellation.ThrowIfCancellationRequested();
                // Shown once for each block of positions, near the end of its layer.
                if (site.Activation == Activation.MlpNeurons)
                    options.Progress?.Report((double)(done += activation.Shape[0]) / all);
                if (options.Probe?.Wants(site) == true)
                    options.Probe.Show(site, activation, Device);
                if (site == options.StopAfter)
                {
                    ended = site == Site.Logits;
                    return logits;
                }
            }

            ended = true;
            return null;
        }
        catch
        {
            logits?.Dispose();
            throw;
        }
    }

    // How many layers a run goes into.
    int LayersOf(ForwardOptions options) =>
        options.StopAfter.IsInLayer ? options.StopAfter.Layer + 1 : Config.LayerCount;

    void Check(ReadOnlySpan<int> ids, ForwardOptions options)
    {
        if (ids.IsEmpty)
            throw new ArgumentException("The prompt is empty: at least one token is needed.");
        foreach (var id in ids)
            if ((uint)id >= (uint)Config.VocabularySize)
                throw OutOfRange($"Token {id} is not in the model's vocabulary of {Config.VocabularySize}.");
        if ((long)ids.Length * Config.HeadSize > Array.MaxLength)
            throw Unfit($"A prompt of {ids.Length} tokens is too long for heads of {Config.HeadSize} numbers.");
        options.StopAfter.Check(Config.LayerCount);
        if (options.LogitCount < 0)
            throw OutOfRange($"LogitCount is {options.LogitCount}, expected 0 or more.");
        var keys = (options.Cache?.Count ?? 0) + ids.Length;
        if (options.AttentionMask is not { } mask)
            return;
        if (mask.Length != keys)
            throw Unfit($"The attention mask has {mask.Length} entries, expected {keys}, one per token.");
        foreach (var entry in mask)
            if (entry is not (0 or 1))
                throw Unfit($"The attention mask has an entry {entry}, expected 0 for padding or 1 for a token.");
    }

    static ArgumentException Unfit(FormattableString message) => new(FormattableString.Invariant(message));

    static ArgumentOutOfRangeException OutOfRange(FormattableString message) =>
        new(null, FormattableString.Invariant(message));
}
