using System.Text;
using System.Text.Json.Nodes;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

public sealed class FlowJsonTests : DemoModelTraces
{
    FlowResult Flow(FlowOptions? options = null) => new FlowTracer(model).TraceText(Prompt, options) with
    {
        Prompt = 2,
        Notices = ["A notice."],
        Origin = new() { Title = "T", Command = "c", Version = "1" },
    };

    [Fact]
    public void A_flow_that_is_read_is_the_one_that_was_written()
    {
        foreach (var flow in (FlowResult[])
        [
            Flow(),
            Flow(new() { Method = FlowMethod.Rollout, FromLayer = 1, ToLayer = 2, TargetPosition = 5 }),
            Flow(new() { MinShare = 0.1 }),
            Flow(new() { MinShare = 1 }),
            Flow(new() { AttentionMask = [0, .. Enumerable.Repeat(1, 13)] }),
            Flow() with { PromptLength = 9, Interventions = ["L1H0 = 0"] },
        ])
        {
            var read = Read(FlowJson.Write(flow));
            Assert.Equal(flow with { PromptLength = flow.PromptLength }, read);
        }
    }

    [Fact]
    public void Tells_a_flow_from_a_trace()
    {
        Assert.True(FlowJson.IsFlow(Encoding.UTF8.GetBytes(FlowJson.Write(Flow()))));
        var trace = new ReverseAttentionTracer(model).TraceText(Prompt);
        Assert.False(FlowJson.IsFlow(Encoding.UTF8.GetBytes(TraceJson.Write(trace))));
        Assert.False(FlowJson.IsFlow("{}"u8));
    }

    [Theory]
    [InlineData("ratilgpu.through.shares.0", "0.5", "shares is a list of 14, expected shares that sum to 1")]
    [InlineData("ratilgpu.through.shares.0", "-1", "shares[0] is -1, expected a number from 0 to ")]
    [InlineData("ratilgpu.through.path_share", "0.5", "path_share is 0.5, expected ")]
    [InlineData("ratilgpu.through.paths.0.positions.0", "3", "positions[0] is 3, expected 13")]
    [InlineData("ratilgpu.through.paths.0.positions.2", "13", "positions[2] is 13, expected a whole number from ")]
    [InlineData("ratilgpu.through.paths.0.flows.0", "0", "flows[0] is 0, expected more than 0")]
    [InlineData("ratilgpu.through.paths.0.probability", "0.9", "probability is 0.9, expected ")]
    [InlineData("ratilgpu.through.paths.1.score", "0", "score is 0, expected ")]
    [InlineData("ratilgpu.options.flow", "\"best\"", "flow is 'best', expected norm or rollout")]
    [InlineData("ratilgpu.options.from_layer", "4", "from_layer is 4, expected a whole number from 0 to 3")]
    [InlineData("ratilgpu.version", "2", "version is 2, expected 1")]
    [InlineData("metadata.target_pos", "14", "target_pos is 14, expected a whole number from 0 to 13")]
    [InlineData("metadata.top_beam", "2", "paths is a list of 5, expected at most 2 paths")]
    public void A_file_that_contradicts_itself_is_refused_with_the_place(string place, string value, string message)
    {
        var json = JsonNode.Parse(FlowJson.Write(Flow()))!;
        var at = json;
        var names = place.Split('.');
        foreach (var name in names[..^1])
            at = at is JsonArray list ? list[int.Parse(name, null)]! : at[name]!;
        if (at is JsonArray items)
            items[int.Parse(names[^1], null)] = JsonNode.Parse(value);
        else
            at[names[^1]] = JsonNode.Parse(value);
        var fault = Assert.Throws<InvalidDataException>(() => Read(json.ToJsonString()));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.StartsWith("flow.json: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_below_the_least_share_and_a_target_that_is_padding_are_refused()
    {
        var flow = Flow();
        var last = flow.Paths[^1].Probability;
        var json = JsonNode.Parse(FlowJson.Write(flow))!;
        var options = json["ratilgpu"]!["options"]!;
        options["min_share"] = last;
        Assert.Equal(5, Read(json.ToJsonString()).Paths.Length);
        options["min_share"] = 2 * last;
        Refuses(FormattableString.Invariant(
            $"ratilgpu.through.paths[4].probability is {last}, expected at least {2 * last}, the least share of a ")
            + "path.");
        options["min_share"] = 0;
        options["attention_mask"] = JsonNode.Parse("[1,1,1,1,1,1,1,1,1,1,1,1,1,0]");
        Refuses(
            "ratilgpu.options.attention_mask[13] is 0, expected 1, since nothing flows to a target that is padding.");

        void Refuses(string message) => Assert.Equal(
            $"flow.json: {message}",
            Assert.Throws<InvalidDataException>(() => Read(json.ToJsonString())).Message);
    }

    [Fact]
    public void A_path_through_padding_is_refused()
    {
        var flow = Flow();
        var through = flow.Paths[0].Positions.ToList().FindIndex(position => position != 13);
        var json = JsonNode.Parse(FlowJson.Write(flow))!;
        var masked = flow.Paths[0].Positions[through];
        var mask = Enumerable.Range(0, 14).Select(position => JsonValue.Create(position == masked ? 0 : 1));
        json["ratilgpu"]!["options"]!["attention_mask"] = new JsonArray([.. mask]);
        Assert.Equal(
            $"flow.json: ratilgpu.through.paths[0].positions[{through}] is {masked}, expected a position whose "
            + "attention_mask is 1, since no path goes through padding.",
            Assert.Throws<InvalidDataException>(() => Read(json.ToJsonString())).Message);
    }

    [Fact]
    public void Paths_that_repeat_or_bring_more_than_their_token_are_refused()
    {
        var flow = Flow();
        var best = flow.Paths[0];
        Refused(
            flow with { Paths = [best, best] }, "positions is a list of 5, expected another path than those before");
        Refused(
            flow with { Paths = [best with { Flows = [1, 1, 1, 1], Score = 0, Probability = 1 }] },
            "probability is 1, expected paths that sum to at most the share of the token at which they end");

        static void Refused(FlowResult flow, string message) => Assert.Contains(
            message, Assert.Throws<InvalidDataException>(() => Read(FlowJson.Write(flow))).Message,
            StringComparison.Ordinal);
    }

    static FlowResult Read(string json) => FlowJson.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)));
}
