namespace RatIlgpu.Analysis;

/// <summary>A part of the residual stream, or a state of it; as text, its label.</summary>
public abstract record ResidualTerm
{
    ResidualTerm()
    {
    }

    /// <summary>Gets the label: <c>3_mlp_out</c>, <c>L3H7</c>.</summary>
    public abstract string Label { get; }

    /// <summary>Returns the label.</summary>
    public sealed override string ToString() => Label;

    /// <summary>The token embedding: <c>embed</c>.</summary>
    public sealed record Embedding : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => "embed";
    }

    /// <summary>What attention of a layer writes: <c>3_attn_out</c>.</summary>
    /// <param name="Layer">The layer.</param>
    public sealed record Attention(int Layer) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Text($"{Layer}_attn_out");
    }

    /// <summary>What the MLP of a layer writes: <c>3_mlp_out</c>.</summary>
    /// <param name="Layer">The layer.</param>
    public sealed record Mlp(int Layer) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Text($"{Layer}_mlp_out");
    }

    /// <summary>What a head writes: <c>L3H7</c>.</summary>
    /// <param name="Index">The head.</param>
    public sealed record Head(HeadIndex Index) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Index.ToString();
    }

    /// <summary>What a head writes of what it read at one position: <c>L3H7 &lt;- 5</c>.</summary>
    /// <param name="Index">The head.</param>
    /// <param name="Source">The position attended to, from 0.</param>
    public sealed record HeadSource(HeadIndex Index, int Source) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Text($"{Index} <- {Source}");
    }

    /// <summary>What a neuron writes: <c>L3N17</c>.</summary>
    /// <param name="Layer">The layer.</param>
    /// <param name="Index">The neuron in its layer.</param>
    public sealed record Neuron(int Layer, int Index) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Text($"L{Layer}N{Index}");
    }

    /// <summary>What the heads of a layer write of the biases of their values: <c>3_value_bias</c>.</summary>
    /// <param name="Layer">The layer.</param>
    public sealed record ValueBias(int Layer) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Text($"{Layer}_value_bias");
    }

    /// <summary>The stream before a layer: <c>3_pre</c>.</summary>
    /// <param name="Layer">The layer.</param>
    public sealed record StreamBefore(int Layer) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Text($"{Layer}_pre");
    }

    /// <summary>The stream between attention and MLP of a layer: <c>3_mid</c>.</summary>
    /// <param name="Layer">The layer.</param>
    public sealed record StreamMiddle(int Layer) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Text($"{Layer}_mid");
    }

    /// <summary>The stream after the last layer: <c>final_post</c>.</summary>
    public sealed record FinalStream : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => "final_post";
    }

    /// <summary>What the rows before it leave out, from its own activations: <c>remainder</c>.</summary>
    public sealed record Remainder : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => "remainder";
    }

    /// <summary>What no row tells: the rounding of the stream, and in a run with interventions what they changed
    /// between a row and the stream: <c>rounding</c>.</summary>
    public sealed record Rounding : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => "rounding";
    }

    static string Text(FormattableString label) => FormattableString.Invariant(label);
}
