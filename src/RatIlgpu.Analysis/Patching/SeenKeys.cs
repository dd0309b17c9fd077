namespace RatIlgpu.Analysis;

/// <summary>Makes the keys that query heads see from keys as <see cref="Activation.Key"/> holds them: norms a key,
/// where the model norms heads, and rotates it.</summary>
/// <param name="model">The model.</param>
sealed class SeenKeys(Qwen2Model model)
{
    readonly Rotation rotation = new(model.Config);

    // Read once for each layer: a sweep makes thousands of keys.
    readonly float[]?[] gains = new float[]?[model.Config.LayerCount];

    /// <summary>Makes the key of a position from the row before norm and rotation, <c>[headSize]</c>, in
    /// place.</summary>
    public void Make(int layer, int position, Span<float> row)
    {
        if (model.Weights.Layers[layer].KeyGain is { } gain)
            Norm(row, gains[layer] ??= model.Rows(gain, 0));
        rotation.Apply(position, row);
    }

    void Norm(Span<float> row, float[] gain)
    {
        var squares = 0.0;
        foreach (var number in row)
            squares += (double)number * number;
        var scale = Math.Sqrt(squares / row.Length + model.Config.RmsNormEpsilon);
        for (var i = 0; i < row.Length; i++)
            row[i] = (float)(gain[i] * row[i] / scale);
    }
}
