using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

/// <summary>The sizes and operands of an attention operation.</summary>
sealed record AttentionCase(int Queries, int Heads, int Keys, int KeyHeads, int HeadSize)
{
    /// <summary>Gets the number of keys that a query sees: the last ones.</summary>
    public int Window { get; init; } = int.MaxValue;

    /// <summary>Gets 0 for each hidden key; null if no key is hidden.</summary>
    public float[]? Mask { get; init; }

    /// <summary>Gets the factor of each head and key, and more that are not read; null for none.</summary>
    public float[]? Factors { get; init; }

    /// <summary>Gets the bound of the numbers of the queries.</summary>
    public float Scale { get; init; } = 1;

    public float[] Query() => Make(Seed + 1, Queries * Heads, Scale);

    public float[] Key() => Make(Seed + 2, Keys * KeyHeads, 1);

    public float[] Value() => Make(Seed + 3, Keys * KeyHeads, 1);

    /// <summary>Gets the seed of the numbers.</summary>
    public int Seed { get; init; } = 20;

    /// <summary>Gets the bound of the scores.</summary>
    public float LargestScore => Scale * MathF.Sqrt(HeadSize);

    public Tensor PutQuery(Workbench on) => on.Put(Query(), Queries, Heads, HeadSize);

    public Tensor PutKey(Workbench on) => on.Put(Key(), Keys, KeyHeads, HeadSize);

    public Tensor PutValue(Workbench on) => on.Put(Value(), Keys, KeyHeads, HeadSize);

    public Visibility Visibility(Workbench on) => new(Window, Mask is null ? null : on.Put(Mask, Keys));

    public float[] Scores(Workbench on)
    {
        var scores = on.Allocate(Heads, Queries, Keys);
        on.Device.Scores(PutQuery(on), PutKey(on), scores);
        return on.Read(scores);
    }

    public float[] Pattern(Workbench on)
    {
        var pattern = on.Allocate(Heads, Queries, Keys);
        on.Device.CausalSoftmax(on.Put(Scores(on), Heads, Queries, Keys), Visibility(on), pattern);
        return on.Read(pattern);
    }

    public float[] PatternAtOnce(Workbench on)
    {
        var pattern = on.Allocate(Heads, Queries, Keys);
        on.Device.Pattern(PutQuery(on), PutKey(on), Visibility(on), pattern);
        return on.Read(pattern);
    }

    public float[] Mix(Workbench on, float[] pattern)
    {
        var mixed = on.Allocate(Queries, Heads, HeadSize);
        on.Device.Mix(on.Put(pattern, Heads, Queries, Keys), PutValue(on), mixed);
        return on.Read(mixed);
    }

    public float[] Attend(Workbench on)
    {
        var mixed = on.Allocate(Queries, Heads, HeadSize);
        on.Device.Attend(PutQuery(on), PutKey(on), PutValue(on), Visibility(on), mixed);
        return on.Read(mixed);
    }

    public float[] Aggregate(Workbench on, HeadAggregation aggregation) =>
        Aggregate(on, aggregation, [.. Enumerable.Range(0, Queries)]);

    public float[] Aggregate(Workbench on, HeadAggregation aggregation, int[] rows)
    {
        var result = on.Allocate(rows.Length, Keys);
        on.Device.AggregatePattern(
            PutQuery(on), PutKey(on), Factors is null ? null : on.Put(Factors, Heads, Factors.Length / Heads),
            Visibility(on), aggregation, rows, result);
        return on.Read(result);
    }

    float[] Make(int seed, int heads, float scale)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, heads * HeadSize).Select(_ => (random.NextSingle() * 2 - 1) * scale)];
    }
}
