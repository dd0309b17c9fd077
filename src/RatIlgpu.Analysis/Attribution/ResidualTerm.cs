namespace RatIlgpu.Analysis;

/// <summary>A part of the residual stream, or a state of it. Its text is its label.</summary>
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

    /// <summary>The output of the attention of a layer: <c>3_attn_out</c>.</summary>
    /// <param name="Layer">The layer.</param>
    public sealed record Attention(int Layer) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Text($"{Layer}_attn_out");
    }

    /// <summary>The output of the MLP of a layer: <c>3_mlp_out</c>.</summary>
    /// <param name="Layer">The layer.</param>
    public sealed record Mlp(int Layer) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Text($"{Layer}_mlp_out");
    }

    /// <summary>The output of a head: <c>L3H7</c>.</summary>
    /// <param name="Index">The head.</param>
    public sealed record Head(HeadIndex Index) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Index.ToString();
    }

    /// <summary>The part of a head's output that comes from one position: <c>L3H7 &lt;- 5</c>.</summary>
    /// <param name="Index">The head.</param>
    /// <param name="Source">The position attended to, from 0.</param>
    public sealed record HeadSource(HeadIndex Index, int Source) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Text($"{Index} <- {Source}");
    }

    /// <summary>The output of a neuron: <c>L3N17</c>.</summary>
    /// <param name="Layer">The layer.</param>
    /// <param name="Index">The neuron in its layer.</param>
    public sealed record Neuron(int Layer, int Index) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Text($"L{Layer}N{Index}");
    }

    /// <summary>The part of the outputs of a layer's heads that comes from their value biases:
    /// <c>3_value_bias</c>.</summary>
    /// <param name="Layer">The layer.</param>
    public sealed record ValueBias(int Layer) : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => Text($"{Layer}_value_bias");
    }

    /// <summary>The bias of a query or key, which is added to what the stream gives: <c>bias</c>.</summary>
    public sealed record Bias : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => "bias";
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

    /// <summary>Everything that the rows before it leave out, computed from its own activations:
    /// <c>remainder</c>.</summary>
    public sealed record Remainder : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => "remainder";
    }

    /// <summary>The difference between the measured logit and the sum of the rows: the rounding of the stream, and in a
    /// run with interventions their change between a row and the stream. <c>rounding</c>.</summary>
    public sealed record Rounding : ResidualTerm
    {
        /// <inheritdoc/>
        public override string Label => "rounding";
    }

    static string Text(FormattableString label) => FormattableString.Invariant(label);
}
