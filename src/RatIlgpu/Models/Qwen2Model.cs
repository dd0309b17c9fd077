using RatIlgpu.Tensors;
using RatIlgpu.Weights;

namespace RatIlgpu.Models;

/// <summary>A model on a device: Qwen2, or a family whose layers have the same parts (Qwen3, Llama,
/// Mistral).</summary>
/// <remarks>Qwen Team, Qwen2 Technical Report, 2024. One run at a time.</remarks>
public sealed class Qwen2Model : IDisposable
{
    // The logits of a row are as large as a vocabulary: of Qwen2's, this many rows take 39 MB. With fewer rows, reading
    // the unembedding would take longer than multiplying with it.
    const int LogitBlockRows = 64;

    readonly RotaryTable rotary;
    bool disposed;

    /// <summary>Places the weights of a checkpoint on a device.</summary>
    /// <param name="config">The architecture.</param>
    /// <param name="checkpoint">The weights; must stay open as long as the model is used.</param>
    /// <param name="device">The device that computes; it must outlive the model.</param>
    /// <exception cref="InvalidDataException">A weight is missing, has another shape, or is quantized.</exception>
    /// <exception cref="FileNotFoundException">A shard with a weight is not there.</exception>
    public Qwen2Model(Qwen2Config config, Checkpoint checkpoint, Device device)
    {
        (Device, rotary) = (device, new(config, device));
        Weights = new Qwen2Weights(config, checkpoint, device);
        Config = Weights.Config;
    }

    /// <summary>Gets the architecture. <see cref="Qwen2Config.TiesEmbeddings"/> says what holds of the
    /// weights.</summary>
    public Qwen2Config Config { get; }

    /// <summary>Gets the device that computes.</summary>
    public Device Device { get; }

    /// <summary>Gets the weights.</summary>
    public Qwen2Weights Weights { get; }

    /// <summary>Computes the logits of tokens.</summary>
    /// <inheritdoc cref="Run"/>
    /// <param name="ids">At least one token.</param>
    /// <param name="options">How; null for a plain run.</param>
    /// <returns>The logits, <c>[rows, vocabulary]</c>, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The prompt is empty, the mask or cache does not fit it, or the run stops
    /// before the logits.</exception>
    public Tensor Forward(ReadOnlySpan<int> ids, ForwardOptions? options = null)
    {
        options ??= new();
        CheckLogits(options);
        return Start(ids, options)!;
    }

    /// <summary>Runs the model over tokens for the sake of its probe or its cache.</summary>
    /// <param name="ids">At least one token.</param>
    /// <param name="options">How; the run may stop before the logits.</param>
    /// <exception cref="ArgumentException">The prompt is empty, or the mask or cache does not fit it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token, site or count is not there.</exception>
    /// <exception cref="InvalidDataException">The run comes to the logits, and the model has no
    /// unembedding.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void Run(ReadOnlySpan<int> ids, ForwardOptions options) => Start(ids, options)?.Dispose();

    /// <summary>Runs the model over several prompts for the sake of their probes. Each probe is shown the activations
    /// of a run of its prompt alone; on devices in host memory, the same bits.</summary>
    /// <remarks>
    /// <para>Neighbours of few tokens run together: their rows share products, norms and MLP, which is faster than one
    /// prompt after the other, and attention keeps them apart. A prompt of 256 tokens or more runs alone. Memory does
    /// not grow with the number of prompts.</para>
    /// <para>Every probe is asked which sites it wants before anything runs. The calls of <see cref="IProbe.Begin"/>
    /// for the prompts of a group come right before the group runs, in the order of the prompts. Each probe is then
    /// shown its activations in the order of a run of its prompt alone; activations of other prompts of the group come
    /// between them.</para>
    /// </remarks>
    /// <param name="prompts">The prompts.</param>
    /// <param name="options">How; without probe, mask and cache, which belong to one prompt.</param>
    /// <exception cref="ArgumentException">A prompt is empty, a mask does not fit its prompt, two prompts have the same
    /// probe or cache, or the options have a probe, a mask or a cache.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token, site, position or count is not there.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void RunAll(IReadOnlyList<BatchPrompt> prompts, ForwardOptions options)
    {
        CheckShared(options);
        foreach (var prompt in prompts)
            Check(prompt, options);
        CheckOwners(prompts.Select(prompt => prompt.Probe), "prompt", "probe");
        CheckOwners(prompts.Select(prompt => prompt.Cache), "prompt", "cache");
        RunGroups<BatchPrompt>(
            [.. prompts], options,
            (group, shown, own) => Walk(new PromptGroup(group, shown), own, MostLogitRows(options)));
    }

    /// <summary>Runs the model from the residual streams of several prompts, all from the same site, for the sake of
    /// their probes. Each probe is shown the activations of a <see cref="RunFrom"/> of its stream alone; on devices in
    /// host memory, the same bits.</summary>
    /// <remarks>Neighbours of few rows run together, as in <see cref="RunAll"/>; a stream of 256 rows or more runs
    /// alone.</remarks>
    /// <param name="start">The site of the streams, as for <see cref="RunFrom"/>.</param>
    /// <param name="streams">The streams.</param>
    /// <param name="options">How; without probe, mask and cache, which belong to one stream.</param>
    /// <exception cref="ArgumentException">A stream does not fit, two streams have the same probe or cache, the options
    /// have a probe, a mask or a cache, or the run is to stop before it starts.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A site, position or count is not there.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void RunAllFrom(Site start, IReadOnlyList<BatchStream> streams, ForwardOptions options)
    {
        CheckShared(options);
        foreach (var stream in streams)
            Check(start, stream, options);
        CheckOwners(streams.Select(stream => stream.Probe), "stream", "probe");
        CheckOwners(streams.Select(stream => stream.Cache), "stream", "cache");
        RunGroups<BatchStream>(
            [.. streams], options,
            (group, shown, own) => WalkFrom(start, group, shown, own, MostLogitRows(options)));
    }

    /// <summary>Computes the logits from a residual stream; the layers before it are not computed.</summary>
    /// <inheritdoc cref="RunFrom"/>
    /// <returns>The logits, <c>[rows, vocabulary]</c>, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The stream, the mask or the cache does not fit, or the run stops before the
    /// logits.</exception>
    public Tensor ForwardFrom(Site start, Tensor stream, ForwardOptions? options = null, int branches = 1)
    {
        options ??= new();
        CheckLogits(options);
        return StartFrom(start, stream, options, branches)!;
    }

    /// <summary>Runs the model from a residual stream for the sake of its probe; the layers before it are not
    /// computed.</summary>
    /// <param name="start">The stream's site: <see cref="Activation.ResidualBefore"/>,
    /// <see cref="Activation.ResidualMiddle"/> or <see cref="Activation.ResidualAfter"/> of a layer. It is the first
    /// site that the probe is shown.</param>
    /// <param name="stream">The stream, <c>[positions · branches, width]</c>; it is not changed.</param>
    /// <param name="options">How. A cache is read, but not extended: the layers before <paramref name="start"/> have
    /// nothing to add to it. A run of one branch writes its keys and values behind the counted ones
    /// (<see cref="KeyValueCache.Restore"/>).</param>
    /// <param name="branches">How many continuations of the same cached positions are run at once, at least 1. They do
    /// not see each other. The rows of one position, one for each branch, lie together in <paramref name="stream"/> and
    /// in every activation; a pattern is <c>[branch · head, position, key]</c>.</param>
    /// <exception cref="ArgumentException">The stream, the mask or the cache does not fit, or the run is to stop before
    /// it starts.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A site or count is not there.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void RunFrom(Site start, Tensor stream, ForwardOptions options, int branches = 1) =>
        StartFrom(start, stream, options, branches)?.Dispose();

    /// <summary>Frees the weights on the device.</summary>
    public void Dispose()
    {
        disposed = true;
        rotary.Dispose();
        Weights.Free();
    }

    /// <summary>Runs the model over tokens and yields the activations that are wanted, as they are made.</summary>
    /// <remarks>An activation is valid until the next one is asked for; the logits are the caller's.</remarks>
    /// <param name="ids">The tokens.</param>
    /// <param name="options">How.</param>
    /// <param name="wants">Tells which activations are wanted; null for none.</param>
    /// <exception cref="ArgumentException">As for <see cref="Run"/>; thrown at once.</exception>
    internal IEnumerable<Made> Walk(ReadOnlySpan<int> ids, ForwardOptions options, Func<Site, bool>? wants)
    {
        var prompt = new BatchPrompt([.. ids])
        {
            Probe = options.Probe,
            AttentionMask = options.AttentionMask,
            Cache = options.Cache,
        };
        Check(prompt, options);
        return Walk(new PromptGroup([prompt], new(Config.LayerCount, options, wants)), options);
    }

    IEnumerable<Made> Walk(PromptGroup group, ForwardOptions options, int mostLogitRows = int.MaxValue)
    {
        int[] ids = [.. group.Prompts.SelectMany(prompt => prompt.Ids)];
        foreach (var prompt in group.Prompts)
            prompt.Cache?.Reserve(prompt.Cache.Count + prompt.Ids.Length);
        ImmutableArray<SequencePrompt> parts =
            [.. group.Prompts.Select(prompt => Begin(prompt, options))];
        using var sequence = new Sequence(Config, Device, rotary, parts);
        var pass = new ForwardPass(Config, Weights, Device, sequence, group.Shown, mostLogitRows);
        foreach (var made in Watch(pass.Run(ids), group.Shown, 0, ids.Length, options))
            yield return made;
        foreach (var (prompt, part) in group.Prompts.Zip(parts))
        {
            prompt.Cache?.NoteWritten(prompt.Ids.Length);
            if (ReachesEnd(options, part))
                prompt.Cache?.Advance(prompt.Ids.Length);
        }
    }

    IEnumerable<Made> WalkFrom(
        Site start,
        ImmutableArray<BatchStream> streams,
        ShownSites shown,
        ForwardOptions options,
        int mostLogitRows = int.MaxValue)
    {
        // Branches have memory of their own.
        foreach (var stream in streams)
            if (stream.Branches == 1)
                stream.Cache?.Reserve(stream.Cache.Count + stream.PositionCount);
        ImmutableArray<SequencePrompt> parts =
            [.. streams.Select(stream => Begin(stream, options))];
        using var sequence = new Sequence(Config, Device, rotary, parts);
        foreach (var (stream, rows) in streams.Zip(sequence.Prompts))
            Device.Copy(stream.Stream, sequence.Residual.Slice(rows.First, rows.Count));
        var pass = new ForwardPass(Config, Weights, Device, sequence, shown, mostLogitRows);
        var first = start.Activation == Activation.ResidualAfter ? start.Layer + 1 : start.Layer;
        foreach (var made in Watch(pass.RunFrom(start), shown, first, sequence.RowCount, options))
            yield return made;
        foreach (var stream in streams)
            if (stream.Branches == 1)
                stream.Cache?.NoteWritten(stream.PositionCount);
    }

    // Runs neighbours together that are few and look at the same activations.
    void RunGroups<TPart>(
        ImmutableArray<TPart> parts,
        ForwardOptions options,
        Func<ImmutableArray<TPart>, ShownSites, ForwardOptions, IEnumerable<Made>> walk)
        where TPart : BatchPart
    {
        ImmutableArray<int> rows = [.. parts.Select(part => part.PositionCount * part.RowsOfPosition)];
        ImmutableArray<IProbe?> probes = [.. parts.Select(part => part.Probe)];
        ImmutableArray<ShownSites> shown = [.. probes.Select(probe => ShownTo(probe, options))];
        var progress = new BatchProgress(options.Progress, rows.Sum(count => (long)count));
        foreach (var places in PromptGroups.Of(rows, (one, next) => shown[one].IsLike(shown[next])))
        {
            var own = options with { Progress = progress.Next(rows[places].Sum(count => (long)count)) };
            LogitsOf(walk(parts[places], shown[places.Start], own), probes[places])?.Dispose();
        }
    }

    static int MostLogitRows(ForwardOptions options) =>
        options.ProbeTakesBlocks || options.ProbeTakesLogitBlocks ? LogitBlockRows : int.MaxValue;

    Tensor? Start(ReadOnlySpan<int> ids, ForwardOptions options) =>
        LogitsOf(Walk(ids, options, WantsOf(options.Probe)), [options.Probe]);

    Tensor? StartFrom(Site start, Tensor stream, ForwardOptions options, int branches)
    {
        var only = new BatchStream(stream)
        {
            Branches = branches,
            Probe = options.Probe,
            AttentionMask = options.AttentionMask,
            Cache = options.Cache,
        };
        Check(start, only, options);
        return LogitsOf(WalkFrom(start, [only], ShownTo(options.Probe, options), options), [options.Probe]);
    }

    // The logits, which are the last site, are the caller's from the moment they are there.
    Tensor? LogitsOf(IEnumerable<Made> run, ImmutableArray<IProbe?> probes)
    {
        Tensor? logits = null;
        try
        {
            foreach (var made in run)
            {
                logits = made.Site == Site.Logits ? made.Activation : null;
                if (made.IsWanted)
                    foreach (var (prompt, activation) in made.Split())
                        probes[prompt]?.Show(made.Site, activation, Device);
                if (made.IsLast)
                    continue;
                logits?.Dispose();
                logits = null;
            }

            return logits;
        }
        catch
        {
            logits?.Dispose();
            throw;
        }
    }

    // Tells the probe of a prompt that it runs.
    SequencePrompt Begin(BatchPart prompt, ForwardOptions options)
    {
        // Mapped weights would be read where nothing is mapped any more.
        ObjectDisposedException.ThrowIf(disposed, this);
        var (positions, branches) = (prompt.PositionCount, prompt.RowsOfPosition);
        var count = Math.Min(options.LogitCount, positions);
        var part = new SequencePrompt(
            positions,
            prompt.AttentionMask is { } mask && mask.Contains(0) ? mask.Items : [],
            prompt.LogitPositions ?? [.. Enumerable.Range(positions - count, count)],
            branches, prompt.Cache);
        // A model without an unembedding is refused before anything is computed.
        if (options.StopAfter == Site.Logits && !part.Asked.IsEmpty)
            _ = Weights.Unembedding;
        var past = part.Past;
        prompt.Probe?.Begin(past, positions);
        prompt.Probe?.BeginBranches(branches);
        prompt.Probe?.BeginLogits([.. part.Asked.Select(position => past + position)]);
        return part;
    }

    ShownSites ShownTo(IProbe? probe, ForwardOptions options) =>
        new(Config.LayerCount, options, WantsOf(probe));

    static Func<Site, bool>? WantsOf(IProbe? probe) => probe is null ? null : probe.Wants;

    // Yields the wanted activations and the logits, and reports progress.
    IEnumerable<Made> Watch(
        IEnumerable<Made> pass, ShownSites shown, int firstLayer, int rows, ForwardOptions options)
    {
        var progress = new LayerProgress(options.Progress, firstLayer, LayersOf(options), rows);
        foreach (var made in pass)
        {
            var (site, activation) = (made.Site, made.Activation);
            if (options.Cancellation.IsCancellationRequested)
            {
                if (site == Site.Logits)
                    activation.Dispose();
                options.Cancellation.ThrowIfCancellationRequested();
            }

            progress.Note(site, activation);
            var isWanted = shown.Wants(site);
            if (isWanted || site == Site.Logits)
                yield return made with { IsWanted = isWanted };
            // A prompt of a batch may stand alone at a site, one after the other.
            if (site == options.StopAfter && made.IsLast)
                yield break;
        }
    }

    // Without logits the last site is the stream after the last layer.
    static bool ReachesEnd(ForwardOptions options, SequencePrompt prompt) =>
        options.StopAfter == Site.Logits || (prompt.Asked.IsEmpty && options.StopAfter == Site.FinalNorm);

    // The number of layers that a run enters.
    int LayersOf(ForwardOptions options) =>
        options.StopAfter.IsInLayer ? options.StopAfter.Layer + 1 : Config.LayerCount;

    static void CheckLogits(ForwardOptions options)
    {
        if (options.StopAfter != Site.Logits)
            throw Unfit($"The run stops after {options.StopAfter}, expected {Site.Logits}: call Run to stop earlier.");
        if (options.LogitCount == 0)
            throw Unfit($"LogitCount is 0, expected 1 or more: call Run for a run without logits.");
    }

    static void CheckShared(ForwardOptions options)
    {
        if (options is not { Probe: null, AttentionMask: null, Cache: null })
            throw Unfit($"The options of a batch have a probe, a mask or a cache: these belong to its prompts.");
    }

    static void CheckOwners(IEnumerable<object?> things, string owner, string what)
    {
        var owners = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        foreach (var (index, thing) in things.Index())
            if (thing is not null && !owners.TryAdd(thing, index))
                throw new ArgumentException(
                    FormattableString.Invariant($"The {owner}s at {owners[thing]} and {index} have the same {what}, ")
                    + $"expected one for each {owner}.");
    }

    void Check(Site start, BatchStream stream, ForwardOptions options)
    {
        CheckStart(start, stream.Stream, options, stream.Branches);
        Check(stream.PositionCount, options, stream.AttentionMask, stream.Cache);
        Check(stream.LogitPositions, stream.PositionCount);
    }

    void CheckStart(Site start, Tensor stream, ForwardOptions options, int branches)
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
    }

    void Check(BatchPrompt prompt, ForwardOptions options)
    {
        var ids = prompt.Ids;
        if (ids.IsEmpty)
            throw new ArgumentException("The prompt is empty: at least one token is needed.");
        foreach (var id in ids)
            if ((uint)id >= (uint)Config.VocabularySize)
                throw OutOfRange(
                    nameof(ids), $"Token {id} is not in the model's vocabulary of {Config.VocabularySize}.");
        Check(ids.Length, options, prompt.AttentionMask, prompt.Cache);
        Check(prompt.LogitPositions, ids.Length);
    }

    static void Check(ValueArray<int>? logitPositions, int count)
    {
        var least = 0;
        foreach (var position in logitPositions ?? [])
        {
            if (position < least || position >= count)
                throw OutOfRange(
                    nameof(BatchPrompt.LogitPositions),
                    $"LogitPositions has {position}, expected {least} to {count - 1}, each above the last.");
            least = position + 1;
        }
    }

    void Check(int count, ForwardOptions options, ImmutableArray<int>? attentionMask, KeyValueCache? cache)
    {
        if ((long)count * Config.HeadSize > Array.MaxLength)
            throw Unfit($"A prompt of {count} tokens is too long for heads of {Config.HeadSize} numbers.");
        options.StopAfter.Check(Config.LayerCount);
        if (options.LogitCount < 0)
            throw OutOfRange(nameof(options), $"LogitCount is {options.LogitCount}, expected 0 or more.");
        var keys = (cache?.Count ?? 0) + count;
        if (attentionMask is not { } mask)
            return;
        if (mask.Length != keys)
            throw Unfit($"The attention mask has {mask.Length} entries, expected {keys}, one per token.");
        foreach (var entry in mask)
            if (entry is not (0 or 1))
                throw Unfit($"The attention mask has an entry {entry}, expected 0 for padding or 1 for a token.");
    }

    static ArgumentException Unfit(FormattableString message) => new(FormattableString.Invariant(message));

    static ArgumentOutOfRangeException OutOfRange(string parameter, FormattableString message) =>
        new(parameter, FormattableString.Invariant(message));

    /// <summary>Tells how far a run has come.</summary>
    struct LayerProgress(IProgress<double>? listener, int first, int layers, int rows)
    {
        long done = (long)first * rows;

        /// <summary>Notes that the run came to a site.</summary>
        public void Note(Site site, Tensor activation)
        {
            var before = done;
            // Shown once for each block of positions, near the end of its layer.
            if (site.Activation == Activation.MlpNeurons)
                done = long.Min(done + activation.Shape[0], (site.Layer + 1L) * rows);
            // Not every row is computed in the last layer.
            else if (site.Activation == Activation.ResidualAfter)
                done = (site.Layer + 1L) * rows;
            if (done != before)
                listener?.Report((double)(done - ((long)first * rows)) / ((long)(layers - first) * rows));
        }
    }
}
