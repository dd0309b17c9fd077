using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

/// <summary>A device in host memory that records its operations and lets another device compute them.</summary>
/// <param name="computing">The other device; null for the plain device.</param>
public partial class WatchedDevice(Device? computing = null) : Device
{
    readonly Device inner = computing ?? new PlainDevice();
    readonly List<Tensor> tensors = [];

    /// <summary>Gets the operations so far, in order.</summary>
    public List<string> Operations { get; } = [];

    /// <summary>Gets how many F32 numbers were allocated so far.</summary>
    public long Allocated { get; private set; }

    /// <summary>Gets how many F32 numbers the largest tensor had.</summary>
    public long Largest { get; private set; }

    /// <summary>Gets how many rows of attention were reduced over heads so far.</summary>
    public int RowsAggregated { get; private set; }

    /// <summary>Gets how often numbers were uploaded or loaded so far.</summary>
    public int Uploads { get; private set; }

    /// <summary>Gets how often numbers were downloaded so far.</summary>
    public int Downloads { get; private set; }

    /// <summary>Gets how many numbers were downloaded so far.</summary>
    public long NumbersDownloaded { get; private set; }

    /// <summary>Gets or sets the number of allocations after which there is no memory left. Default: null, there is
    /// always some.</summary>
    public int? AllocationsLeft { get; set; }

    /// <summary>Gets or sets the number of operations after which the next one fails with an
    /// <see cref="IOException"/>. Default: null, none fails.</summary>
    public int? OperationsLeft { get; set; }

    /// <summary>Gets the number of allocated tensors that were not disposed; the computing device is one in host
    /// memory.</summary>
    public int LiveCount => tensors.Count(IsLive);

    public override string Name => "watched";

    public override string Description => "a device that notes what it computes";

    public override Tensor Allocate(Shape shape)
    {
        if (AllocationsLeft-- == 0)
            throw new InsufficientMemoryException("There is no memory left.");
        Allocated += shape.Count;
        Largest = Math.Max(Largest, shape.Count);
        tensors.Add(inner.Allocate(shape));
        return tensors[^1];
    }

    void Note(string operation)
    {
        Operations.Add(operation);
        if (OperationsLeft-- == 0)
            throw new IOException("The device does not answer.");
    }

    static bool IsLive(Tensor tensor)
    {
        try
        {
            return ((HostTensor)tensor).AsSpan<float>(0, 1).Length > 0;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    protected override Tensor LoadCore(HostTensor source)
    {
        Uploads++;
        return source;
    }

    protected override void UploadCore(ReadOnlySpan<float> source, Tensor destination)
    {
        Uploads++;
        inner.Upload(source, destination);
    }

    protected override void DownloadCore(Tensor source, Span<float> destination)
    {
        Downloads++;
        NumbersDownloaded += source.Shape.Count;
        inner.Download(source, destination);
    }

    protected override void GatherCore(Tensor table, ReadOnlySpan<int> rows, Tensor result)
    {
        Note("Gather");
        inner.Gather(table, rows, result);
    }

    protected override void RmsNormCore(Tensor x, Tensor gain, float epsilon, Tensor result)
    {
        Note("RmsNorm");
        inner.RmsNorm(x, gain, epsilon, result);
    }

    protected override void LinearCore(Tensor x, Tensor weight, Tensor? bias, bool accumulate, Tensor result)
    {
        Note(accumulate ? "AddLinear" : "Linear");
        if (accumulate)
            inner.AddLinear(x, weight, result);
        else
            inner.Linear(x, weight, bias, result);
    }

    protected override void RotateCore(Tensor x, Tensor angles, Tensor result)
    {
        Note("Rotate");
        inner.Rotate(x, angles, result);
    }

    protected override void ScoresCore(Tensor query, Tensor key, Tensor result)
    {
        Note("Scores");
        inner.Scores(query, key, result);
    }

    protected override void CausalSoftmaxCore(Tensor scores, Visibility visibility, Tensor result)
    {
        Note("CausalSoftmax");
        inner.CausalSoftmax(scores, visibility, result);
    }

    protected override void PatternCore(Tensor query, Tensor key, Visibility visibility, Tensor result)
    {
        Note("Pattern");
        inner.Pattern(query, key, visibility, result);
    }

    protected override void MixCore(Tensor pattern, Tensor value, Tensor result)
    {
        Note("Mix");
        inner.Mix(pattern, value, result);
    }

    protected override void AttendCore(Tensor query, Tensor key, Tensor value, Visibility visibility, Tensor result)
    {
        Note("Attend");
        inner.Attend(query, key, value, visibility, result);
    }

    protected override void AggregatePatternCore(
        Tensor query,
        Tensor key,
        Tensor? factors,
        Visibility visibility,
        HeadReduction reduction,
        ReadOnlySpan<int> heads,
        ReadOnlySpan<int> rows,
        Tensor result)
    {
        Note("AggregatePattern");
        RowsAggregated += rows.Length;
        inner.AggregatePattern(
            query, key, factors, visibility,
            reduction == HeadReduction.Mean ? HeadAggregation.MeanOf(heads) : HeadAggregation.MaxOf(heads), rows,
            result);
    }

    protected override void ReducePatternCore(
        Tensor pattern, Tensor? factors, HeadReduction reduction, ReadOnlySpan<int> heads, ReadOnlySpan<int> rows,
        Tensor result)
    {
        Note("ReducePattern");
        RowsAggregated += rows.Length;
        inner.ReducePattern(
            pattern, factors,
            reduction == HeadReduction.Mean ? HeadAggregation.MeanOf(heads) : HeadAggregation.MaxOf(heads), rows,
            result);
    }

    protected override void SumCellsCore(Tensor pattern, CellSums sums, Tensor result)
    {
        Note("SumCells");
        inner.SumCells(pattern, sums, result);
    }

    protected override void EntropyCore(Tensor pattern, Tensor result)
    {
        Note("Entropy");
        inner.Entropy(pattern, result);
    }

    protected override void FlowRowsCore(
        Tensor pattern, Tensor value, Tensor weight, Tensor before, Tensor after, Tensor result)
    {
        Note("FlowRows");
        inner.FlowRows(pattern, value, weight, before, after, result);
    }

    protected override void TopCore(
        Tensor rows, Tensor? mask, int count, Span<int> indices, Span<float> values, Span<double> logSums)
    {
        Note("Top");
        inner.Top(rows, mask, count, indices, values, logSums);
    }

    protected override void AddCore(Tensor x, Tensor y, Tensor result)
    {
        Note("Add");
        inner.Add(x, y, result);
    }

    protected override void SwiGluCore(Tensor gate, Tensor up, Tensor result)
    {
        Note("SwiGlu");
        inner.SwiGlu(gate, up, result);
    }

    protected override void CopyCore(Tensor source, Tensor destination)
    {
        Note("Copy");
        inner.Copy(source, destination);
    }

    protected override void FillCore(float value, Tensor destination)
    {
        Note("Fill");
        inner.Fill(value, destination);
    }
}
