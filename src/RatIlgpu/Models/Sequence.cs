using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The tensors of one run: the residual stream, the rotary angles, the keys and values, and the scratch memory
/// of a block of positions.</summary>
/// <remarks>A run may have several prompts, whose rows lie one prompt after the other, and a prompt may have several
/// branches: continuations of the same cached positions, of the same length, that do not see each other. The rows of
/// one position, one for each branch, lie together.</remarks>
sealed class Sequence : IDisposable
{
    readonly Qwen2Config config;
    readonly Device device;
    readonly ImmutableArray<SequencePrompt> prompts;
    // The first position and the first row of each prompt.
    readonly ImmutableArray<int> starts, firstRows;
    readonly RotaryTable rotary;
    readonly (Tensor Key, Tensor Value) ownMemory;
    readonly ImmutableArray<Tensor?> keyMasks;
    readonly List<Tensor> allocated = [];
    readonly int[] asked;
    Tensor? angles, askedStream, seenKeys, seenValues;
    bool askedIsPicked;
    Workspace? workspace, askedWorkspace;
    int filledLayer = -1;

    /// <summary>Allocates the tensors of a run. A prompt of one branch adds its keys and values to its
    /// cache.</summary>
    public Sequence(Qwen2Config config, Device device, RotaryTable rotary, ImmutableArray<SequencePrompt> prompts)
    {
        (this.config, this.device, this.rotary, this.prompts) = (config, device, rotary, prompts);
        (starts, firstRows) = (Before(prompt => prompt.Count), Before(prompt => prompt.Rows));
        (Count, RowCount) = (prompts.Sum(prompt => prompt.Count), prompts.Sum(prompt => prompt.Rows));
        asked = [.. prompts.SelectMany((prompt, index) => prompt.Asked.Select(position => starts[index] + position))];
        var window = Enumerable.Range(0, config.LayerCount).Min(config.WindowOf);
        HasBlindQuery = prompts.Any(prompt => IsBlind(prompt.Mask.AsSpan(), prompt.Past, window));
        try
        {
            Residual = Allocate(new(RowCount, config.HiddenSize));
            if (OwnsMemory)
                ownMemory = (Allocate(OwnShape()), Allocate(OwnShape()));
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

    /// <summary>Gets the number of rows of the run, one for each position and branch.</summary>
    public int RowCount { get; }

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
            (prompt, index) => new PromptRows(index, firstRows[index], prompt.Rows)),
    ];

    /// <summary>Returns which of some rows of <see cref="AskedStream"/> belong to which prompt, counted from the first
    /// of these rows.</summary>
    public ImmutableArray<PromptRows> AskedPrompts(int start, int count)
    {
        var rows = ImmutableArray.CreateBuilder<PromptRows>();
        var first = 0;
        foreach (var (index, prompt) in prompts.Index())
        {
            var end = first + prompt.Asked.Length * prompt.Branches;
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
            return Residual.Slice(RowOf(asked[0]), AskedRows);
        if (!askedIsPicked)
            device.Gather(Residual, RowsOf(asked), AskedMemory());
        return AskedMemory();
    }

    /// <summary>Returns the tensors with which a layer computes consecutive positions. Of several prompts, all
    /// positions are computed at once.</summary>
    public Block Block(int layer, int start, int positions)
    {
        var first = RowOf(start);
        var rows = RowOf(start + positions) - first;
        workspace = Workspace.Fit(workspace, rows, config, device);
        angles ??= Angles();
        ImmutableArray<PromptSpan> spans = prompts.Length == 1
            ? [new(0, 0, positions, prompts[0].Past + start + positions, prompts[0].Branches)]
            :
            [
                .. prompts.Select((prompt, index) => new PromptSpan(
                    index, firstRows[index], prompt.Count, prompt.Past + prompt.Count, prompt.Branches)),
            ];
        return new Block(
            layer, start, Residual.Slice(first, rows), workspace.Normed.Slice(0, rows), angles.Slice(first, rows),
            workspace, FirstRow: 0, spans);
    }

    /// <summary>Returns the tensors of those positions of a block whose logits are asked for, with the rows of the
    /// stream at these positions; null if there are none. The last layer computes the rest of the block at these
    /// positions alone.</summary>
    public Block? PickAsked(Block block)
    {
        var end = block.Start + block.Spans.Sum(span => span.Positions);
        var first = LowerBound(block.Start);
        var positions = asked[first..LowerBound(end)];
        if (positions.Length == 0)
            return null;
        var spans = SpansOf(positions);
        var rows = spans.Sum(span => span.Rows);
        if (AsksNeighbours)
            return block.Part(RowOf(positions[0]) - RowOf(block.Start), rows, spans);
        askedWorkspace = Workspace.Fit(askedWorkspace, rows, config, device);
        var picked = new Block(
            // Several prompts are one block, whose first asked position is the first of all.
            block.Layer, block.Start, AskedMemory().Slice(first * prompts[0].Branches, rows),
            askedWorkspace.Normed.Slice(0, rows), askedWorkspace.Angles.Slice(0, rows), askedWorkspace, FirstRow: 0,
            spans);
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
            starts[span.Prompt] + span.End - prompts[span.Prompt].Past - span.Positions - block.Start,
            span.Positions));
        device.Gather(Flat(from), RowsOf([.. positions]), Flat(to));

        static Tensor Flat(Tensor rows) =>
            rows.Shape.Rank == 2 ? rows : rows.Reshape(rows.Shape[0], rows.Shape[1] * rows.Shape[2]);
    }

    /// <summary>Returns the memory for the keys and values of a block, <c>[B, keyHeads, headSize]</c> each.</summary>
    public (Tensor Key, Tensor Value) KeysOf(Block block)
    {
        if (prompts.Length > 1)
            return ownMemory;
        var (keys, values) = Memory(block.Layer);
        return (Rows(keys), Rows(values));

        Tensor Rows(Tensor memory) => memory.Slice(prompts[0].Past + block.Start, block.Spans[0].Positions)
            .Reshape(block.Rows, config.KeyValueHeadCount, config.HeadSize);
    }

    /// <summary>Returns the keys and values of a prompt up to the end of a span, <c>[S, keyHeads of all branches,
    /// headSize]</c> each; they are valid until those of another prompt are asked for.</summary>
    public (Tensor Keys, Tensor Values) SeenBy(PromptSpan span, int layer)
    {
        var prompt = prompts[span.Prompt];
        var (keys, values) = prompts.Length == 1
            ? Memory(layer)
            : (OwnRows(ownMemory.Key, span.Prompt), OwnRows(ownMemory.Value, span.Prompt));
        if (prompts.Length > 1 && prompt.Cache is { } cache)
        {
            var (cachedKeys, cachedValues) = cache.Layer(layer);
            keys = WithCached(prompt, cachedKeys, keys, ref seenKeys);
            values = WithCached(prompt, cachedValues, values, ref seenValues);
        }

        return (keys.Slice(0, span.End), values.Slice(0, span.End));
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

    int AskedRows => prompts.Sum(prompt => prompt.Asked.Length * prompt.Branches);

    // Branches read the same cache and must not write to it. Products of several prompts have one result.
    bool OwnsMemory => prompts is not [{ Cache: not null, Branches: 1 }];

    Tensor AskedMemory() => askedStream ??= Allocate(new(AskedRows, config.HiddenSize));

    ImmutableArray<int> Before(Func<SequencePrompt, int> count) =>
        [.. prompts.Select((_, index) => prompts.Take(index).Sum(count))];

    // The first row of a position; the number of rows behind the last one.
    int RowOf(int position)
    {
        if (position == Count)
            return RowCount;
        var prompt = starts.BinarySearch(position) is var at && at < 0 ? ~at - 1 : at;
        return firstRows[prompt] + (position - starts[prompt]) * prompts[prompt].Branches;
    }

    Tensor Allocate(Shape shape)
    {
        var tensor = device.Allocate(shape);
        allocated.Add(tensor);
        return tensor;
    }

    int[] RowsOf(int[] positions) =>
        [.. positions.SelectMany(position => Enumerable.Range(RowOf(position), RowOf(position + 1) - RowOf(position)))];

    static IEnumerable<int> Repeated(int first, int count, int branches) =>
        Enumerable.Range(first, count).SelectMany(position => Enumerable.Repeat(position, branches));

    // Neighbours of one prompt make one span.
    ImmutableArray<PromptSpan> SpansOf(int[] positions)
    {
        var spans = ImmutableArray.CreateBuilder<PromptSpan>();
        var (prompt, row) = (0, 0);
        for (var i = 0; i < positions.Length; i++)
        {
            while (positions[i] >= starts[prompt] + prompts[prompt].Count)
                prompt++;
            var branches = prompts[prompt].Branches;
            var end = prompts[prompt].Past + positions[i] - starts[prompt] + 1;
            if (spans.Count > 0 && spans[^1].Prompt == prompt && spans[^1].End == end - 1)
                spans[^1] = spans[^1] with { Positions = spans[^1].Positions + 1, End = end };
            else
                spans.Add(new(prompt, row, 1, end, branches));
            row += branches;
        }

        return spans.ToImmutable();
    }

    // The keys and values of the only prompt.
    (Tensor Key, Tensor Value) Memory(int layer)
    {
        var (past, cache, branches) = (prompts[0].Past, prompts[0].Cache, prompts[0].Branches);
        if (!OwnsMemory)
            return cache!.Layer(layer);
        if (cache is null || filledLayer == layer || past == 0)
            return ownMemory;
        var (key, value) = cache.Layer(layer);
        Repeat(key, past, branches, ownMemory.Key);
        Repeat(value, past, branches, ownMemory.Value);
        filledLayer = layer;
        return ownMemory;
    }

    // Every branch has its own copy of the cached positions.
    void Repeat(Tensor cached, int past, int branches, Tensor to)
    {
        var width = config.KeyValueHeadCount * config.HeadSize;
        device.Gather(
            cached.Slice(0, past).Reshape(past, width), [.. Repeated(0, past, branches)],
            to.Slice(0, past).Reshape(past * branches, width));
    }

    // Of one of several prompts, [positions, keyHeads of all branches, headSize].
    Tensor OwnRows(Tensor memory, int prompt) => KeysIn(
        memory.Slice(firstRows[prompt], prompts[prompt].Rows), prompts[prompt].Count, prompts[prompt].Branches);

    Tensor KeysIn(Tensor memory, int count, int branches) =>
        memory.Reshape(count, branches * config.KeyValueHeadCount, config.HeadSize);

    // A prompt of one branch adds its rows to its cache; branches are put together in memory of the sequence.
    Tensor WithCached(SequencePrompt prompt, Tensor cached, Tensor own, ref Tensor? memory)
    {
        var (past, end) = (prompt.Past, prompt.Past + prompt.Count);
        var all = cached;
        if (prompt.Branches > 1)
        {
            memory ??= Allocate(KeyShape(prompts.Max(one => (one.Past + one.Count) * one.Branches), 1));
            all = KeysIn(memory.Slice(0, end * prompt.Branches), end, prompt.Branches);
            if (past > 0)
                Repeat(cached, past, prompt.Branches, all);
        }

        device.Copy(own, all.Slice(past, prompt.Count));
        return all;
    }

    // One prompt has the angles of neighbours in the table.
    Tensor Angles()
    {
        var table = rotary.UpTo(prompts.Max(prompt => prompt.Past + prompt.Count));
        if (prompts is [{ Branches: 1 } only])
            return table.Slice(only.Past, Count);
        var rows = Allocate(new(RowCount, config.HeadSize));
        device.Gather(
            table, [.. prompts.SelectMany(prompt => Repeated(prompt.Past, prompt.Count, prompt.Branches))], rows);
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

    // Of one prompt with the cached positions; of several, the rows of the run.
    Shape OwnShape() => prompts.Length == 1
        ? KeyShape(prompts[0].Past + Count, prompts[0].Branches)
        : KeyShape(RowCount, 1);

    Shape KeyShape(int count, int branches) => new(count, branches * config.KeyValueHeadCount, config.HeadSize);
}

/// <summary>One prompt of a run.</summary>
/// <param name="Count">The number of positions to compute.</param>
/// <param name="Mask">1 for a token, 0 for padding, one entry per key; empty for no padding.</param>
/// <param name="Asked">The positions whose logits are asked for, ascending, from 0 at the first computed one.</param>
/// <param name="Branches">The rows of a position.</param>
/// <param name="Cache">The keys and values of earlier positions; null for none.</param>
sealed record SequencePrompt(
    int Count, ImmutableArray<int> Mask, ImmutableArray<int> Asked, int Branches, KeyValueCache? Cache)
{
    /// <summary>Gets the number of earlier positions, which lie in the cache.</summary>
    public int Past { get; } = Cache?.Count ?? 0;

    /// <summary>Gets the number of rows to compute.</summary>
    public int Rows { get; } = checked(Count * Branches);
}
