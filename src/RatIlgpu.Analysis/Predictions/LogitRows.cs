using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Computes the logits of a block of rows, and reads them on as many threads as the device has.</summary>
/// <remarks>Blocks use the same memory again. One thread reads a row from beginning to end, so that what is read is the
/// same bits for every number of threads.</remarks>
/// <param name="model">The model.</param>
sealed class LogitRows(Qwen2Model model) : IDisposable
{
    /// <summary>The most rows of a block: the logits of a row are as large as a vocabulary.</summary>
    public const int Most = 64;

    // Fewer numbers are read before other threads have started.
    const long FewNumbers = 1 << 15;

    readonly int width = model.Config.VocabularySize;
    readonly ParallelOptions threads = new() { MaxDegreeOfParallelism = model.Device.ThreadCount };
    Tensor? logits;
    float[] numbers = [];

    /// <summary>Reads a row of logits; called on several threads at once.</summary>
    /// <param name="row">The row.</param>
    /// <param name="logits"><c>[vocabulary]</c>.</param>
    public delegate void Reader(int row, ReadOnlySpan<float> logits);

    /// <summary>Unembeds rows and reads the logits of each, some rows at a time.</summary>
    /// <param name="model">The model.</param>
    /// <param name="normed">The final norm, <c>[rows, width]</c>.</param>
    /// <param name="read">Reads a row.</param>
    /// <exception cref="ArithmeticException">A logit is not a finite number.</exception>
    public static void Read(Qwen2Model model, Tensor normed, Reader read)
    {
        using var rows = new LogitRows(model);
        var all = normed.Shape[0];
        for (var start = 0; start < all; start += Most)
        {
            var count = int.Min(Most, all - start);
            rows.Unembed(normed.Slice(start, count));
            rows.Each(count, row => read(start + row, rows[row]));
        }
    }

    /// <summary>Gets the logits of a row of the block, <c>[vocabulary]</c>.</summary>
    public ReadOnlySpan<float> this[int row] => numbers.AsSpan(row * width, width);

    /// <summary>Computes the logits of a block.</summary>
    /// <param name="normed">The final norm, <c>[rows, width]</c>, at most <see cref="Most"/> rows.</param>
    /// <exception cref="ArithmeticException">A logit is not a finite number.</exception>
    public void Unembed(Tensor normed)
    {
        var (device, count) = (model.Device, normed.Shape[0]);
        if (logits is null || logits.Shape[0] < count)
        {
            logits?.Dispose();
            logits = device.Allocate(count, width);
            numbers = new float[count * width];
        }

        var block = logits.Slice(0, count);
        device.Linear(normed, model.Weights.Unembedding, null, block);
        device.Download(block, numbers.AsSpan(0, count * width));
        var damaged = 0;
        Each(count, row =>
        {
            if (!float.IsFinite(TensorPrimitives.MaxMagnitude(this[row])))
                Interlocked.Increment(ref damaged);
        });
        if (damaged > 0)
            throw new ArithmeticException("A logit is not a finite number: the weights are damaged.");
    }

    /// <summary>Calls something for each row, on several threads at once.</summary>
    /// <param name="count">The number of rows.</param>
    /// <param name="read">Reads the row of a number.</param>
    public void Each(int count, Action<int> read)
    {
        if (count * (long)width > FewNumbers)
            Parallel.For(0, count, threads, read);
        else
            for (var row = 0; row < count; row++)
                read(row);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => logits?.Dispose();
}
