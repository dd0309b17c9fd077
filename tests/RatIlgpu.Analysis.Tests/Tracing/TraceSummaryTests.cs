using System.Text;
using System.Text.Json;
using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class TraceSummaryTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly LanguageModel model;
    readonly TracePrompt[] prompts;

    public TraceSummaryTests()
    {
        model = LanguageModel.Load(DemoModel.Folder, device);
        prompts =
        [
            .. new[] { "When Mary and John went to the store", "When John and Mary met" }
                .Select(text => new TracePrompt(model.Tokenizer.Encode(text).Ids)),
        ];
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Fact]
    public void Each_layer_choice_of_heads_and_target_has_the_mean_over_the_prompts()
    {
        var traces = Traces(new() { Positions = [2, ^1], Layers = [1, ^1], Heads = [HeadAggregation.Head(0), Max] });
        var found = TraceSummary.Of(traces);
        Assert.Equal(2, found.PromptCount);
        Assert.Equal(2 * (1 + 2 * 2 * 5), found.Rows.Length);
        Assert.All(found.Rows, row => Assert.Equal(2, row.Value.Count));

        // The second target, the last layer, all heads.
        TraceResult[] own = [.. traces.Where(trace =>
            trace.TargetPosition != 2 && trace.Layer == 3 && trace.Options.Heads == Max)];
        Assert.Equal(2, own.Length);
        Is(TraceNumber.BestScore, trace => trace.Paths[0].Score);
        Is(TraceNumber.BestShare, trace => trace.PathWeights[0]);
        Is(TraceNumber.BestSteps, trace => trace.Paths[0].EdgeCount);
        Is(TraceNumber.AttentionToItself, trace => trace.TargetAttention[^1]);
        Is(TraceNumber.AttentionToFirst, trace => trace.TargetAttention[0]);
        Assert.Equal(
            MeanAndSpread.Of(own.Select(trace => (double?)trace.Predictions[0].Probability)),
            found.Rows.Single(row => row is { Number: TraceNumber.PredictionProbability, Target: 2 }).Value);

        void Is(TraceNumber number, Func<TraceResult, double?> of) => Assert.Equal(
            MeanAndSpread.Of(own.Select(of)),
            found.Rows.Single(row =>
                row.Number == number && row.Target == 2 && row.Layer == 3 && row.Heads == Max).Value);
    }

    [Fact]
    public void Prompts_of_different_numbers_of_targets_have_the_mean_over_their_own()
    {
        var traces = Traces(new(), prompts[0], prompts[1] with { Positions = [1, 2] });
        var row = TraceSummary.Of(traces).Rows.Single(one => one.Number == TraceNumber.BestScore);
        Assert.Null(row.Target);
        var scores = traces.Select(trace => trace.Paths[0].Score).ToList();
        Assert.Equal(MeanAndSpread.Of(scores[0], MeanAndSpread.Of(scores[1], scores[2]).Mean), row.Value);
    }

    [Fact]
    public void A_number_that_no_prompt_has_is_left_out()
    {
        var traces = new ReverseAttentionTracer(model).TraceAll(prompts, null, new() { Predictions = 0 });
        Assert.DoesNotContain(
            TraceSummary.Of(traces.SelectMany(all => all)).Rows,
            row => row.Number == TraceNumber.PredictionProbability);
    }

    [Fact]
    public void Traces_that_cannot_be_told_apart_are_refused()
    {
        Assert.Equal(
            "There is no trace: at least one is needed.",
            Assert.Throws<ArgumentException>(() => TraceSummary.Of([])).Message);
        var trace = Traces(new())[0];
        Assert.Equal(
            "2 traces are of prompt 1, position 7, layer 3, heads mean; expected one: traces of different prompts need "
            + "different numbers (TraceResult.Prompt).",
            Assert.Throws<ArgumentException>(() => TraceSummary.Of([trace, trace])).Message);
        Assert.Equal(2, TraceSummary.Of([trace, trace with { Prompt = 7 }]).PromptCount);
    }

    [Fact]
    public void A_summary_is_saved_row_by_row()
    {
        var found = TraceSummary.Of(Traces(new() { Layers = [0, 1] }));
        var text = TraceSummaryJson.Write(found, model, new() { Title = "two" });
        using var folder = new TemporaryFolder();
        TraceSummaryJson.Save(found, model, folder.Path("summary.json"), new() { Title = "two" });
        Assert.Equal(text, File.ReadAllText(folder.Path("summary.json")));
        using var stream = new MemoryStream();
        TraceSummaryJson.Write(found, model, stream, new() { Title = "two" });
        Assert.Equal(text, Encoding.UTF8.GetString(stream.ToArray()));
        var json = JsonDocument.Parse(text).RootElement;
        Assert.Equal("two", json.GetProperty("origin").GetProperty("title").GetString());
        Assert.Equal(2, json.GetProperty("prompt_count").GetInt32());
        Assert.Equal(found.Rows.Select(row => row.Value.Mean), Values("mean"));
        Assert.Equal(found.Rows.Select(row => row.Value.Spread), Values("spread"));
        Assert.Equal(
            """{"target":1,"layer":null,"heads":null,"label":"probability of the prediction"}""",
            Start(json.GetProperty("mean")[0]));
        Assert.Equal(
            """{"target":1,"layer":1,"heads":"mean","label":"score of the best path"}""",
            Start(json.GetProperty("spread")[6]));

        IEnumerable<double> Values(string list) =>
            json.GetProperty(list).EnumerateArray().Select(row => row.GetProperty("value").GetDouble());

        static string Start(JsonElement row) => JsonSerializer.Serialize(
            row.EnumerateObject().Take(4).ToDictionary(part => part.Name, part => part.Value));
    }

    static HeadAggregation Max => HeadAggregation.Max;

    List<TraceResult> Traces(TraceAxes axes, params TracePrompt[] some) =>
        [.. new ReverseAttentionTracer(model).TraceAll(some is [] ? prompts : some, axes).SelectMany(all => all)];
}
