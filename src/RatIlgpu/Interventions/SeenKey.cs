using RatIlgpu.Models;

namespace RatIlgpu.Interventions;

/// <summary>Makes the key that a query head sees from a key of a layer as <see cref="Activation.Key"/> holds it: norms
/// the key, where the model norms heads, and rotates it.</summary>
/// <remarks>Support code for the project's own packages.</remarks>
/// <param name="model">The model.</param>
/// <param name="layer">The layer.</param>
public sealed class SeenKey(Qwen2Model model, int layer)
{
    readonly Rotation rotation = new(model.Config);
    float[]? gain;

    /// <summary>Makes the key of a position from the row before norm and rotation, <c>[headSize]</c>, in
    /// place.</summary>
    public void Make(int position, Span<float> row)
    {
        if (model.Weights.Layers[layer].KeyGain is { } norm)
            Norm(row, gain ??= Read(norm));
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

    float[] Read(Tensors.Tensor norm)
    {
        using var widened = model.Device.Allocate(1, norm.Shape[0]);
        model.Device.Gather(norm.Reshape(1, norm.Shape[0]), [0], widened);
        return model.Device.Download(widened);
    }
}
