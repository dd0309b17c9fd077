using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

/// <summary>A device that computes nothing, and counts the multiply-adds of matrix products and attention.</summary>
/// <remarks>Tensors are shapes only. Downloaded numbers are random, so that no difference of two activations is 0, and
/// the same in every run.</remarks>
public sealed class CountingDevice : Device
{
    static readonly float[] Noise = MakeNoise(65_537);

    int downloads;

    /// <summary>Gets the multiply-adds so far.</summary>
    public long MultiplyAdds { get; private set; }

    public override string Name => "counting";

    public override string Description => "a device that counts and does not compute";

    public override Tensor Allocate(Shape shape) => new Outline(shape, DataType.F32);

    protected override Tensor LoadCore(HostTensor source) => new Outline(source.Shape, source.DataType);

    protected override void UploadCore(ReadOnlySpan<float> source, Tensor destination)
    {
    }

    // Each download starts one number later: no two of them have the same number in the same place.
    protected override void DownloadCore(Tensor source, Span<float> destination)
    {
        for (var start = downloads++ % Noise.Length; !destination.IsEmpty; start = 0)
        {
            var count = Math.Min(destination.Length, Noise.Length - start);
            Noise.AsSpan(start, count).CopyTo(destination);
            destination = destination[count..];
        }
    }

    protected override void GatherCore(Tensor table, ReadOnlySpan<int> rows, Tensor result)
    {
    }

    protected override void RmsNormCore(Tensor x, Tensor gain, float epsilon, Tensor result)
    {
    }

    protected override void LinearCore(Tensor x, Tensor weight, Tensor? bias, bool accumulate, Tensor result) =>
        MultiplyAdds += x.Shape[0] * weight.Shape.Count;

    protected override void RotateCore(Tensor x, Tensor angles, Tensor result)
    {
    }

    protected override void ScoresCore(Tensor query, Tensor key, Tensor result) => Count(query, key, 1);

    protected override void CausalSoftmaxCore(Tensor scores, Visibility visibility, Tensor result)
    {
    }

    protected override void MixCore(Tensor pattern, Tensor value, Tensor result) => Count(result, value, 1);

    protected override void AttendCore(
        Tensor query, Tensor key, Tensor value, Visibility visibility, Tensor result) => Count(query, key, 2);

    protected override void AggregatePatternCore(
        Tensor query,
        Tensor key,
        Tensor? factors,
        Visibility visibility,
        HeadReduction reduction,
        ReadOnlySpan<int> heads,
        ReadOnlySpan<int> rows,
        Tensor result) => MultiplyAdds += (long)rows.Length * key.Shape[0] * query.Shape[1] * query.Shape[2];

    protected override void ReducePatternCore(
        Tensor pattern, Tensor? factors, HeadReduction reduction, ReadOnlySpan<int> heads, ReadOnlySpan<int> rows,
        Tensor result)
    {
    }

    protected override void SumCellsCore(Tensor pattern, CellSums sums, Tensor result)
    {
    }

    protected override void EntropyCore(Tensor pattern, Tensor result)
    {
    }

    protected override void FlowRowsCore(
        Tensor pattern, Tensor value, Tensor weight, Tensor before, Tensor after, Tensor result) =>
        MultiplyAdds += pattern.Shape.Count * weight.Shape[0] + value.Shape[0] * weight.Shape.Count;

    // The first indices of each row, as if all its numbers were 0.
    protected override void TopCore(
        Tensor rows, Tensor? mask, int count, Span<int> indices, Span<float> values, Span<double> logSums)
    {
        for (var i = 0; i < indices.Length; i++)
            indices[i] = i % count < rows.Shape[1] ? i % count : -1;
        values.Clear();
        logSums.Fill(Math.Log(rows.Shape[1]));
    }

    protected override void AddCore(Tensor x, Tensor y, Tensor result)
    {
    }

    protected override void SwiGluCore(Tensor gate, Tensor up, Tensor result)
    {
    }

    protected override void CopyCore(Tensor source, Tensor destination)
    {
    }

    protected override void FillCore(float value, Tensor destination)
    {
    }

    protected override void FillRowsCore(float value, ReadOnlySpan<int> rows, Tensor destination)
    {
    }

    protected override void ScaleRowsCore(float factor, ReadOnlySpan<int> rows, Tensor destination)
    {
    }

    protected override void CopyRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination)
    {
    }

    protected override void AddRowsCore(
        Tensor source, ReadOnlySpan<int> sourceRows, ReadOnlySpan<int> rows, Tensor destination)
    {
    }

    static float[] MakeNoise(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }

    // Every key for every query: leaving out later keys would halve both sides of a comparison alike.
    void Count(Tensor query, Tensor key, int products) =>
        MultiplyAdds += query.Shape.Count * key.Shape[0] * products;

    sealed class Outline(Shape shape, DataType format) : Tensor(shape, format)
    {
        public override void Dispose()
        {
        }

        protected override Tensor View(Shape shape, long offset) => new Outline(shape, DataType);
    }
}
