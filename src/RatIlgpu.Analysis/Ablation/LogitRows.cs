using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Reads the logits of many rows without holding all of them.</summary>
static class LogitRows
{
    // The logits of a row are as large as a vocabulary.
    const int MostRows = 64;

    /// <summary>Reads a row of logits.</summary>
    /// <param name="row">The row.</param>
    /// <param name="logits"><c>[vocabulary]</c>.</param>
    public delegate void Reader(int row, ReadOnlySpan<float> logits);

    /// <summary>Unembeds rows and reads the logits of each, first to last.</summary>
    /// <param name="model">The model.</param>
    /// <param name="normed">The final norm, <c>[rows, width]</c>.</param>
    /// <param name="read">Reads a row.</param>
    /// <exception cref="ArithmeticException">A logit is not a finite number.</exception>
    public static void Read(Qwen2Model model, Tensor normed, Reader read)
    {
        var (device, width, all) = (model.Device, model.Config.VocabularySize, normed.Shape[0]);
        var numbers = new float[int.Min(MostRows, all) * width];
        for (var start = 0; start < all; start += MostRows)
        {
            var count = int.Min(MostRows, all - start);
            using var logits = device.Allocate(count, width);
            device.Linear(normed.Slice(start, count), model.Weights.Unembedding, null, logits);
            device.Download(logits, numbers.AsSpan(0, count * width));
            for (var row = 0; row < count; row++)
            {
                var one = numbers.AsSpan(row * width, width);
                if (!float.IsFinite(TensorPrimitives.MaxMagnitude<float>(one)))
                    throw new ArithmeticException("A logit is not a finite number: the weights are damaged.");
                read(start + row, one);
            }
        }
    }
}
