namespace RatIlgpu.Ilgpu;

abstract unsafe partial class IlgpuDevice
{
    protected sealed override void TopCore(
        Tensor rows, Tensor? mask, int count, Span<int> indices, Span<float> values, Span<double> logSums)
    {
        indices.Fill(-1);
        values.Fill(float.NegativeInfinity);
        logSums.Fill(double.NegativeInfinity);
        if (rows.Shape.Count == 0)
            return;
        var (height, width) = (rows.Shape[0], rows.Shape[1]);
        var sizes = TopSizes.Of(width, Math.Min(count, width));
        var layout = new TopLayout(height, sizes, hasSums: !logSums.IsEmpty);
        using var result = Allocate(layout.Length);
        Find(rows, mask, height, sizes, layout, result);
        var numbers = Download(result);
        layout.Read(numbers, count, indices, values);
        if (!logSums.IsEmpty)
            layout.ReadSums(numbers, logSums);
    }

    /// <summary>Launches the search for the largest numbers of each piece of each row.</summary>
    /// <param name="numbers">The rows.</param>
    /// <param name="indices">The index of each number in its row; empty if that is its place.</param>
    /// <param name="mask">0 for each place that is never found; empty if any may be.</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="found">Receives what is found.</param>
    private protected abstract void FindLargest(
        ArrayView<float> numbers, ArrayView<int> indices, ArrayView<float> mask, TopSizes sizes, FoundNumbers found);

    /// <summary>Launches the sums of exponentials of each piece of each row, relative to its largest number.</summary>
    private protected abstract void SumExponentials(
        ArrayView<float> numbers, TopSizes sizes, ArrayView<float> largest, ArrayView<float> sums);

    void Find(Tensor rows, Tensor? mask, int height, TopSizes sizes, TopLayout layout, Tensor result)
    {
        var pieces = checked(height * sizes.Pieces);
        // What is found in several pieces is searched once more.
        using var some = sizes.Pieces == 1 ? null : Allocate(2, checked(pieces * sizes.Count));
        Use(() =>
        {
            var best = new FoundNumbers(height, layout.Numbers(Floats(result)), layout.Indices(Own(result).As<int>()));
            var first = some is null
                ? best
                : new FoundNumbers(pieces, Floats(some.Slice(0, 1)), Own(some.Slice(1, 1)).As<int>());
            FindLargest(Floats(rows), ArrayView<int>.Empty, FloatsOrNone(mask), sizes, first);
            if (some is not null)
                FindLargest(first.Numbers, first.Indices, ArrayView<float>.Empty, sizes.OfFound(), best);
            if (layout.HasSums)
                SumExponentials(
                    Floats(rows), sizes, layout.Largest(Floats(result)), layout.Sums(Floats(result)));
        });
    }
}

/// <summary>The memory for what is found in pieces of rows.</summary>
/// <param name="Pieces">The number of pieces.</param>
/// <param name="Numbers">The numbers found in each piece.</param>
/// <param name="Indices">The index of each in its row.</param>
readonly record struct FoundNumbers(int Pieces, ArrayView<float> Numbers, ArrayView<int> Indices);

/// <summary>Puts everything that a search finds into one tensor, which one download brings to the host: the numbers of
/// each row, then their indices, then the largest number and the sum of exponentials of each piece.</summary>
readonly struct TopLayout(int rows, TopSizes sizes, bool hasSums)
{
    readonly int found = checked(rows * sizes.Count);
    readonly int pieces = checked(rows * sizes.Pieces);

    public bool HasSums => hasSums;

    public int Length => checked(2 * found + (hasSums ? 2 * pieces : 0));

    public ArrayView<float> Numbers(ArrayView<float> result) => result.SubView(0, found);

    public ArrayView<int> Indices(ArrayView<int> result) => result.SubView(found, found);

    public ArrayView<float> Largest(ArrayView<float> result) => result.SubView(2 * found, pieces);

    public ArrayView<float> Sums(ArrayView<float> result) => result.SubView(2 * found + pieces, pieces);

    /// <summary>Writes what was found to rows that may have room for more.</summary>
    public void Read(ReadOnlySpan<float> result, int count, Span<int> indices, Span<float> values)
    {
        var places = MemoryMarshal.Cast<float, int>(result.Slice(found, found));
        for (var i = 0; i < found; i++)
            if (places[i] != TopSizes.Nowhere)
            {
                var at = i / sizes.Count * count + i % sizes.Count;
                (indices[at], values[at]) = (places[i], result[i]);
            }
    }

    /// <summary>Writes the logarithm of the sum of exponentials of each row.</summary>
    public void ReadSums(ReadOnlySpan<float> result, Span<double> logSums)
    {
        var width = sizes.Pieces;
        for (var row = 0; row < rows; row++)
        {
            var largest = result.Slice(2 * found + row * width, width);
            var sums = result.Slice(2 * found + pieces + row * width, width);
            double shift = largest[0];
            foreach (var other in largest)
                shift = Math.Max(shift, other);
            var total = 0.0;
            for (var piece = 0; piece < width; piece++)
                total += sums[piece] * Math.Exp(largest[piece] - shift);
            logSums[row] = shift + Math.Log(total);
        }
    }
}
