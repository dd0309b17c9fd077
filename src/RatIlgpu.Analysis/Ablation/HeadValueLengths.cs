using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Notes the lengths of the values that the changed heads read, in the run without a change.</summary>
/// <param name="config">The model.</param>
/// <param name="conditions">The conditions.</param>
sealed class HeadValueLengths(Qwen2Config config, ImmutableArray<AblationCondition> conditions) : IProbe
{
    readonly SortedDictionary<HeadIndex, ValueLengthsOfHead> lengths = [];

    /// <summary>Gets the lengths, head by head.</summary>
    public ValueArray<ValueLengthsOfHead> Lengths => [.. lengths.Values];

    public bool Wants(Site site) =>
        site.Activation == Activation.Value && Heads.Any(head => head.Layer == site.Layer);

    public void Begin(int firstPosition, int positionCount)
    {
    }

    public void Show(Site site, Tensor activation, Device device)
    {
        var (numbers, size, groups) = (device.Download(activation), config.HeadSize, config.KeyValueHeadCount);
        foreach (var head in Heads.Where(head => head.Layer == site.Layer).Distinct())
        {
            var group = head.Head / config.GroupSize;
            lengths[head] = new(head, [
                .. Enumerable.Range(0, activation.Shape[0]).Select(position => TensorPrimitives.Norm<float>(
                    numbers.AsSpan(((position * groups) + group) * size, size))),
            ]);
        }
    }

    IEnumerable<HeadIndex> Heads => conditions.SelectMany(condition => condition.Heads);
}

/// <summary>A reader, beside which a probe looks at the run without a change.</summary>
sealed class WithBaseline(IConditionReader reader, IProbe baseline) : IConditionReader
{
    public int FirstRead => reader.FirstRead;

    public int FirstLayer => reader.FirstLayer;

    public IProbe OfBaseline() => new ProbePair(reader.OfBaseline(), baseline);

    public IProbe OfBatch(ImmutableArray<int> conditions, int layer, int position) =>
        reader.OfBatch(conditions, layer, position);

    public double ShareOfEnd => reader.ShareOfEnd;

    public void End() => reader.End();
}
