using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Models;

public sealed class Qwen2ModelTests : IDisposable
{
    // Two orders of summation of a few dozen F32 numbers of size 1.
    const double Rounding = 2e-5;

    readonly TinyQwen2 tiny = new();
    readonly PlainDevice plain = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Nobody_looking_means_streamed_attention_and_nothing_beside_the_stream()
    {
        var device = new WatchedDevice();
        using var model = tiny.On(device);
        using var logits = model.Forward(tiny.Prompt(5));

        string[] layer =
        [
            "RmsNorm", "Linear", "Rotate", "Linear", "Rotate", "Linear", "Attend", "AddLinear",
            "RmsNorm", "Linear", "Linear", "SwiGlu", "AddLinear",
        ];
        Assert.Equal(["Gather", .. layer, .. layer, .. layer, "RmsNorm", "Linear"], device.Operations);
    }

    [Fact]
    public void A_run_stops_where_it_is_told_to()
    {
        var device = new WatchedDevice();
        using var model = tiny.On(device);
        model.Run(tiny.Prompt(5), new() { StopAfter = new(Activation.RotatedKey, 1) });

        Assert.Equal(["RmsNorm", "Linear", "Linear", "Rotate", "Rotate"], device.Operations.TakeLast(5));
        Assert.Equal(1 + 13 + 5, device.Operations.Count);
    }

    [Fact]
    public void Every_site_is_shown_once_in_order_and_in_its_shape()
    {
        using var model = tiny.On(plain);
        var probe = new RecordingProbe(_ => true);
        using var logits = model.Forward(tiny.Prompt(5), new() { Probe = probe, LogitCount = 2 });

        var inLayer = Enum.GetValues<Activation>().Where(activation => new Site(activation, 0).IsInLayer);
        Site[] expected =
        [
            Site.Embedding,
            .. Enumerable.Range(0, 3).SelectMany(layer => inLayer.Select(activation => new Site(activation, layer))),
            Site.FinalNorm,
            Site.Logits,
        ];
        Assert.Equal(expected, probe.Shown.Select(shown => shown.Site));
        Assert.Equal(new Shape(6, 5, 5), ShapeAt(Activation.Pattern));
        Assert.Equal(new Shape(5, 6, 8), ShapeAt(Activation.RotatedQuery));
        Assert.Equal(new Shape(5, 2, 8), ShapeAt(Activation.Value));
        Assert.Equal(new Shape(5, 56), ShapeAt(Activation.MlpNeurons));
        Assert.Equal(new Shape(2, 97), ShapeAt(Activation.Logits));

        Shape ShapeAt(Activation activation) => probe.Shown.First(shown => shown.Site.Activation == activation).Shape;
    }

    [Fact]
    public void Looking_changes_nothing()
    {
        using var model = tiny.On(plain);
        var ids = tiny.Prompt(9);
        Close(Run(model, ids), Run(model, ids, new() { Probe = new RecordingProbe(_ => true) }));
    }

    [Fact]
    public void What_a_probe_writes_the_model_goes_on_with()
    {
        using var model = tiny.On(plain);
        var ids = tiny.Prompt(9);
        var site = new Site(Activation.AttentionOutput, 1);
        var silence = new RecordingProbe(asked => asked == site, (_, tensor, device) => device.Fill(0, tensor));
        var stream = new RecordingProbe(asked =>
            asked == new Site(Activation.ResidualBefore, 1) || asked == new Site(Activation.ResidualMiddle, 1));
        using var logits = model.Forward(ids, new() { Probe = new Both(silence, stream) });

        Assert.Equal(stream[new(Activation.ResidualBefore, 1)], stream[new(Activation.ResidualMiddle, 1)]);
        Assert.Contains(silence[site], number => Math.Abs(number) > 0.1);
    }

    [Theory]
    [InlineData(Activation.ResidualBefore)]
    [InlineData(Activation.AttentionInput)]
    [InlineData(Activation.Query)]
    [InlineData(Activation.Key)]
    [InlineData(Activation.RotatedQuery)]
    [InlineData(Activation.RotatedKey)]
    [InlineData(Activation.Value)]
    [InlineData(Activation.Pattern)]
    [InlineData(Activation.HeadOutput)]
    [InlineData(Activation.AttentionOutput)]
    [InlineData(Activation.ResidualMiddle)]
    [InlineData(Activation.MlpInput)]
    [InlineData(Activation.MlpNeurons)]
    [InlineData(Activation.MlpOutput)]
    [InlineData(Activation.ResidualAfter)]
    public void Silencing_any_site_moves_the_logits(Activation activation)
    {
        using var model = tiny.On(plain);
        var ids = tiny.Prompt(9);
        var site = new Site(activation, 1);
        var silence = new RecordingProbe(asked => asked == site, (_, tensor, device) => device.Fill(0, tensor));
        var moved = Run(model, ids, new() { Probe = silence }).Zip(Run(model, ids), (a, b) => Math.Abs(a - b)).Max();
        Assert.True(moved > 0.01, $"The logits moved by {moved}.");
    }

    [Theory]
    [InlineData(0, false, 0)]
    [InlineData(0, true, 0)]
    [InlineData(8, false, 0)]
    [InlineData(8, true, 0)]
    [InlineData(0, false, 5)]
    [InlineData(0, true, 5)]
    [InlineData(8, true, 300)]
    public void Blocks_of_positions_give_what_one_block_gives(int window, bool cached, int padding)
    {
        using var windowed = new TinyQwen2(TinyQwen2.Small with { SlidingWindow = window == 0 ? null : window });
        using var device = new CpuDevice();
        using var model = windowed.On(device);
        var ids = windowed.Prompt(600);

        // Padding in the middle, so that no query is blind, unless the window is narrower than it.
        ImmutableArray<int>? mask = padding == 0
            ? null
            : [.. Enumerable.Range(0, 600).Select(position => position >= 100 && position < 100 + padding ? 0 : 1)];
        var whole = new RecordingProbe(site => site.Activation is Activation.MlpInput or Activation.Pattern);
        var expected = Run(model, ids, new() { Probe = whole, AttentionMask = mask });
        using var cache = cached ? new KeyValueCache(model.Config, device, ids.Length) : null;
        var found = cache is null
            ? Run(model, ids, new() { AttentionMask = mask })
            : [
                .. Run(model, ids[..290], new() { Cache = cache, AttentionMask = mask?[..290] }),
                .. Run(model, ids[290..], new() { Cache = cache, AttentionMask = mask }),
            ];

        // What padding itself says differs where it is blind: a later run knows more keys.
        foreach (var position in Enumerable.Range(0, 600).Where(position => mask?[position] != 0))
            Close(Row(expected, position), Row(found, position));

        float[] Row(float[] logits, int position) => logits[(position * 97)..((position + 1) * 97)];
    }

    [Fact]
    public void A_cached_step_gives_what_a_full_pass_gives()
    {
        using var model = tiny.On(plain);
        var ids = tiny.Prompt(12);
        using var cache = new KeyValueCache(model.Config, plain, 1);
        var full = Run(model, ids);
        var pieces = new List<float>();
        foreach (var piece in (int[][])[ids[..5], ids[5..6], ids[6..]])
            pieces.AddRange(Run(model, piece, new() { Cache = cache }));
        Close(full, [.. pieces]);
        Assert.Equal(12, cache.Count);
    }

    [Fact]
    public void What_padding_says_changes_nothing_behind_it()
    {
        using var model = tiny.On(plain);
        var ids = tiny.Prompt(10);
        var mask = ImmutableArray.Create(0, 0, 0, 1, 1, 1, 1, 1, 1, 1);
        var other = (int[])[1, 2, 3, .. ids[3..]];
        var width = model.Config.VocabularySize;
        Close(
            Run(model, ids, new() { AttentionMask = mask })[(3 * width)..],
            Run(model, other, new() { AttentionMask = mask })[(3 * width)..]);
    }

    [Fact]
    public void Only_the_logits_asked_for_are_computed()
    {
        using var model = tiny.On(plain);
        var ids = tiny.Prompt(6);
        var width = model.Config.VocabularySize;
        Assert.Equal(Run(model, ids)[(4 * width)..], Run(model, ids, new() { LogitCount = 2 }));
    }

    [Fact]
    public void A_run_without_logits_extends_the_cache_unless_it_stops_early()
    {
        using var model = tiny.On(plain);
        using var cache = new KeyValueCache(model.Config, plain, 8);
        model.Run(tiny.Prompt(3), new() { Cache = cache, LogitCount = 0 });
        model.Run(tiny.Prompt(2), new() { Cache = cache, LogitCount = 0, StopAfter = Site.FinalNorm });
        Assert.Equal(5, cache.Count);
        model.Run(tiny.Prompt(2), new() { Cache = cache, StopAfter = Site.FinalNorm });
        model.Run(tiny.Prompt(2), new() { Cache = cache, StopAfter = new(Activation.ResidualAfter, 2) });
        Assert.Equal(5, cache.Count);
    }

    [Fact]
    public void A_disposed_model_does_not_run()
    {
        var model = tiny.On(plain);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.Forward([1]));
    }

    [Fact]
    public void Progress_counts_the_layers_of_this_run()
    {
        using var model = tiny.On(plain);
        var heard = new Heard();
        model.Run(tiny.Prompt(3), new() { Progress = heard, StopAfter = new(Activation.ResidualAfter, 1) });
        Assert.Equal([0.5, 1], heard.Shares);
    }

    [Fact]
    public void Progress_counts_the_blocks_of_a_long_prompt()
    {
        using var model = tiny.On(plain);
        var heard = new Heard();
        var ids = Enumerable.Repeat(1, 320).ToArray();
        model.Run(ids, new() { Progress = heard, StopAfter = new(Activation.RotatedKey, 1) });
        Assert.Equal([256 / 640.0, 320 / 640.0], heard.Shares);
    }

    [Theory]
    [InlineData(Activation.ResidualBefore, 1)]
    [InlineData(Activation.ResidualMiddle, 1)]
    [InlineData(Activation.ResidualAfter, 0)]
    public void Progress_of_a_run_from_a_stream_counts_the_layers_after_it(Activation start, int layer)
    {
        using var model = tiny.On(plain);
        using var stream = plain.Allocate(3, tiny.Config.HiddenSize);
        plain.Fill(1, stream);
        var heard = new Heard();
        model.RunFrom(new(start, layer), stream, new() { Progress = heard, LogitCount = 0 });
        Assert.Equal([0.5, 1], heard.Shares);
    }

    [Fact]
    public void Progress_ends_at_one_and_cancellation_is_heard()
    {
        using var model = tiny.On(plain);
        var heard = new Heard();
        using var logits = model.Forward(tiny.Prompt(3), new() { Progress = heard });
        Assert.Equal([1 / 3.0, 2 / 3.0, 1], heard.Shares);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var stopped = new ForwardOptions { Cancellation = stop.Token };
        Assert.Throws<OperationCanceledException>(() => model.Forward(tiny.Prompt(3), stopped));
    }

    public static TheoryData<string, int[], ForwardOptions?> WrongCalls => new()
    {
        { "The prompt is empty: at least one token is needed.", [], null },
        { "Token 97 is not in the model's vocabulary of 97.", [97], null },
        { "Token -1 is not in the model's vocabulary of 97.", [-1], null },
        {
            "The run stops after FinalNorm, expected Logits: call Run to stop earlier.",
            [1],
            new() { StopAfter = Site.FinalNorm }
        },
        {
            "LogitCount is 0, expected 1 or more: call Run for a run without logits.",
            [1],
            new() { LogitCount = 0 }
        },
        { "The attention mask has 1 entries, expected 2, one per token.", [1, 2], new() { AttentionMask = [1] } },
        {
            "The attention mask has an entry 2, expected 0 for padding or 1 for a token.",
            [1],
            new() { AttentionMask = [2] }
        },
    };

    [Theory]
    [MemberData(nameof(WrongCalls))]
    public void A_wrong_call_says_what_is_wrong(string message, int[] ids, ForwardOptions? options)
    {
        using var model = tiny.On(plain);
        var error = Assert.ThrowsAny<ArgumentException>(() => model.Forward(ids, options));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_cannot_stop_in_a_layer_that_the_model_does_not_have()
    {
        using var model = tiny.On(plain);
        var error = Assert.ThrowsAny<ArgumentException>(
            () => model.Run([1], new() { StopAfter = new(Activation.Pattern, 3) }));
        Assert.StartsWith(
            "Pattern of layer 3: the model has layers 0 to 2.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attention_mask_that_was_never_made_is_none()
    {
        using var model = tiny.On(plain);
        int[] ids = [1, 2, 3];
        var none = new ForwardOptions { AttentionMask = default(ImmutableArray<int>) };

        Assert.Null(none.AttentionMask);
        Assert.Equal(Run(model, ids), Run(model, ids, none));
    }

    static float[] Run(Qwen2Model model, int[] ids, ForwardOptions? options = null)
    {
        using var logits = model.Forward(ids, options);
        return model.Device.Download(logits);
    }

    static void Close(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Concat(found), number => Assert.True(float.IsFinite(number)));
        var scale = expected.Max(Math.Abs);
        Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max() / scale, 0, Rounding);
    }

    sealed class Both(IProbe first, IProbe second) : IProbe
    {
        public void Begin(int firstPosition, int positionCount)
        {
            first.Begin(firstPosition, positionCount);
            second.Begin(firstPosition, positionCount);
        }

        public void BeginLogits(ImmutableArray<int> positions)
        {
            first.BeginLogits(positions);
            second.BeginLogits(positions);
        }

        public bool Wants(Site site) => first.Wants(site) || second.Wants(site);

        public void Show(Site site, Tensor activation, Device device)
        {
            foreach (var probe in (IProbe[])[first, second])
                if (probe.Wants(site))
                    probe.Show(site, activation, device);
        }
    }

    sealed class Heard : IProgress<double>
    {
        public List<double> Shares { get; } = [];

        public void Report(double value) => Shares.Add(value);
    }
}
