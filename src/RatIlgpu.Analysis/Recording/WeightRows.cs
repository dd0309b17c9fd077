using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>Reads weights to where an analysis can use them.</summary>
static class WeightRows
{
    /// <summary>Returns rows of a weight, widened, one after the other; a gain or bias is one row.</summary>
    /// <param name="model">Whose weight it is.</param>
    /// <param name="weight"><c>[outputs, inputs]</c>, or <c>[width]</c>.</param>
    /// <param name="rows">Which rows.</param>
    public static float[] Rows(this Qwen2Model model, Tensor weight, params ReadOnlySpan<int> rows)
    {
        var table = weight.Shape.Rank == 1 ? weight.Reshape(1, weight.Shape[0]) : weight;
        using var widened = model.Device.Allocate(rows.Length, table.Shape[1]);
        model.Device.Gather(table, rows, widened);
        return model.Device.Download(widened);
    }
}
