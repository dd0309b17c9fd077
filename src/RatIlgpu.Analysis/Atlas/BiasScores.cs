namespace RatIlgpu.Analysis;

/// <summary>The scores that the biases of queries and keys alone give, by distance: what of a head's looking back is
/// built in, whatever the tokens.</summary>
/// <remarks>Rotation makes a term of biases depend on the distance δ: <c>f(δ) = ⟨R_δ b_q, b_k⟩ / √d</c>, with the
/// scaling of rotary embeddings where the model has one.</remarks>
static class BiasScores
{
    /// <summary>Returns the scores before softmax at each distance from 0; none where the model has no biases, or norms
    /// what biases are added to.</summary>
    /// <param name="model">The model.</param>
    /// <param name="head">The head.</param>
    /// <param name="count">The number of distances.</param>
    public static ImmutableArray<float> Of(Qwen2Model model, HeadIndex head, int count)
    {
        var (config, weights) = (model.Config, model.Weights.Layers[head.Layer]);
        if (weights.QueryBias is not { } queries || weights.KeyBias is not { } keys || config.NormsHeads)
            return [];
        var (turns, query, key) = (new HeadTurns(config, count), Whole(model, queries), Whole(model, keys));
        return
        [
            .. Enumerable.Range(0, count).Select(distance =>
                (float)turns.AtDistance([query], [key], head.Head, distance)[0]),
        ];
    }

    static double[] Whole(Qwen2Model model, Tensor bias) =>
        [.. model.Rows(bias.Reshape(1, bias.Shape[0]), [0]).Select(number => (double)number)];
}
