using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Models;

/// <summary>Runs that start in the middle of the model.</summary>
public sealed class ForwardFromTests : IDisposable
{
    // Two orders of summation of a few dozen F32 numbers of size 1.
    const double Rounding = 2e-5;

    static readonly Site Start = new(Activation.ResidualBefore, 1);

    readonly CpuDevice device = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;

    public ForwardFromTests() => model = tiny.On(device);

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        device.Dispose();
    }

    public static TheoryData<Activation, int> Streams =>
    [
        .. from layer in Enumerable.Range(0, 3)
           from activation in (Activation[])[
               Activation.ResidualBefore, Activation.ResidualMiddle, Activation.ResidualAfter]
           select (activation, layer),
    ];

    [Theory]
    [MemberData(nameof(Streams))]
    public void From_every_stream_comes_the_rest_of_a_whole_run(Activation activation, int layer)
    {
        var (start, whole, rest) = (new Site(activation, layer), new RecordingProbe(_ => true), Everything());
        using var logits = model.Forward(tiny.Prompt(7), new() { Probe = whole });
        using var stream = Put(whole[start], 7);
        using var resumed = model.ForwardFrom(start, stream, new() { Probe = rest });
        var expected = whole.Shown.SkipWhile(shown => shown.Site != start).ToArray();
        Assert.Equal(expected.Select(shown => shown.Site), rest.Shown.Select(shown => shown.Site));
        foreach (var (there, here) in expected.Zip(rest.Shown))
            Near(there.Numbers, here.Numbers);
        Near(device.Download(logits), device.Download(resumed));

        // Without anybody looking, in one piece or several; what was given is left as it is.
        Near(device.Download(logits), ForwardFrom(start, stream, new()));
        Assert.Equal(whole[start], device.Download(stream));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Over_a_cache_it_goes_on_and_leaves_the_cache_as_it_is(Activation activation, int layer)
    {
        var (start, ids) = (new Site(activation, layer), tiny.Prompt(9));
        var whole = new RecordingProbe(site => site == start);
        var expected = Forward(ids, new() { Probe = whole });
        using var cache = new KeyValueCache(model.Config, device, 1);
        Forward(ids[..5], new() { Cache = cache });
        using var stream = Put(whole[start][(5 * 40)..], 4);
        for (var time = 0; time < 2; time++)
        {
            Near(expected[(5 * 97)..], ForwardFrom(start, stream, new() { Cache = cache }));
            Assert.Equal(5, cache.Count);
        }

        Near(expected[(5 * 97)..], Forward(ids[5..], new() { Cache = cache }));
    }

    [Theory]
    [InlineData(5, 0, 0, 0, 4)]
    [InlineData(5, 4, 0, 0, 4)]
    [InlineData(5, 4, 3, 0, 2)]
    [InlineData(5, 4, 3, 2, 1)]
    [InlineData(5, 4, 0, 3, 3)]
    [InlineData(300, 0, 0, 0, 2)]
    [InlineData(300, 6, 0, 2, 60)]
    [InlineData(300, 6, 9, 2, 300)]
    public void Several_branches_are_what_each_is_by_itself(int length, int past, int window, int padding, int count)
    {
        using var windowed = new TinyQwen2(TinyQwen2.Small with { SlidingWindow = window == 0 ? null : window });
        using var other = windowed.On(device);
        using var cache = new KeyValueCache(other.Config, device, int.Max(1, past));
        ImmutableArray<int>? mask = padding == 0
            ? null
            : [1, .. Enumerable.Repeat(0, padding), .. Enumerable.Repeat(1, past + length - padding - 1)];
        if (past > 0)
            other.Run(tiny.Prompt(past), new() { Cache = cache, AttentionMask = mask?[..past] });
        var options = new ForwardOptions { Cache = past > 0 ? cache : null, AttentionMask = mask, LogitCount = count };
        foreach (var start in (Site[])[new(Activation.ResidualBefore, 1), new(Activation.ResidualMiddle, 0)])
        {
            float[][] streams = [.. Enumerable.Range(0, 3).Select(branch => Random(length * 40, branch))];
            using var all = Put(Interleaved(streams, 40), 3 * length);
            using var logits = other.ForwardFrom(start, all, options, branches: 3);
            Assert.Equal(new Shape(3 * count, 97), logits.Shape);
            float[][] found = [.. streams.Select((_, branch) => Branch(device.Download(logits), branch, 3, 97))];
            for (var branch = 0; branch < 3; branch++)
            {
                using var one = Put(streams[branch], length);
                using var alone = other.ForwardFrom(start, one, options);
                Near(device.Download(alone), found[branch]);
            }

            Assert.NotEqual(found[0], found[1]);
            Assert.Equal(past, cache.Count);
        }
    }

    [Theory]
    [InlineData(7, 2)]
    [InlineData(300, 2)]
    [InlineData(300, 60)]
    [InlineData(300, 300)]
    public void The_last_logits_are_the_last_of_all(int length, int count)
    {
        foreach (var activation in (Activation[])[
            Activation.ResidualBefore, Activation.ResidualMiddle, Activation.ResidualAfter])
        {
            var start = new Site(activation, 2);
            using var stream = Put(Random(length * 40, 1), length);
            var all = ForwardFrom(start, stream, new());
            Near(all[^(count * 97)..], ForwardFrom(start, stream, new() { LogitCount = count }));
        }
    }

    [Fact]
    public void The_last_layer_leaves_out_what_no_logits_are_asked_of()
    {
        var watched = new WatchedDevice();
        using var small = tiny.On(watched);
        using var stream = watched.Allocate(6, 40);
        watched.Fill(1, stream);
        var probe = new RecordingProbe(site => site.Activation == Activation.HeadKey);
        small.RunFrom(new(Activation.ResidualBefore, 2), stream, new() { LogitCount = 0, Probe = probe });
        Assert.DoesNotContain("SwiGlu", watched.Operations);
        Assert.Equal(new Shape(6, 6, 8), probe.Shown.Single().Shape);
    }

    [Fact]
    public void Each_query_head_is_shown_the_keys_and_values_it_reads()
    {
        var ids = tiny.Prompt(7);
        var whole = Everything();
        Forward(ids, new() { Probe = whole });
        using var cache = new KeyValueCache(model.Config, device, 1);
        Forward(ids[..4], new() { Cache = cache });
        var part = Everything();
        Forward(ids[4..], new() { Cache = cache, Probe = part });
        foreach (var (seen, shared) in (ReadOnlySpan<(Activation, Activation)>)[
            (Activation.HeadKey, Activation.RotatedKey), (Activation.HeadValue, Activation.Value)])
            for (var layer = 0; layer < 3; layer++)
            {
                Assert.Equal(new Shape(7, 6, 8), part.Shown.Single(s => s.Site == new Site(seen, layer)).Shape);
                var rows = whole[new(shared, layer)].Chunk(8).ToArray();
                float[] expected = [.. from row in rows from _ in Enumerable.Range(0, 3) from x in row select x];
                Assert.Equal(expected, whole[new(seen, layer)]);
                Near(expected, part[new(seen, layer)]);
            }
    }

    [Fact]
    public void Branches_are_shown_as_so_many_more_rows_and_heads()
    {
        using var cache = new KeyValueCache(model.Config, device, 1);
        Forward(tiny.Prompt(4), new() { Cache = cache });
        using var stream = Put(Random(3 * 2 * 40, 1), 6);
        var probe = Everything();
        using var logits = model.ForwardFrom(
            new(Activation.ResidualBefore, 1), stream, new() { Cache = cache, Probe = probe }, branches: 2);
        Assert.Equal(new Shape(6, 6, 8), ShapeOf(Activation.Query));
        Assert.Equal(new Shape(6, 2, 8), ShapeOf(Activation.RotatedKey));
        Assert.Equal(new Shape(7, 12, 8), ShapeOf(Activation.HeadKey));
        Assert.Equal(new Shape(7, 12, 8), ShapeOf(Activation.HeadValue));
        Assert.Equal(new Shape(12, 3, 7), ShapeOf(Activation.Pattern));
        Assert.Equal(new Shape(6, 40), ShapeOf(Activation.ResidualAfter));
        Assert.Equal([(4, 3)], probe.Begun);

        Shape ShapeOf(Activation activation) =>
            probe.Shown.Single(shown => shown.Site == new Site(activation, 1)).Shape;
    }

    [Fact]
    public void A_probe_is_told_which_positions_are_run()
    {
        var probe = new RecordingProbe(_ => false);
        using var cache = new KeyValueCache(model.Config, device, 1);
        var options = new ForwardOptions { Cache = cache, Probe = probe };
        Forward(tiny.Prompt(4), options);
        using var stream = Put(Random(3 * 40, 1), 3);
        ForwardFrom(new(Activation.ResidualMiddle, 1), stream, options);
        ForwardFrom(new(Activation.ResidualMiddle, 1), stream, new() { Probe = probe });
        Forward([1], options);
        Assert.Equal([(0, 4), (4, 3), (0, 3), (4, 1)], probe.Begun);
    }

    [Fact]
    public void What_a_probe_writes_at_the_start_is_what_follows()
    {
        var start = new Site(Activation.ResidualMiddle, 1);
        using var stream = Put(Random(3 * 40, 1), 3);
        using var another = Put(Random(3 * 40, 2), 3);
        var probe = new RecordingProbe(site => site == start, (_, shown, on) => on.Copy(another, shown));
        Assert.Equal(ForwardFrom(start, another, new()), ForwardFrom(start, stream, new() { Probe = probe }));
    }

    public static TheoryData<string, Action<Qwen2Model, Tensor>> WrongUses => new()
    {
        {
            "A run cannot start at Pattern of layer 1, only at the stream before, amid or after a layer.",
            (model, stream) => model.ForwardFrom(new(Activation.Pattern, 1), stream)
        },
        {
            "A run cannot start at Embedding, only at the stream before, amid or after a layer.",
            (model, stream) => model.ForwardFrom(Site.Embedding, stream)
        },
        {
            "ResidualBefore of layer 3: the model has layers 0 to 2.",
            (model, stream) => model.ForwardFrom(new(Activation.ResidualBefore, 3), stream)
        },
        {
            "The run is to stop after Value of layer 0, before it starts at ResidualBefore of layer 1.",
            (model, stream) => model.RunFrom(Start, stream, new() { StopAfter = new(Activation.Value, 0) })
        },
        {
            "The stream is [2, 80], expected rows of width 40, at least one.",
            (model, stream) => model.ForwardFrom(Start, stream.Reshape(2, 80))
        },
        {
            "The stream is [4, 2, 20], expected rows of width 40, at least one.",
            (model, stream) => model.ForwardFrom(Start, stream.Reshape(4, 2, 20))
        },
        {
            "The stream is [0, 40], expected rows of width 40, at least one.",
            (model, stream) => model.ForwardFrom(Start, stream.Slice(0, 0))
        },
        {
            "The stream is [4, 40], which are not rows for each of 3 branches.",
            (model, stream) => model.ForwardFrom(Start, stream, branches: 3)
        },
        {
            "The stream is [4, 40], which are not rows for each of 0 branches.",
            (model, stream) => model.ForwardFrom(Start, stream, branches: 0)
        },
        {
            "The attention mask has 3 entries, expected 4, one per token.",
            (model, stream) => model.ForwardFrom(Start, stream, new() { AttentionMask = [1, 1, 1] })
        },
        {
            "LogitCount is -1, expected 0 or more.",
            (model, stream) => model.ForwardFrom(Start, stream, new() { LogitCount = -1 })
        },
    };

    [Theory]
    [MemberData(nameof(WrongUses))]
    public void A_wrong_use_is_refused(string message, Action<Qwen2Model, Tensor> call)
    {
        using var stream = Put(Random(4 * 40, 1), 4);
        var error = Assert.ThrowsAny<ArgumentException>(() => call(model, stream));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_model_runs_no_more()
    {
        using var stream = Put(Random(4 * 40, 1), 4);
        var gone = tiny.On(device);
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => gone.ForwardFrom(Start, stream));
    }

    static RecordingProbe Everything() => new(_ => true);

    static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => 4 * random.NextSingle() - 2)];
    }

    // The rows of a position, one for each branch, lie together.
    static float[] Interleaved(float[][] branches, int width) =>
    [
        .. from position in Enumerable.Range(0, branches[0].Length / width)
           from branch in branches
           from number in branch.Skip(position * width).Take(width)
           select number,
    ];

    static float[] Branch(float[] rows, int branch, int branches, int width) =>
        [.. rows.Chunk(width).Where((_, row) => row % branches == branch).SelectMany(row => row)];

    Tensor Put(float[] numbers, int rows)
    {
        var tensor = device.Allocate(rows, 40);
        device.Upload(numbers, tensor);
        return tensor;
    }

    float[] Forward(int[] ids, ForwardOptions options)
    {
        using var logits = model.Forward(ids, options);
        return device.Download(logits);
    }

    float[] ForwardFrom(Site start, Tensor stream, ForwardOptions options)
    {
        using var logits = model.ForwardFrom(start, stream, options);
        return device.Download(logits);
    }

    static void Near(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Concat(found), number => Assert.True(float.IsFinite(number)));
        Assert.InRange(
            expected.Zip(found, (a, b) => Math.Abs(a - b)).Max() / expected.Max(Math.Abs), 0, Rounding);
    }
}
