using RatIlgpu.Analysis;
using RatIlgpu.Models;
using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests.Attention;

public sealed class AttentionRenderTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly AttributionFixture fixture = new();
    readonly Qwen2Model model;

    public AttentionRenderTests() => model = fixture.On(device);

    public void Dispose()
    {
        model.Dispose();
        fixture.Dispose();
        device.Dispose();
    }

    [Fact]
    public void A_page_shows_what_was_recorded()
    {
        var run = Record(AttributionFixture.Clean, new(Activation.Pattern));
        var html = AttentionPage.Render(new(model), [run], TokenOf).Html;
        using var data = PageData.Of(html);
        Assert.Equal(12, data.RootElement.GetProperty("heads").GetArrayLength());
        for (var head = 0; head < 12; head++)
        {
            var pattern = run[new(Activation.Pattern, head / 4)];
            foreach (var (query, row) in AttentionData.Rows(html, 0, head).Index())
                Assert.Equal(
                    pattern.Row(query, head % 4)[..row.Length].ToArray().Select(PatternCode.Of), row);
        }
    }

    [Fact]
    public void Heads_are_shown_in_the_order_asked_though_they_are_read_by_layer()
    {
        var run = Record(AttributionFixture.Clean, new(Activation.Pattern));
        AttentionOptions heads = new() { Heads = [new(-1, 2), new(0, 1)] };
        using var data = PageData.Of(AttentionPage.Render(new(model), [run], TokenOf, heads).Html);
        Assert.Equal(
            ["L2H2", "L0H1"],
            data.RootElement.GetProperty("heads").EnumerateArray()
                .Select(head => head.GetProperty("name").GetString()!));
    }

    [Fact]
    public void Several_runs_show_the_layers_that_all_have()
    {
        var first = Record(AttributionFixture.Clean, new Capture(Activation.Pattern) { Layers = [0, 1] });
        var second = Record(AttributionFixture.Repeated, new Capture(Activation.Pattern) { Layers = [1, 2] });
        using var data = PageData.Of(AttentionPage.Render(new(model), [first, second], TokenOf).Html);
        Assert.Equal(2, data.RootElement.GetProperty("prompts").GetArrayLength());
        Assert.All(
            data.RootElement.GetProperty("heads").EnumerateArray(),
            head => Assert.Equal(1, head.GetProperty("layer").GetInt32()));
    }

    [Fact]
    public void Says_that_runs_have_no_layer_in_common()
    {
        var first = Record(AttributionFixture.Clean, new Capture(Activation.Pattern) { Layers = [0] });
        var second = Record(AttributionFixture.Clean, new Capture(Activation.Pattern) { Layers = [2] });
        var error = Assert.Throws<Analysis.NotRecordedException>(
            () => AttentionPage.Render(new(model), [first, second], TokenOf));
        Assert.StartsWith("The 2 recordings have no layer in common", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => AttentionPage.Render(new(model), [], TokenOf));
    }

    [Fact]
    public void The_weighting_at_first_is_read_though_the_heads_were_not_asked_for_it()
    {
        var reader = new AttentionReader(model);
        var run = new Recorder(model).Record(
            AttributionFixture.Clean.AsSpan(), reader.Captures(new() { ValueFactors = true }));
        AttentionPageOptions options = new() { Weights = AttentionWeights.Value };
        using var data = PageData.Of(AttentionPage.Render(reader, [run], TokenOf, null, options).Html);
        Assert.Equal("value", data.RootElement.GetProperty("initial").GetProperty("weights").GetString());
    }

    [Fact]
    public void A_run_gives_a_static_figure() => Assert.Contains(
        ">L1H3</text>",
        AttentionPage.ToSvg(new(model), Record(AttributionFixture.Clean, new(Activation.Pattern)), TokenOf),
        StringComparison.Ordinal);

    static TokenText TokenOf(int id) => new(id, $" {id}", []);

    Recording Record(ReadOnlySpan<int> ids, Capture capture) => new Recorder(model).Record(ids, [capture]);

    Recording Record(ImmutableArray<int> ids, Capture capture) => Record(ids.AsSpan(), capture);
}
