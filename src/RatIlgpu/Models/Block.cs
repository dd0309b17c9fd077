using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>The tensors of one layer and a block of positions: B rows, one for each position and branch.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Start">The first position of the block, or of the block from which the positions are picked; counted
/// over all prompts.</param>
/// <param name="X">The residual stream, <c>[B, width]</c>.</param>
/// <param name="Normed">Scratch memory for a normed stream or the output of a sublayer, <c>[B, width]</c>.</param>
/// <param name="Angles">The rotary angles, <c>[B, headSize]</c>.</param>
/// <param name="Scratch">Memory for intermediate activations.</param>
/// <param name="FirstRow">The place of the first row in that memory.</param>
/// <param name="Spans">The positions of the block: consecutive positions of one prompt each.</param>
sealed record Block(
    int Layer,
    int Start,
    Tensor X,
    Tensor Normed,
    Tensor Angles,
    Workspace Scratch,
    int FirstRow,
    ImmutableArray<PromptSpan> Spans)
{
    /// <summary>Gets the number of rows.</summary>
    public int Rows => X.Shape[0];

    /// <summary>Gets memory for the queries, <c>[B, heads, headSize]</c>.</summary>
    public Tensor Query => Fit(Scratch.Query);

    /// <summary>Gets memory for the outputs of the heads, <c>[B, heads, headSize]</c>.</summary>
    public Tensor HeadOutput => Fit(Scratch.HeadOutput);

    /// <summary>Gets memory for the gate of the MLP, <c>[B, inner]</c>.</summary>
    public Tensor Gate => Fit(Scratch.Gate);

    /// <summary>Gets scratch memory for the factor that the gate multiplies, <c>[B, inner]</c>.</summary>
    public Tensor Up => Fit(Scratch.Up);

    /// <summary>Gets which rows belong to which prompt.</summary>
    public ImmutableArray<PromptRows> Prompts { get; } =
        [.. Spans.Select(span => new PromptRows(span.Prompt, span.FirstRow, span.Rows))];

    /// <summary>Returns the rows of a span in the shape for attention, where the branches of a position are further
    /// heads of it: a head reads only the keys of its own branch.</summary>
    /// <param name="rows"><c>[B, heads, headSize]</c>.</param>
    /// <param name="span">A span of the block.</param>
    /// <returns><c>[positions, heads of all branches, headSize]</c>.</returns>
    public Tensor HeadsOf(Tensor rows, PromptSpan span) =>
        rows.Slice(span.FirstRow, span.Rows)
            .Reshape(span.Positions, span.Branches * rows.Shape[1], rows.Shape[2]);

    /// <summary>Returns the block of some of the rows, which lie where they are in this one.</summary>
    public Block Part(int firstRow, int rows, ImmutableArray<PromptSpan> spans) => new(
        Layer, Start, X.Slice(firstRow, rows), Normed.Slice(firstRow, rows), Angles.Slice(firstRow, rows), Scratch,
        FirstRow + firstRow, spans);

    Tensor Fit(Tensor memory) => memory.Slice(FirstRow, Rows);
}

/// <summary>Consecutive positions of one prompt in a block.</summary>
/// <param name="Prompt">The prompt, from 0.</param>
/// <param name="FirstRow">The row of the first position in the block.</param>
/// <param name="Positions">The number of positions.</param>
/// <param name="End">The number of keys of the prompt up to the last of the positions.</param>
/// <param name="Branches">The rows of a position.</param>
sealed record PromptSpan(int Prompt, int FirstRow, int Positions, int End, int Branches)
{
    /// <summary>Gets the number of rows.</summary>
    public int Rows => Positions * Branches;
}

/// <summary>The rows of an activation that belong to one prompt.</summary>
/// <param name="Prompt">The prompt, from 0.</param>
/// <param name="First">The first row.</param>
/// <param name="Count">The number of rows.</param>
sealed record PromptRows(int Prompt, int First, int Count);

/// <summary>The scratch memory of a block of positions, which the next block uses again.</summary>
sealed class Workspace : IDisposable
{
    readonly Qwen2Config config;
    readonly Device device;
    readonly int rows;
    readonly Lazy<Tensor> normed, query, angles, headOutput, gate, up;
    Tensor? pattern, headKey, headValue;

    Workspace(int rows, Qwen2Config config, Device device)
    {
        (this.rows, this.config, this.device) = (rows, config, device);
        // A run that stops at the queries of a layer, perhaps of all positions, needs no memory for later activations.
        normed = new(() => device.Allocate(rows, config.HiddenSize));
        query = new(Heads);
        angles = new(() => device.Allocate(rows, config.HeadSize));
        headOutput = new(Heads);
        gate = new(Inner);
        up = new(Inner);
    }

    public Tensor Normed => normed.Value;

    public Tensor Query => query.Value;

    public Tensor Angles => angles.Value;

    public Tensor HeadOutput => headOutput.Value;

    public Tensor Gate => gate.Value;

    public Tensor Up => up.Value;

    /// <summary>Returns memory for the pattern of queries over keys, <c>[heads, queries, keys]</c>.</summary>
    public Tensor Pattern(int heads, int queries, int keys) => Reuse(ref pattern, heads, queries, keys);

    /// <summary>Returns memory for the keys repeated for each query head, <c>[keys, heads, headSize]</c>.</summary>
    public Tensor HeadKey(int keys, int heads) => Reuse(ref headKey, keys, heads, config.HeadSize);

    /// <summary>Returns memory for the values repeated for each query head, <c>[keys, heads, headSize]</c>.</summary>
    public Tensor HeadValue(int keys, int heads) => Reuse(ref headValue, keys, heads, config.HeadSize);

    /// <summary>Returns a workspace of at least so many rows: the current one if it is large enough, else a new one
    /// that replaces it.</summary>
    public static Workspace Fit(Workspace? current, int rows, Qwen2Config config, Device device)
    {
        if (current is not null && current.rows >= rows)
            return current;
        current?.Dispose();
        return new Workspace(rows, config, device);
    }

    public void Dispose()
    {
        pattern?.Dispose();
        headKey?.Dispose();
        headValue?.Dispose();
        foreach (var part in (ReadOnlySpan<Lazy<Tensor>>)[normed, query, angles, headOutput, gate, up])
            if (part.IsValueCreated)
                part.Value.Dispose();
    }

    // Kept for the next layer or prompt: to allocate memory of the size of a pattern takes longer than to fill it.
    Tensor Reuse(ref Tensor? memory, int first, int second, int third)
    {
        var shape = new Shape(first, second, third);
        if (memory?.Shape == shape)
            return memory;
        var isLarge = shape.Count > int.MaxValue;
        if (isLarge || memory is not { Shape.Rank: 1 } || memory.Shape.Count < shape.Count)
        {
            memory?.Dispose();
            memory = device.Allocate(isLarge ? shape : new Shape((int)shape.Count));
        }

        return isLarge ? memory : memory.Slice(0, (int)shape.Count).Reshape(first, second, third);
    }

    Tensor Heads() => device.Allocate(rows, config.HeadCount, config.HeadSize);

    Tensor Inner() => device.Allocate(rows, config.IntermediateSize);
}
