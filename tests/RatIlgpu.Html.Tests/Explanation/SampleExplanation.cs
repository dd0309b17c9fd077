using RatIlgpu.Analysis;
using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests;

/// <summary>Explanations of attention scores of a small random model.</summary>
static class SampleExplanation
{
    /// <summary>The head that is explained, of the last layer.</summary>
    public static readonly HeadIndex Head = new(2, 1);

    /// <summary>Two keys of one query in two readings, the first key measured too.</summary>
    public static readonly ImmutableArray<ScoreAttribution> Two = Of(8, new(2, 1), 7, [2, 5], verifies: true);

    /// <summary>One link against a foil, of heads that are split.</summary>
    public static readonly ImmutableArray<ScoreAttribution> Split =
        Of(6, new(1, 4), 5, [3], new() { Reading = ScoreReading.Foil, FoilKey = 0, SplitHeads = true });

    /// <summary>Explains keys in a reading, by default that of the score and that of others.</summary>
    public static ImmutableArray<ScoreAttribution> Of(
        int tokens,
        HeadIndex head,
        int query,
        int[] keys,
        ScoreAttributionOptions? options = null,
        bool verifies = false)
    {
        using var tiny = new TinyQwen2();
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        ImmutableArray<int> prompt = [.. Enumerable.Range(0, tokens)];
        var run = new Recorder(model).Record(
            prompt.AsSpan(), [.. Enum.GetValues<Activation>().Select(one => new Capture(one))]);
        var attributor = new AttentionScoreAttributor(model);
        ScoreAttributionOptions[] readings =
            options is null ? [new(), new() { Reading = ScoreReading.Others }] : [options];
        Index[] places = [.. keys.Select(key => (Index)key)];
        var found = readings.SelectMany(reading => attributor.Explain(run, head, query, places, reading)).ToArray();
        if (verifies)
            found[0] = new ScoreVerifier(model).Verify(found[0], new(4, 2));
        return [.. found];
    }

    /// <summary>Returns the text of a token of a usual sentence.</summary>
    public static TokenText Text(int id) => SampleAttribution.Text(id);
}
