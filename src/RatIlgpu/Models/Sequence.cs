using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The tensors of one run: the residual stream, the rotary angles, the keys and values, and the scratch memory
/// of a block of positions.</summary>
/// <remarks>A run may have several prompts, whose rows lie one prompt after the other, or several branches:
/// continuations of the same cached positions, of the same length, that do not see each other. The rows of one
/// position, one for each branch, lie together.</remarks>
sealed class Sequence : IDisposable
{
    readonly Qwen2Config config;
    readonly Device device;
    readonly ImmutableArray<SequencePrompt> prompts;
    readonly ImmutableArray<int> starts;
    readonly RotaryTable rotary;
    readonly KeyValueCache? cache;
    readonly (Tensor Key, Tensor Value) ownMemory;
    readonly ImmutableArray<Tensor?> keyMasks;
    readonly List<Tensor> allocated = [];
    readonly int[] asked;
    readonly int branches;
    Tensor? angles, askedStream;
    bool askedIsPicked;
    Workspace? workspace, askedWorkspace;
    int filledLayer = -1;

    /// <summary>Allocates the tensors of a run. A run of one branch adds its keys and values to the cache.</summary>
    /// <exception cref="ArgumentException">A run of several prompts has branches or a cache.</exception>
    public Sequence(
        Qwen2Config config,
        Device device,
        RotaryTable rotary,
        ImmutableArray<SequencePrompt> prompts,
        int branches,
        KeyValueCache? cache)
    {
        if (prompts.Length > 1 && (branches > 1 || cache is not null))
            throw new ArgumentException(
                $"A run of {prompts.Length} prompts has {branches} branches and {(cache is null ? "no" : "a")} cache, "
                + "expected 1 branch and no cache, or one prompt.");
        (this.config, this.device, this.prompts, this.cache) = (config, device, prompts, cache);
        (this.rotary, this.branches) = (rotary, branches);
        (Count, Past) = (prompts.Sum(prompt => prompt.Count), cache?.Count ?? 0);
        starts = [.. prompts.Select((_, index) => prompts.Take(index).Sum(prompt => prompt.Count))];
        asked = [.. prompts.SelectMany((prompt, index) => prompt.Asked.Select(position => starts[index] + position))];
        var window = Enumerable.Range(0, config.LayerCount).Min(config.WindowOf);
        HasBlindQuery = prompts.Any(prompt => IsBlind(prompt.Mask.AsSpan(), Past, window));
        try
        {
            Residual = Allocate(new(checked(Count * branches), config.HiddenSize));
            if (OwnsMemory)
                ownMemory = (Allocate(KeyShape(Past + Count)), Allocate(KeyShape(Past + Count)));
            keyMasks = [.. prompts.Select(prompt => MaskOf(prompt.Mask))];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Gets the number of positions that the run computes.</summary>
    public int Count { get; }

    /// <summary>Gets the number of earlier positions, which lie in the cache.</summary>
    public int Past { get; }

    /// <summary>Gets the number of prompts.</summary>
    public int PromptCount => prompts.Length;

    /// <summary>Gets the residual stream, <c>[count · branches, width]</c>.</summary>
    public Tensor Residual { get; }

    /// <summary>Gets whether a padded query of the run may see no key at all.</summary>
    public bool HasBlindQuery { get; }

    /// <summary>Gets whether logits are asked for at every position.</summary>
    public bool AsksAll => asked.Length == Count;

    /// <summary>Gets whether no logits are asked for.</summary>
    public bool AsksNone => asked.Length == 0;

    /// <summary>Gets the rows of each prompt in the residual stream.</summary>
    public ImmutableArray<PromptRows> Prompts =>
    [
        .. prompts.Select(
            (prompt, index) => new PromptRows(index, starts[index] * branches, prompt.Count * branches)),
    ];

    /// <summary>Returns which of some rows of <see cref="AskedStream"/> belong to which prompt, counted from the first
    /// of these rows.</summary>
    public ImmutableArray<PromptRows> AskedPrompts(int start, int count)
    {
        var rows = ImmutableArray.CreateBuilder<PromptRows>();
        var first = 0;
        foreach (var (index, prompt) in prompts.Index())
        {
            var end = first + prompt.Asked.Length * branches;
            var (from, to) = (Math.Max(first, start), Math.Min(end, start + count));
            if (from < to)
                rows.Add(new(index, from - start, to - from));
            first = end;
        }

        return rows.ToImmutable();
    }

    /// <summary>Returns the residual stream at the positions whose logits are asked for, <c>[asked · branches,
    /// width]</c>.</summary>
    public Tensor AskedStream()
    {
        if (AsksAll)
            return Residual;
        if (AsksNeighbours)
            return Residual.Slice(asked[0] * branches, asked.Length * branches);
        if (!askedIsPicked)
            device.Gather(Residual, RowsOf(asked), AskedMemory());
        return AskedMemory();
    }

    /// <summary>Returns the tensors with which a layer computes consecutive positions. Of several prompts, all
    /// positions are computed at once.</summary>
    public Block Block(int layer, int start, int positions)
    {
        var rows = positions * branches;
        workspace = Workspace.Fit(workspace, rows, config, device);
        angles ??= Angles();
        ImmutableArray<PromptSpan> spans = prompts.Length == 1
            ? [new(0, 0, positions, Past + start + positions)]
            : [.. prompts.Select((prompt, index) => new PromptSpan(index, starts[index], prompt.Count, prompt.Count))];
        return new Block(
            layer, start, Residual.Slice(start * branches, rows), workspace.Normed.Slice(0, rows),
            angles.Slice(start * branches, rows), workspace, FirstRow: 0, spans, branches);
    }

    /// <summary>Returns the tensors of those positions of a block whose logits are asked for, with the rows of the
    /// stream at these positions; null if there are none. The last layer computes the rest of the block at these
    /// positions alone.</summary>
    public Block? PickAsked(Block block)
    {
        var end = block.Start + block.Rows / branches;
        var first = LowerBound(block.Start);
        var positions = asked[first..LowerBound(end)];
        if (positions.Length == 0)
            return null;
        var (rows, spans) = (positions.Length * branches, SpansOf(positions));
        if (AsksNeighbours)
            return block.Part((positions[0] - block.Start) * branches, rows, spans);
        askedWorkspace = Workspace.Fit(askedWorkspace, rows, config, device);
        var picked = new Block(
            block.Layer, block.Start, AskedMemory().Slice(first * branches, rows),
            askedWorkspace.Normed.Slice(0, rows), askedWorkspace.Angles.Slice(0, rows), askedWorkspace, FirstRow: 0,
            spans, branches);
        askedIsPicked = true;
        Pick(block, picked, block.X, picked.X);
        return picked;

        int LowerBound(int position) => Array.BinarySearch(asked, position) is var at && at < 0 ? ~at : at;
    }

    /// <summary>Copies the rows of picked positions from an activation of their block; a part of the block has them
    /// already.</summary>
    public void Pick(Block block, Block picked, Tensor from, Tensor to)
    {
        if (picked.Scratch == block.Scratch)
            return;
        var positions = picked.Spans.SelectMany(span => Enumerable.Range(
            starts[span.Prompt] + span.End - Past - span.Positions - block.Start, span.Positions));
        device.Gather(Flat(from), RowsOf([.. positions]), Flat(to));

        static Tensor Flat(Tensor rows) =>
            rows.Shape.Rank == 2 ? rows : rows.Reshape(rows.Shape[0], rows.Shape[1] * rows.Shape[2]);
    }

    /// <summary>Returns the memory for the keys and values of a block, <c>[B, keyHeads, headSize]</c> each.</summary>
    public (Tensor Key, Tensor Value) KeysOf(Block block)
    {
        var (keys, values) = Memory(block.Layer);
        return (Rows(keys), Rows(values));

        Tensor Rows(Tensor memory) => memory.Slice(Past + block.Start, block.Rows / branches)
            .Reshape(block.Rows, config.KeyValueHeadCount, config.HeadSize);
    }

    /// <summary>Returns the keys and values of a prompt up to the end of a span, <c>[S, keyHeads of all branches,
    /// headSize]</c> each.</summary>
    public (Tensor Keys, Tensor Values) SeenBy(PromptSpan span, int layer)
    {
        var (keys, values) = Memory(layer);
        return (keys.Slice(starts[span.Prompt], span.End), values.Slice(starts[span.Prompt], span.End));
    }

    /// <summary>Returns the keys that the queries of a span may see.</summary>
    public Visibility VisibilityOf(PromptSpan span, int layer) =>
        new(config.WindowOf(layer), keyMasks[span.Prompt]?.Slice(0, span.End));

    public void Dispose()
    {
        foreach (var tensor in allocated)
            tensor.Dispose();
        workspace?.Dispose();
        askedWorkspace?.Dispose();
    }

    // Neighbours are computed where they lie.
    bool AsksNeighbours => asked[^1] - asked[0] == asked.Length - 1;

    // Branches read the same cache and must not write to it.
    bool OwnsMemory => cache is null || branches > 1;

    Tensor AskedMemory() => askedStream ??= Allocate(new(asked.Length * branches, config.HiddenSize));

    Tensor Allocate(Shape shape)
    {
        var tensor = device.Allocate(shape);
        allocated.Add(tensor);
        return tensor;
    }

    int[] RowsOf(int[] positions) =>
        [.. positions.SelectMany(position => Enumerable.Range(position * branches, branches))];

    int[] Repeated(IEnumerable<int> positions) =>
        [.. positions.SelectMany(position => Enumerable.Repeat(position, branches))];

    // Neighbours of one prompt make one span.
    ImmutableArray<PromptSpan> SpansOf(int[] positions)
    {
        var spans = ImmutableArray.CreateBuilder<PromptSpan>();
        var prompt = 0;
        for (var i = 0; i < positions.Length; i++)
        {
            while (positions[i] >= starts[prompt] + prompts[prompt].Count)
                prompt++;
            var end = Past + positions[i] - starts[prompt] + 1;
            if (spans.Count > 0 && spans[^1].Prompt == prompt && spans[^1].End == end - 1)
                spans[^1] = spans[^1] with { Positions = spans[^1].Positions + 1, End = end };
            else
                spans.Add(new(prompt, i * branches, 1, end));
        }

        return spans.ToImmutable();
    }

    (Tensor Key, Tensor Value) Memory(int layer)
    {
        if (!OwnsMemory)
            return cache!.Layer(layer);
        if (cache is null || filledLayer == layer || Past == 0)
            return ownMemory;

        // Every branch has its own copy of the cached positions.
        var (key, value) = cache.Layer(layer);
        var rows = Repeated(Enumerable.Range(0, Past));
        foreach (var (from, to) in (ReadOnlySpan<(Tensor, Tensor)>)[(key, ownMemory.Key), (value, ownMemory.Value)])
        {
            var width = config.KeyValueHeadCount * config.HeadSize;
            device.Gather(
                from.Slice(0, Past).Reshape(Past, width), rows, to.Slice(0, Past).Reshape(Past * branches, width));
        }

        filledLayer = layer;
        return ownMemory;
    }

    // One prompt has the angles of neighbours in the table.
    Tensor Angles()
    {
        var table = rotary.UpTo(Past + prompts.Max(prompt => prompt.Count));
        if (prompts.Length == 1 && branches == 1)
            return table.Slice(Past, Count);
        var rows = Allocate(new(Count * branches, config.HeadSize));
        device.Gather(table, Repeated(prompts.SelectMany(prompt => Enumerable.Range(Past, prompt.Count))), rows);
        return rows;
    }

    Tensor? MaskOf(ImmutableArray<int> mask)
    {
        if (!mask.Contains(0))
            return null;
        var keyMask = Allocate(new(mask.Length));
        device.Upload([.. mask.Select(entry => (float)entry)], keyMask);
        return keyMask;
    }

    // True if a padded query sees no key: all keys up to it, or in its window, are padding.
    static bool IsBlind(ReadOnlySpan<int> mask, int past, int window)
    {
        var hidden = 0;
        for (var position = 0; position < mask.Length; position++)
        {
            hidden = mask[position] == 0 ? hidden + 1 : 0;
            if (position >= past && (hidden > position || hidden >= window))
                return true;
        }

        return false;
    }

    Shape KeyShape(int count) => new(count, branches * config.KeyValueHeadCount, config.HeadSize);
}

/// <summary>One prompt of a run.</summary>
/// <param name="Count">The number of positions to compute.</param>
/// <param name="Mask">1 for a token, 0 for padding, one entry per key; empty for no padding.</param>
/// <param name="Asked">The positions whose logits are asked for, ascending, from 0 at the first computed one.</param>
sealed record SequencePrompt(int Count, ImmutableArray<int> Mask, ImmutableArray<int> Asked);
