using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class RecorderTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;

    public RecorderTests() => model = tiny.On(device);

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }

    static IEnumerable<Activation> All => Enum.GetValues<Activation>();

    [Fact]
    public void An_activation_given_to_two_recordings_stays_that_of_the_first()
    {
        var given = new RecordedActivation(new(Activation.ResidualBefore, 1), [0, 1], [], 2, [1, 2, 3, 4]);
        var first = new Recording(new("first"), [7, 8], null, [given]);
        var kept = first[given.Site];
        var second = new Recording(new("second"), [7, 9], null, [kept]);
        Assert.Same(first, kept.Owner);
        Assert.Same(first, first[given.Site].Owner);
        Assert.Same(second, second[given.Site].Owner);
        Assert.Null(given.Owner);
    }

    [Fact]
    public void Every_site_of_a_run_can_be_recorded_at_once()
    {
        var run = new Recorder(model).Record(tiny.Prompt(7), [.. All.Select(one => new Capture(one))]);
        Assert.Equal(3 + 17 * 3, run.Sites.Count());
        Assert.All(run.Sites, site => Assert.Contains(run[site].Values.ToArray(), number => number != 0));
    }

    [Fact]
    public void Some_heads_and_positions_of_a_site_are_those_of_the_whole()
    {
        int[] prompt = tiny.Prompt(7);
        var whole = new Recorder(model).Record(prompt, [.. All.Select(one => new Capture(one))]);
        foreach (var site in whole.Sites)
        {
            var hasHeads = !whole[site].Heads.IsEmpty;
            var part = new Recorder(model).Record(
                prompt, [new(site.Activation) { Heads = hasHeads ? [1, 0] : null, Positions = [^1, 2, 4] }]);
            Assert.Equal([2, 4, 6], part[site].Positions);
            foreach (var position in part[site].Positions)
                if (hasHeads)
                    Close(whole[site].Row(position, 1), part[site].Row(position, 1));
                else
                    Close(whole[site].Row(position), part[site].Row(position));
        }
    }

    // Without a probe, sublayer outputs are added to the stream directly, in a different order of summation.
    static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) =>
        Assert.All(expected.ToArray().Zip(actual.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
}
