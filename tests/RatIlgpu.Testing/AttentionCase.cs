using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

/// <summary>Sizes and numbers of one attention.</summary>
sealed record AttentionCase(int Queries, int Heads, int Keys, int KeyHeads, int HeadSize)
{
    /// <summary>How many of the last keys a query sees.</summary>
    public int Window { get; init; } = int.MaxValue;

    /// <summary>0 for each hidden key; null for none.</summary>
    public float[]? Mask { get; init; }

    /// <summary>What the numbers of the queries are below.</summary>
    public float Scale { get; init; } = 1;

    public float[] Query() => Make(Seed + 1, Queries * Heads, Scale);

    public float[] Key() => Make(Seed + 2, Keys * KeyHeads, 1);

    public float[] Value() => Make(Seed + 3, Keys * KeyHeads, 1);

    /// <summary>Where the numbers come from.</summary>
    public int Seed { get; init; } = 20;

    /// <summary>How large the scores may become.</summary>
    public float LargestScore => Scale * MathF.Sqrt(HeadSize);

    public Tensor PutQuery(Workbench on) => on.Put(Query(), Queries, Heads, HeadSize);

    public Tensor PutKey(Workbench on) => on.Put(Key(), Keys, KeyHeads, HeadSize);

    public Tensor PutValue(Workbench on) => on.Put(Value(), Keys, KeyHeads, HeadSize);

    public Visibility Visibility(Workbench on) => new(Window, Mask is null ? null : on.Put(Mask, Keys));

    public float[] Scores(Workbench on)
    {
        var scores = on.Room(Heads, Queries, Keys);
        on.Device.Scores(PutQuery(on), PutKey(on), scores);
        return on.Read(scores);
    }

    public float[] Pattern(Workbench on)
    {
        var pattern = on.Room(Heads, Queries, Keys);
        on.Device.CausalSoftmax(on.Put(Scores(on), Heads, Queries, Keys), Visibility(on), pattern);
        return on.Read(pattern);
    }

    public float[] PatternAtOnce(Workbench on)
    {
        var pattern = on.Room(Heads, Queries, Keys);
        on.Device.Pattern(PutQuery(on), PutKey(on), Visibility(on), pattern);
        return on.Read(pattern);
    }

    public float[] Mix(Workbench on, float[] pattern)
    {
        var mixed = on.Room(Queries, Heads, HeadSize);
        on.Device.Mix(on.Put(pattern, Heads, Queries, Keys), PutValue(on), mixed);
        return on.Read(mixed);
    }

    public float[] Attend(Workbench on)
    {
        var mixed = on.Room(Queries, Heads, HeadSize);
        on.Device.Attend(PutQuery(on), PutKey(on), PutValue(on), Visibility(on), mixed);
        return on.Read(mixed);
    }

    public float[] Aggregate(Workbench on, HeadAggregation aggregation)
    {
        var rows = on.Room(Queries, Keys);
        on.Device.AggregatePattern(PutQuery(on), PutKey(on), Visibility(on), aggregation, rows);
        return on.Read(rows);
    }

    float[] Make(int seed, int heads, float scale)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, heads * HeadSize).Select(_ => (random.NextSingle() * 2 - 1) * scale)];
    }
}
