using System.Text.Json.Nodes;
using RatIlgpu.Devices;
using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

/// <summary>Explanations of links in the file of a trace.</summary>
public sealed class LinkExplanationTests
{
    [Fact]
    public void The_file_keeps_them_under_our_own_key()
    {
        var trace = Explained();
        var file = JsonNode.Parse(TraceJson.Write(trace))!;
        Assert.Equal(
            """
            {"query":2,"key":0,"score":1.5,"attention":0.25,"position_alone":-0.5,
            "pairs":[{"query":"L1H0","key":"embed","value":-2},{"query":"bias","key":{"utf16":[55357]},"value":1}]}
            """.ReplaceLineEndings(""),
            file["ratilgpu"]!["explanations"]![0]!.ToJsonString());
        Assert.Equal(trace, TraceJson.Read(file.ToJsonString()));
        Assert.Equal(2.5, trace.Explanations[0].Rest);
        Assert.NotEqual(trace, trace with { Explanations = [] });
    }

    [Fact]
    public void A_trace_without_them_is_written_as_before_and_a_file_without_them_has_none()
    {
        var file = JsonNode.Parse(TraceJson.Write(Explained() with { Explanations = [] }))!;
        Assert.Null(file["ratilgpu"]!["explanations"]);
        Assert.Empty(TraceJson.Read(file.ToJsonString()).Explanations);
    }

    [Fact]
    public void They_are_read_in_the_order_of_the_links()
    {
        var one = Explained();
        var raw = Math.Log(0.25);
        BeamPath path = new([2, 1, 0], [0.5, 0.5], raw, raw / 2);
        var sankey = SankeyGraph.Build([path], [1], 1, one.Tokens);
        var trace = one with
        {
            Paths = [path],
            Sankey = sankey,
            PathTexts = [PathText.Format(path, one.Tokens)],
            Explanations =
            [
                .. sankey.Links.Select(
                    link => one.Explanations[0] with
                    {
                        Source = link.Source, Target = link.Target, Attention = link.Attention,
                    }),
            ],
        };
        var (first, second) = (trace.Explanations[0], trace.Explanations[1]);
        Assert.Equal(trace, TraceJson.Read(TraceJson.Write(trace with { Explanations = [second, first] })));
        // A file may explain some alone.
        Assert.Equal([second], TraceJson.Read(TraceJson.Write(trace with { Explanations = [second] })).Explanations);
    }

    [Fact]
    public void A_file_whose_explanations_are_of_something_else_is_refused()
    {
        Refused("explanations[0].key is 1, expected the key of a step", own => own["explanations"]![0]!["key"] = 1);
        Refused("explanations[1].key is 0, expected the key of a step", own => own["explanations"]!.AsArray()
            .Add(own["explanations"]![0]!.DeepClone()));
        Refused("expected no explanations, since more than one head", own => own["options"]!["agg_heads"] = "mean");
        Refused("expected the largest pair first", own => own["explanations"]![0]!["pairs"]![0]!["value"] = 0.5);
        Refused("expected at most 5 pairs", own => own["explanations"]![0]!["pairs"] = new JsonArray(
            [.. Enumerable.Range(0, 6).Select(_ => own["explanations"]![0]!["pairs"]![0]!.DeepClone())]));
        Refused("expected a number from 0 to", own => own["explanations"]![0]!["attention"] = 2);
        Refused(
            "explanations[0].attention is 0.5, expected 0.25, the attention of that step of the paths.",
            own => own["explanations"]![0]!["attention"] = 0.5);
        Refused("score is missing", own => own["explanations"]![0]!.AsObject().Remove("score"));

        static void Refused(string message, Action<JsonNode> change)
        {
            var file = JsonNode.Parse(TraceJson.Write(Explained()))!;
            change(file["ratilgpu"]!);
            Assert.Contains(
                message,
                Assert.Throws<InvalidDataException>(() => TraceJson.Read(file.ToJsonString())).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Attention_is_that_of_its_step_but_for_rounding_other_weights_and_changed_runs()
    {
        var rounded = Explained();
        rounded = rounded with { Explanations = [rounded.Explanations[0] with { Attention = 0.2501 }] };
        Assert.Equal(rounded, TraceJson.Read(TraceJson.Write(rounded)));
        var weighted = rounded with
        {
            Options = rounded.Options with { Weights = AttentionWeights.Value },
            PathTexts = [PathText.Format(rounded.Paths[0], rounded.Tokens, AttentionWeights.Value)],
            Explanations = [rounded.Explanations[0] with { Attention = 0.75 }],
        };
        Assert.Equal(weighted, TraceJson.Read(TraceJson.Write(weighted)));
        // A changed pattern is that of the steps alone: scores know nothing of it.
        var changed = rounded with
        {
            Interventions = ["pattern of layer 0 times 0.5"],
            Explanations = [rounded.Explanations[0] with { Attention = 0.5 }],
        };
        Assert.Equal(changed, TraceJson.Read(TraceJson.Write(changed)));
    }

    [Fact]
    public void What_a_link_counts_has_a_name()
    {
        Assert.Equal("attention", PathText.MeasureOf(AttentionWeights.Standard));
        Assert.Equal("weight (contribution)", PathText.MeasureOf(AttentionWeights.Contribution));
    }

    static TraceResult Explained()
    {
        ImmutableArray<TokenText> tokens = [.. Enumerable.Range(0, 3).Select(at => new TokenText(at, $"t{at}", []))];
        var raw = Math.Log(0.25);
        BeamPath path = new([2, 0], [0.25], raw, raw);
        return new()
        {
            Options = new() { TargetPosition = 2, Layer = 1, Heads = HeadAggregation.Head(3) },
            Model = new("tiny", 4, 6),
            Tokens = tokens,
            Paths = [path],
            PathWeights = [1],
            Sankey = SankeyGraph.Build([path], [1], 1, tokens),
            PathTexts = [PathText.Format(path, tokens)],
            SelfAttention = ImmutableSortedDictionary<int, double>.Empty,
            TargetAttention = [],
            Explanations =
            [
                new()
                {
                    Source = 0,
                    Target = 2,
                    Score = 1.5,
                    Attention = 0.25,
                    PositionAlone = -0.5,
                    Pairs = [new("L1H0", "embed", -2), new("bias", "\ud83d", 1)],
                },
            ],
        };
    }
}
