namespace RatIlgpu.Analysis.Tests;

/// <summary>In the demonstration model, a previous-token head feeds the keys of the induction heads. Forty clean
/// prompts have twelve random words and the first ten again; the corrupted ones have another word at the first
/// occurrence of the tenth. The metric is the logit of the eleventh word at the end.</summary>
public sealed class InductionCircuitTests(ITestOutputHelper output) : IDisposable
{
    const int Pairs = 40;

    // After the tokens of single bytes, before the special tokens.
    const int FirstWord = 260, Words = 1347 - FirstWord;

    const int Layer = 3;

    static readonly HeadIndex previousToken = new(1, 0);

    readonly CpuDevice device = new();

    public void Dispose() => device.Dispose();

    [Fact]
    public void The_previous_token_head_feeds_the_induction_heads_through_their_keys()
    {
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var (clean, corrupted) = (0.0, 0.0);
        var effects = Enum.GetValues<HeadInput>()
            .ToDictionary(input => input, _ => new Dictionary<HeadIndex, double>());
        var byHead = new Dictionary<PatchCell, double>();
        foreach (var seed in Enumerable.Range(0, Pairs))
        {
            var (pair, metric) = Repeat(new Random(seed));
            foreach (var input in Enum.GetValues<HeadInput>())
                foreach (var map in new DirectPathPatching(model.Network).SweepAll(
                    pair, input, metric, new() { Axes = PatchAxes.Layer, DestinationLayers = [Layer] }))
                    if ((map.Target.Source, map.Effect(new(Layer))) is (var source, { } effect))
                        effects[input][source] = effects[input].GetValueOrDefault(source) + effect / Pairs;
            var heads = new DirectPathPatching(model.Network).Sweep(
                pair, previousToken, HeadInput.Key, metric, new() { DestinationLayers = [Layer] });
            foreach (var head in heads.Patched)
                byHead[head] = byHead.GetValueOrDefault(head) + heads.Effect(head)!.Value / Pairs;
            clean += metric.Measure(model.Network, pair.Clean.AsSpan()) / Pairs;
            corrupted += metric.Measure(model.Network, pair.Corrupted.AsSpan()) / Pairs;
        }

        output.WriteLine($"clean {clean:F2}, corrupted {corrupted:F2}");
        foreach (var (input, found) in effects)
            output.WriteLine($"{input}: {string.Join(", ", Named(found))}");
        output.WriteLine($"Key, by head: {string.Join(", ", byHead.Select(one => $"{one.Key} {one.Value:F3}"))}");
        Assert.InRange(clean, 8, 11);
        Assert.InRange(corrupted, -1, 1);

        // More than half of the difference through the keys, little through the values, none through the queries.
        Assert.InRange(effects[HeadInput.Key][previousToken], 4.5, 8);
        Assert.InRange(effects[HeadInput.Value][previousToken], 0.05, 0.5);
        Assert.InRange(Math.Abs(effects[HeadInput.Query][previousToken]), 0, 0.1);

        // The key of a single head is changed after its rotation: were the change not rotated, L3H6 would get 0.288.
        Assert.InRange(byHead[new HeadIndex(Layer, 1)], 0.44, 0.48);
        Assert.InRange(byHead[new HeadIndex(Layer, 6)], 0.31, 0.345);
        foreach (var found in effects.Values)
            Assert.All(
                found.Where(one => one.Key != previousToken), one => Assert.InRange(Math.Abs(one.Value), 0, 0.25));
    }

    static IEnumerable<string> Named(Dictionary<HeadIndex, double> effects) =>
        effects.OrderByDescending(one => Math.Abs(one.Value)).Take(3).Select(one => $"{one.Key} {one.Value:F3}");

    static (PromptPair Pair, LogitMetric Metric) Repeat(Random random)
    {
        int[] tokens = [.. Enumerable.Range(FirstWord, Words)];
        random.Shuffle(tokens);
        int[] clean = [.. tokens[..12], .. tokens[..10]], corrupted = [.. clean];
        corrupted[9] = tokens[12];
        return (new(clean, corrupted), new LogitMetric.Logit(new(tokens[10]), ^1));
    }
}
