using System.Text;
using System.Text.Json.Nodes;
using RatIlgpu.Devices;
using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Tests.Tracing;

public sealed class TraceJsonTests
{
    // As Reverse Attention Tracer writes it.
    const string Foreign = """
        {
          "metadata": {"seq_len": 5, "target_pos": 4, "layer": 2, "top_beam": 5, "top_k": 3},
          "tokens": ["The", " cat", "\n", "\u732b\ufffd", " sat \"x\""],
          "beams": [
            {"positions": [4, 1, 0], "tokens": [" sat \"x\"", " cat", "The"], "token_ids": [7, 8251, 785],
             "edge_attns": [0.5, 0.25], "score_raw": -2.0794415416798357, "score_norm": -1.0397207708399179},
            {"positions": [4, 0], "tokens": [" sat \"x\"", "The"], "token_ids": [7, 785],
             "edge_attns": [0.1], "score_raw": -2.3025850929940455, "score_norm": -2.3025850929940455}
          ],
          "sankey": {
            "nodes": [
              {"id": "L2_P0", "name": "The", "position": 0, "layer": 2},
              {"id": "L2_P1", "name": " cat", "position": 1, "layer": 2},
              {"id": "L2_P4", "name": " sat \"x\"", "position": 4, "layer": 2}
            ],
            "links": [
              {"source": "L2_P1", "target": "L2_P4", "value": 0.38975939539422877, "beam_indices": [0]},
              {"source": "L2_P0", "target": "L2_P1", "value": 0.19487969769711438, "beam_indices": [0]},
              {"source": "L2_P0", "target": "L2_P4", "value": 0.022048120921154244, "beam_indices": [1]}
            ]
          },
          "paths_text": [
            "The -> \" cat\" -> \" sat \"x\"\" (score: -1.0397)",
            "The -> \" sat \"x\"\" (score: -2.3026)"
          ]
        }
        """;

    [Fact]
    public void Reads_what_the_original_wrote()
    {
        var trace = TraceJson.Read(Foreign);
        Assert.Equal(new() { TargetPosition = 4, Layer = 2, TopBeam = 5, TopK = 3 }, trace.Options);
        Assert.Equal([785, 8251, -1, -1, 7], trace.Tokens.Select(token => token.Id));
        Assert.Equal("猫\ufffd", trace.Tokens[3].Text);
        Assert.Equal([4, 1, 0], trace.Paths[0].Positions);
        Assert.Equal([0.7795187907884575, 0.22048120921154243], trace.PathWeights, Near);
        Assert.Equal(new(0, 1, 0.25, 0.25 * trace.PathWeights[0], [0]), trace.Sankey.Links[1]);
        Assert.Equal("""The -> " sat "x"" (score: -2.3026)""", trace.PathTexts[1]);
    }

    [Fact]
    public void A_long_trace_is_written_in_pieces()
    {
        var trace = TraceJson.Read(Foreign);
        var longer = trace with { PathTexts = [.. Enumerable.Repeat(trace.PathTexts[0], 20_000)] };
        using var pieces = new Pieces();
        TraceJson.Write(longer, pieces);
        Assert.Equal(TraceJson.Write(longer), Encoding.ASCII.GetString(pieces.ToArray()));
        Assert.InRange(pieces.Longest, 1, 1 << 17);
    }

    [Fact]
    public void Says_what_a_file_of_the_original_leaves_open()
    {
        var trace = TraceJson.Read(Foreign);
        Assert.Equal(new TracedModel("unknown", 0, 0), trace.Model);
        Assert.Empty(trace.SelfAttention);
        Assert.Empty(trace.TargetAttention);
        Assert.Equal(
            "The file does not say which model was traced, nor with which heads, least attention, length normalization,"
            + " BOS token and mask: the defaults are shown.",
            Assert.Single(trace.Notices));
    }

    [Fact]
    public void Writes_the_keys_of_the_original_and_one_more()
    {
        var written = JsonNode.Parse(TraceJson.Write(TraceJson.Read(Foreign)))!.AsObject();
        Assert.True(written.Remove("ratilgpu"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Foreign), written), written.ToJsonString());
    }

    [Fact]
    public void Keeps_all_that_the_original_does_not_know()
    {
        var trace = Whole();
        Assert.Equal(trace, TraceJson.Read(TraceJson.Write(trace)));
    }

    [Fact]
    public void Our_own_key_holds_what_the_documentation_says()
    {
        var own = JsonNode.Parse(TraceJson.Write(Whole()))!["ratilgpu"]!;
        Assert.Equal(
            """
            {"version":1,"model":{"name":"tiny","layer_count":4,"head_count":6},
            "options":{"min_attn":0.01,"agg_heads":"max:1,5","length_norm":"pow:0.7","stop_at_bos":false,
            "predictions":2,"bos_token_id":3,"attention_mask":[1,1,0]},
            "token_ids":[9,8,7],"token_bytes":[{"position":1,"bytes":"54s="}],
            "token_texts":[{"position":2,"text":{"utf16":[97,55357]}}],
            "path_weights":[1],"self_attention":[{"position":1,"attention":0.5}],
            "target_attention":[0.25,0.75],"notices":["Look."],"prompt":3,"prompt_length":2,
            "predictions":[{"token_id":4,"token":"y","probability":0.75,"logit":1.5},
            {"token_id":5,"token":"\uFFFD","bytes":"54s=","probability":0.25,"logit":0.5}],
            "interventions":["zero"],"origin":{"title":"T","command":"ratilgpu trace","version":"1.0"}}
            """.ReplaceLineEndings(""),
            own.ToJsonString());
    }

    [Fact]
    public void Weights_stand_among_the_options_where_they_are_not_the_standard_ones()
    {
        var trace = Whole();
        trace = trace with
        {
            Options = trace.Options with { Weights = AttentionWeights.Value },
            PathTexts = [PathText.Format(trace.Paths[0], trace.Tokens, AttentionWeights.Value)],
        };
        var file = JsonNode.Parse(TraceJson.Write(trace))!;
        Assert.Equal("value", file["ratilgpu"]!["options"]!["weights"]!.GetValue<string>());
        Assert.EndsWith(
            "(score: -1.3863, value weights)", file["paths_text"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(trace, TraceJson.Read(file.ToJsonString()));
        foreach (var wrong in (string[])["Value", "contribution"])
        {
            file["ratilgpu"]!["options"]!["weights"] = wrong;
            Assert.Equal(
                $"trace.json: ratilgpu.options.weights is '{wrong}', expected standard, value, info, or contribution "
                + "of the mean over heads.",
                Assert.Throws<InvalidDataException>(() => TraceJson.Read(file.ToJsonString())).Message);
        }
    }

    [Fact]
    public void A_half_of_a_pair_is_replaced_where_the_original_has_text()
    {
        var written = JsonNode.Parse(TraceJson.Write(Whole()))!;
        Assert.Equal("a\ufffd", written["tokens"]![2]!.GetValue<string>());
    }

    [Fact]
    public void Is_the_same_text_and_stream()
    {
        using var stream = new MemoryStream();
        TraceJson.Write(Whole(), stream);
        Assert.Equal(TraceJson.Write(Whole()), Encoding.UTF8.GetString(stream.ToArray()));
        stream.Position = 0;
        Assert.Equal(Whole(), TraceJson.Read(stream));
    }

    [Theory]
    [InlineData("\"top_k\": 3", "\"top_k\": 0", "metadata.top_k is 0, "
        + "expected a whole number from 1 to 2,147,483,647.")]
    [InlineData("\"seq_len\": 5", "\"seq_len\": 6", "metadata.seq_len is 6, expected 5.")]
    [InlineData("\"seq_len\": 5, ", "", "metadata.seq_len is missing, expected 5.")]
    [InlineData("\"target_pos\": 4", "\"target_pos\": 5", "metadata.target_pos is 5, "
        + "expected a whole number from 0 to 4.")]
    [InlineData("\"tokens\": [\"The\"", "\"tokens\": [null", "tokens[0] is null, expected text.")]
    [InlineData("\"tokens\": [\"The\"", "\"tokens\": [\"\\ud83d\"", "tokens[0] is text with half a surrogate pair, "
        + "expected well-formed Unicode.")]
    [InlineData("[4, 1, 0]", "[4, 0, 1]", "beams[0].positions[2] is 1, expected a whole number from 0 to -1.")]
    [InlineData("[4, 1, 0]", "[3, 1, 0]", "beams[0].positions[0] is 3, expected 4.")]
    [InlineData("[0.5, 0.25]", "[0.5]", "beams[0].edge_attns is a list of 1, expected a list of 2.")]
    [InlineData("[0.5, 0.25]", "[0.5, 0]", "beams[0].edge_attns[1] is 0, expected more than 0.")]
    [InlineData("[0.5, 0.25]", "[0.5, 1e999]", "beams[0].edge_attns[1] is 1e999, expected a number.")]
    [InlineData("\"score_raw\": -2.07", "\"score_raw\": -3.07", "beams[0].score_raw is -3.0794415416798357, "
        + "expected -2.0794415416798357 as the rest of the file says.")]
    [InlineData("\"score_norm\": -1.0", "\"score_norm\": -9.0", "beams[1].score_norm is -2.3025850929940455, "
        + "expected the best path first.")]
    [InlineData("[7, 785]", "[7, 1]", "beams[1].token_ids[1] is 1, expected 785.")]
    [InlineData("\"name\": \" cat\"", "\"name\": \" d\\u001bg\"", "sankey.nodes[1].name is ' d\\u001Bg', "
        + "expected ' cat'.")]
    [InlineData("0.022048", "0.122048", "sankey.links[2].value is 0.122048120921154244, "
        + "expected 0.022048120921154244 as the rest of the file says.")]
    [InlineData("\"top_beam\": 5", "\"top_beam\": 1", "beams is a list of 2, expected one path.")]
    public void Says_what_is_wrong_and_where(string right, string wrong, string message)
    {
        Assert.Contains(right, Foreign, StringComparison.Ordinal);
        var text = Foreign.Replace(right, wrong, StringComparison.Ordinal);
        var error = Assert.Throws<InvalidDataException>(() => TraceJson.Read(text, "out/trace.json"));
        Assert.Equal($"out/trace.json: {message}", error.Message);
    }

    [Theory]
    [InlineData("[", "is not JSON from line 1, byte 2 on.")]
    [InlineData("{\n\"a\": }", "is not JSON from line 2, byte 6 on.")]
    [InlineData("{\"a\": 1, \"a\": 2}", "has a name twice in one object.")]
    public void Says_where_a_file_stops_being_json(string text, string fault)
    {
        var error = Assert.Throws<InvalidDataException>(() => TraceJson.Read(text));
        Assert.Equal($"trace.json: {fault}", error.Message);
    }

    [Fact]
    public void Refuses_text_that_is_not_Unicode()
    {
        var error = Assert.Throws<InvalidDataException>(() => TraceJson.Read("\ud83d"));
        Assert.Equal("trace.json: has half a surrogate pair, expected well-formed Unicode.", error.Message);
    }

    [Fact]
    public void Refuses_a_file_of_a_version_to_come()
    {
        var text = TraceJson.Write(Whole()).Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal);
        var error = Assert.Throws<InvalidDataException>(() => TraceJson.Read(text));
        Assert.Equal("trace.json: ratilgpu.version is 2, expected 1.", error.Message);
    }

    [Fact]
    public void A_file_without_the_newer_keys_has_their_defaults()
    {
        var file = JsonNode.Parse(TraceJson.Write(Whole()))!;
        var own = file["ratilgpu"]!.AsObject();
        foreach (var name in (string[])["prompt", "prompt_length", "predictions", "interventions", "origin"])
            Assert.True(own.Remove(name), name);
        Assert.True(own["options"]!.AsObject().Remove("predictions"));
        var trace = TraceJson.Read(file.ToJsonString());
        Assert.Equal((0, 3, null), (trace.Prompt, trace.PromptLength, trace.Origin));
        Assert.Empty(trace.Predictions);
        Assert.Empty(trace.Interventions);
        Assert.Equal(5, trace.Options.Predictions);
    }

    [Theory]
    [InlineData("prompt", "0", "prompt is 0, expected a whole number from 1 to 2,147,483,647.")]
    [InlineData("prompt_length", "0", "prompt_length is 0, expected a whole number from 1 to 3.")]
    [InlineData("prompt_length", "4", "prompt_length is 4, expected a whole number from 1 to 3.")]
    [InlineData("predictions", "[0,0,0]", "predictions is a list of 3, expected at most 2 predictions.")]
    [InlineData("predictions", """[{"token_id":1,"token":"a","probability":1.5,"logit":1}]""",
        "predictions[0].probability is 1.5, expected a number from 0 to 1.")]
    [InlineData("predictions", """[{"token_id":1,"token":"a","probability":1,"logit":1e999}]""",
        "predictions[0].logit is 1e999, expected a number.")]
    [InlineData("predictions", """
        [{"token_id":1,"token":"a","probability":0.1,"logit":1},{"token_id":2,"token":"b","probability":0.2,"logit":0}]
        """, "predictions[1].probability is 0.2, expected the likeliest token first.")]
    [InlineData("predictions", """
        [{"token_id":1,"token":"a","probability":0.1,"logit":0},{"token_id":2,"token":"b","probability":0.1,"logit":1}]
        """, "predictions[1].logit is 1, expected the likeliest token first.")]
    [InlineData("interventions", "[1]", "interventions[0] is 1, expected an object.")]
    [InlineData("origin", "[]", "origin is a list of 0, expected an object.")]
    public void Says_what_is_wrong_under_the_own_key(string name, string value, string message)
    {
        var file = JsonNode.Parse(TraceJson.Write(Whole()))!;
        file["ratilgpu"]![name] = JsonNode.Parse(value);
        var error = Assert.Throws<InvalidDataException>(() => TraceJson.Read(file.ToJsonString()));
        Assert.Equal($"trace.json: ratilgpu.{message}", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("eA==")]
    [InlineData("5w==5w==")]
    [InlineData("54vnizE=")]
    public void Bytes_that_are_not_those_of_their_token_are_refused(string wrong)
    {
        foreach (var (list, place) in ((string, int)[])[("token_bytes", 0), ("predictions", 1)])
        {
            var file = JsonNode.Parse(TraceJson.Write(Whole()))!;
            file["ratilgpu"]![list]![place]!["bytes"] = wrong;
            var error = Assert.Throws<InvalidDataException>(() => TraceJson.Read(file.ToJsonString()));
            Assert.StartsWith(
                $"trace.json: ratilgpu.{list}[{place}].bytes is '{wrong}', expected bytes in base64", error.Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Many_bytes_of_a_short_token_are_refused_in_one_line()
    {
        var file = JsonNode.Parse(TraceJson.Write(Whole()))!;
        file["ratilgpu"]!["token_bytes"]![0]!["bytes"] = new string('/', 1 << 20);
        var error = Assert.Throws<InvalidDataException>(() => TraceJson.Read(file.ToJsonString()));
        Assert.InRange(error.Message.Length, 200, 400);
        Assert.EndsWith(
            "…', expected bytes in base64 that are no UTF-8 and show as the token, '\ufffd'.", error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void All_tokens_are_of_the_prompt_unless_said()
    {
        Assert.Equal(5, TraceJson.Read(Foreign).PromptLength);
        Assert.Throws<ArgumentOutOfRangeException>(() => Whole() with { PromptLength = 0 });
    }

    // The target alone may be padding.
    [Fact]
    public void A_path_through_padding_is_refused()
    {
        var file = JsonNode.Parse(TraceJson.Write(Whole()))!;
        var mask = file["ratilgpu"]!["options"]!["attention_mask"]!;
        mask[1] = 0;
        Assert.Equal([1, 0, 0], TraceJson.Read(file.ToJsonString()).Options.AttentionMask!.Value);
        mask[0] = 0;
        var error = Assert.Throws<InvalidDataException>(() => TraceJson.Read(file.ToJsonString()));
        Assert.Equal(
            "trace.json: beams[0].positions[1] is 0, expected a position whose attention_mask is 1, since no path goes "
            + "through padding.",
            error.Message);
    }

    static TraceResult Whole()
    {
        var options = new TraceOptions
        {
            TargetPosition = 1,
            Layer = 3,
            TopBeam = 2,
            TopK = 1,
            MinAttention = 0.01,
            Heads = HeadAggregation.MaxOf(1, 5),
            LengthNormalization = new(0.7),
            StopAtBos = false,
            Predictions = 2,
            BosTokenId = 3,
            AttentionMask = [1, 1, 0],
        };
        var path = new BeamPath([1, 0], [0.25], Math.Log(0.25), Math.Log(0.25));
        TokenText[] tokens = [new(9, "x", []), new(8, "\ufffd", [0xe7, 0x8b]), new(7, "a\ud83d", [])];
        return new()
        {
            Options = options,
            Model = new("tiny", 4, 6),
            Tokens = [.. tokens],
            Paths = [path],
            PathWeights = [1],
            Sankey = SankeyGraph.Build([path], [1], 3, [.. tokens]),
            PathTexts = [PathText.Format(path, [.. tokens])],
            SelfAttention = ImmutableSortedDictionary<int, double>.Empty.Add(1, 0.5),
            TargetAttention = [0.25, 0.75],
            Notices = ["Look."],
            Prompt = 2,
            PromptLength = 2,
            Predictions = [new(new(4, "y", []), 0.75, 1.5), new(new(5, "\ufffd", [0xe7, 0x8b]), 0.25, 0.5)],
            Interventions = ["zero"],
            Origin = new() { Title = "T", Command = "ratilgpu trace", Version = "1.0" },
        };
    }

    static bool Near(double expected, double actual) => Math.Abs(expected - actual) < 1e-12;

    // Notes the longest piece that is written.
    sealed class Pieces : MemoryStream
    {
        public int Longest { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Longest = Math.Max(Longest, buffer.Length);
            base.Write(buffer.ToArray(), 0, buffer.Length);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    }
}
