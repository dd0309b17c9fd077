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
        Check(ids);
        options ??= new();
        Check(ids.Length, options);
        options.Cache?.Reserve(options.Cache.Count + ids.Length);
        var tokens = ids.ToArray();
        var logits = Run(ids.Length, 1, options, (_, pass, count) => pass.Run(tokens, count), out var ended);
        if (ended)
            options.Cache?.Advance(ids.Length);
        return logits;
    }

    /// <summary>Runs the model from a place in it: what comes before is not computed.</summary>
    /// <param name="start">A stream of a layer: <see cref="Activation.ResidualBefore"/>,
    /// <see cref="Activation.ResidualMiddle"/> or <see cref="Activation.ResidualAfter"/>. It is the first site that the
    /// probe is shown.</param>
    /// <param name="stream">That stream, <c>[positions, width]</c>; it is not changed.</param>
    /// <param name="options">How; null for a plain run. A cache is read, but not extended: the layers before
    /// <paramref name="start"/> have nothing to add to it.</param>
    /// <returns>The logits, <c>[rows, vocabulary]</c>, which the caller disposes; null when the run stopped before
    /// them.</returns>
    /// <exception cref="ArgumentException">The stream, the mask or the cache does not fit, or the run is to stop before
    /// it starts.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A site or count is not there.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public Tensor? Resume(Site start, Tensor stream, ForwardOptions? options = null) =>
        Resume(start, stream, branches: 1, options ?? new());

    /// <summary>Gets the weights.</summary>
    internal Qwen2Weights Weights => weights;

    /// <summary>Runs the model from a place in it for several continuations of the same cached positions at
    /// once.</summary>
    /// <param name="start">As for <see cref="Resume(Site, Tensor, ForwardOptions?)"/>.</param>
    /// <param name="stream"><c>[positions · branches, width]</c>: the rows of a position, one for each branch, lie
    /// together. So do those of every activation, and in attention the branches are so many more heads.</param>
    /// <param name="branches">How many continuations, at least 1.</param>
    /// <param name="options">How.</param>
    internal Tensor? Resume(Site start, Tensor stream, int branches, ForwardOptions options)
    {
        if (stream.Shape.Rank != 2 || stream.Shape[0] == 0 || stream.Shape[1] != Config.HiddenSize)
            throw Unfit($"The stream is {stream.Shape}, expected rows of width {Config.HiddenSize}, at least one.");
        if (branches < 1 || stream.Shape[0] % branches != 0)
            throw Unfit($"The stream is {stream.Shape}, which are not rows for each of {branches} branches.");
        if (start.Activation
            is not (Activation.ResidualBefore or Activation.ResidualMiddle or Activation.ResidualAfter))
            throw Unfit($"A run cannot start at {start}, only at the stream before, amid or after a layer.");
        start.Check(Config.LayerCount);
        if (options.StopAfter.IsBefore(start))
            throw Unfit($"The run is to stop after {options.StopAfter}, before it starts at {start}.");
        var positions = stream.Shape[0] / branches;
        Check(positions, options);
        // Branches have memory of their own.
        if (branches == 1)
            options.Cache?.Reserve(options.Cache.Count + positions);
        return Run(
            positions,
            branches,
            options,
            (sequence, pass, count) =>
            {
                Device.Copy(stream, sequence.Residual);
                return pass.RunFrom(start, count);
            },
            out _);
    }

    /// <summary>Frees what the device holds of the weights.</summary>
    public void Dispose()
    {
        disposed = true;
        weights.Dispose();
    }

    Tensor? Run(
        int count,
        int branches,
        ForwardOptions options,
        Func<Sequence, ForwardPass, int, IEnumerable<(Site Site, Tensor Activation)>> start,
        out bool ended)
    {
        // Mapped weights would be read where nothing is mapped any more.
        ObjectDisposedException.ThrowIf(disposed, this);
        var mask = options.AttentionMask is { } given && given.Contains(0) ? given.AsSpan() : [];
        using var sequence = new Sequence(Config, Device, count, branches, options.Cache, mask);
        var pass = new ForwardPass(Config, weights, Device, sequence, Wants, IsShownWhole);
        options.Probe?.Begin(sequence.Past, count);
        return Read(start(sequence, pass, Math.Min(options.LogitCount, count)), count * branches, options, out ended);

        bool Wants(Site site) => site == options.StopAfter || options.Probe?.Wants(site) == true;

        // A run that stopped after the first block of a site would have computed but a part of it.
        bool IsShownWhole(Site site) => site == options.StopAfter || (!options.ProbeTakesBlocks && Wants(site));
    }

    // Shows the probe what it wants; tells whether the run came to its end. The logits, which are the last site, are
    // the caller's from the moment they are there.
    Tensor? Read(
        IEnumerable<(Site Site, Tensor Activation)> pass, int rows, ForwardOptions options, out bool ended)
    {
        Tensor? logits = null;
        var progress = new LayerProgress(options.Progress, LayersOf(options), rows);
        try
        {
            ended = false;
            foreach (var (site, activation) in pass)
            {
                logits = site == Site.Logits ? activation : null;
                options.Cancellation.ThrowIfCancellationRequested();
                progress.Note(site, activation);
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

    void Check(ReadOnlySpan<int> ids)
    {
        if (ids.IsEmpty)
            throw new ArgumentException("The prompt is empty: at least one token is needed.");
        foreach (var id in ids)
            if ((uint)id >= (uint)Config.VocabularySize)
                throw OutOfRange($"Token {id} is not in the model's vocabulary of {Config.VocabularySize}.");
    }

    void Check(int count, ForwardOptions options)
    {
        if ((long)count * Config.HeadSize > Array.MaxLength)
            throw Unfit($"A prompt of {count} tokens is too long for heads of {Config.HeadSize} numbers.");
        options.StopAfter.Check(Config.LayerCount);
        if (options.LogitCount < 0)
            throw OutOfRange($"LogitCount is {options.LogitCount}, expected 0 or more.");
        var keys = (options.Cache?.Count ?? 0) + count;
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
