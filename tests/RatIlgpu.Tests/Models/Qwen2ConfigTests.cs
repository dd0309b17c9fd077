using System.Text;
using System.Text.Json.Nodes;
using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Models;

public sealed class Qwen2ConfigTests
{
    [Fact]
    public void Reads_every_field()
    {
        var config = Parse("""
            {"model_type": "qwen2", "hidden_act": "silu", "hidden_size": 48, "intermediate_size": 80,
             "num_hidden_layers": 3, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 10,
             "vocab_size": 101, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0, "rope_scaling": null,
             "tie_word_embeddings": true, "use_sliding_window": true,
             "sliding_window": 8, "max_window_layers": 1, "max_position_embeddings": 512, "bos_token_id": 99,
             "eos_token_id": [99, 100], "torch_dtype": "bfloat16"}
            """);

        Assert.Equal((48, 80, 3), (config.HiddenSize, config.IntermediateSize, config.LayerCount));
        Assert.Equal((6, 2, 10), (config.HeadCount, config.KeyValueHeadCount, config.HeadSize));
        Assert.Equal((101, 512, 1e-6f), (config.VocabularySize, config.MaxPositions, config.RmsNormEpsilon));
        Assert.Equal((1e6, null, true), (config.RopeTheta, config.RopeScaling, config.TiesEmbeddings));
        Assert.Equal((8, 1, 99), (config.SlidingWindow, config.MaxWindowLayers, config.BosTokenId));
        Assert.Equal([99, 100], config.EosTokenIds);
    }

    [Fact]
    public void Absent_fields_mean_what_they_mean_to_Hugging_Face()
    {
        var config = Parse(With());

        Assert.Equal((4, 12), (config.KeyValueHeadCount, config.HeadSize));
        Assert.Equal((10_000, null), (config.RopeTheta, config.RopeScaling));
        Assert.Equal((false, null, null), (config.TiesEmbeddings, config.BosTokenId, config.SlidingWindow));
        Assert.Empty(config.EosTokenIds);
    }

    [Fact]
    public void A_config_without_sizes_has_those_that_are_published()
    {
        var config = Parse("""{"model_type": "qwen2"}""");

        Assert.Equal((4096, 22016, 32), (config.HiddenSize, config.IntermediateSize, config.LayerCount));
        Assert.Equal((32, 32, 128), (config.HeadCount, config.KeyValueHeadCount, config.HeadSize));
        Assert.Equal((151936, 32768, 1e-6f), (config.VocabularySize, config.MaxPositions, config.RmsNormEpsilon));
    }

    [Theory]
    [InlineData("rms_norm_eps", 1e-6f, 512)]
    [InlineData("max_position_embeddings", 1e-5f, 32768)]
    public void An_epsilon_or_a_number_of_positions_that_is_absent_is_the_published_one(
        string absent, float epsilon, int positions)
    {
        var config = Parse(With(("rms_norm_eps", "1e-5"), (absent, null)));

        Assert.Equal((epsilon, positions), (config.RmsNormEpsilon, config.MaxPositions));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    public void A_scaling_that_says_nothing_does_not_hide_the_parameters(string scaling)
    {
        var config = Parse(With(
            ("rope_scaling", scaling),
            ("rope_parameters", """{"rope_theta": 500000, "rope_type": "linear", "factor": 2}""")));

        Assert.Equal((500_000, 2), (config.RopeTheta, config.RopeScaling?.Factor));
    }

    [Fact]
    public void A_scaling_that_says_something_hides_the_parameters()
    {
        var config = Parse(With(
            ("rope_scaling", """{"rope_type": "linear", "factor": 2}"""),
            ("rope_parameters", """{"rope_theta": 500000}""")));

        Assert.Equal((10_000, 2), (config.RopeTheta, config.RopeScaling?.Factor));
    }

    [Theory]
    [InlineData("", 128)]
    [InlineData(""", "original_max_position_embeddings": 64""", 64)]
    [InlineData(""", "original_max_position_embeddings": null""", 128)]
    public void Yarn_takes_the_original_length_of_the_whole_config_where_it_has_none(string own, int expected)
    {
        var config = Parse(With(
            ("rope_scaling", """{"type": "yarn", "factor": 4""" + own + "}"),
            ("original_max_position_embeddings", "128")));

        Assert.Equal(expected, config.RopeScaling!.OriginalPositions);
    }

    [Fact]
    public void Yarn_without_any_length_has_the_published_one() => Assert.Equal(
        32768,
        Parse(With(("max_position_embeddings", null), ("rope_scaling", """{"type": "yarn", "factor": 4}""")))
            .RopeScaling!.OriginalPositions);

    [Fact]
    public void Null_counts_as_absent()
    {
        var config = Parse(With(
            ("head_dim", "null"), ("num_key_value_heads", "null"), ("eos_token_id", "null"), ("rope_scaling", "null")));

        Assert.Equal((4, 12), (config.KeyValueHeadCount, config.HeadSize));
    }

    [Theory]
    [InlineData("tests/golden/tiny-gqa-tied-f32", true, 99)]
    [InlineData("tests/golden/tiny-mha-untied-bf16-sharded", false, 99)]
    [InlineData("tests/golden/tiny-window-f16", true, 99)]
    [InlineData("tests/golden/tiny-qwen3-f32", true, 99)]
    [InlineData("tests/golden/tiny-llama3-bf16", false, 99)]
    [InlineData("tests/golden/tiny-mistral-f16", false, 99)]
    [InlineData("samples/demo-model", true, 1347)]
    public void Every_config_of_the_repository_is_read(string folder, bool ties, int end)
    {
        var config = Qwen2Config.Read(Repository.Path(folder));

        Assert.Equal(ties, config.TiesEmbeddings);
        Assert.Equal([end], config.EosTokenIds);
    }

    [Fact]
    public void A_window_holds_from_max_window_layers_on()
    {
        var config = Qwen2Config.Read(Repository.Path("tests", "golden", "tiny-window-f16"));

        Assert.Equal([int.MaxValue, 8, 8], Windows(config));
    }

    [Theory]
    [InlineData("false", "8", null)]
    [InlineData("true", "null", null)]
    [InlineData("true", "8", 8)]
    public void A_window_is_used_only_where_both_fields_say_so(string use, string window, int? expected)
    {
        var config = Parse(With(("use_sliding_window", use), ("sliding_window", window), ("max_window_layers", "0")));

        Assert.Equal(expected, config.SlidingWindow);
        Assert.Equal(expected ?? int.MaxValue, config.WindowOf(0));
    }

    [Fact]
    public void Layer_types_decide_over_max_window_layers()
    {
        var config = Parse(With(
            ("use_sliding_window", "true"), ("sliding_window", "8"), ("max_window_layers", "0"),
            ("layer_types", """["sliding_attention", "full_attention"]""")));

        Assert.Equal([8, int.MaxValue], Windows(config));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void Says_which_layers_there_are(int layer)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() => Parse(With()).WindowOf(layer));

        Assert.StartsWith(
            $"layer {layer} asked, the model has layers 0 to 1.", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"rope_theta": 500000}""", 500_000)]
    [InlineData("""{"rope_theta": 500000, "rope_type": "default"}""", 500_000)]
    [InlineData("""{}""", 1_000_000)]
    public void Theta_inside_rope_parameters_counts_first(string parameters, double expected) =>
        Assert.Equal(expected, Parse(With(("rope_parameters", parameters), ("rope_theta", "1000000"))).RopeTheta);

    [Theory]
    [InlineData("rope_scaling", """{"type": "linear", "factor": 2}""")]
    [InlineData("rope_scaling", """{"rope_type": "linear", "factor": 2.0}""")]
    [InlineData("rope_parameters", """{"rope_type": "linear", "type": "yarn", "factor": 2, "rope_theta": 10000}""")]
    public void Linear_scaling_is_read(string field, string value) =>
        Assert.Equal(
            new RopeScaling { Kind = RopeScalingKind.Linear, Factor = 2 },
            Parse(With((field, value))).RopeScaling);

    [Fact]
    public void Yarn_is_read_as_Qwen2_5_documents_it()
    {
        var yarn = Parse(With(
            ("rope_scaling", """{"factor": 4.0, "original_max_position_embeddings": 32768, "type": "yarn"}""")))
            .RopeScaling!;

        Assert.Equal((RopeScalingKind.Yarn, 4, 32768), (yarn.Kind, yarn.Factor, yarn.OriginalPositions));
        Assert.Equal((32, 1, true), (yarn.BetaFast, yarn.BetaSlow, yarn.Truncates));
        Assert.Equal(1.138629436111989, yarn.AttentionFactor, 1e-15);
    }

    [Theory]
    [InlineData(""", "factor": 4""", 4, 512, 1.138629436111989)]
    [InlineData(""", "factor": 1""", 1, 512, 1)]
    [InlineData(""", "factor": null, "original_max_position_embeddings": 128""", 4, 128, 1.138629436111989)]
    [InlineData(""", "factor": 4, "attention_factor": 1.25""", 4, 512, 1.25)]
    [InlineData(""", "factor": 4, "mscale": 2, "mscale_all_dim": 1""", 4, 512, 1.2772588722239781 / 1.138629436111989)]
    [InlineData(""", "factor": 4, "mscale": 2""", 4, 512, 1.138629436111989)]
    public void Yarn_fields_have_the_defaults_of_Hugging_Face(
        string fields, double factor, int original, double attention)
    {
        var yarn = Parse(With(("rope_scaling", """{"rope_type": "yarn" """ + fields + "}"))).RopeScaling!;

        Assert.Equal((factor, original), (yarn.Factor, yarn.OriginalPositions));
        Assert.Equal(attention, yarn.AttentionFactor, 1e-14);
    }

    [Fact]
    public void Yarn_options_are_read()
    {
        var yarn = Parse(With(("rope_scaling",
            """{"type": "yarn", "factor": 2, "beta_fast": 16, "beta_slow": 2, "truncate": false}"""))).RopeScaling!;

        Assert.Equal((16, 2, false), (yarn.BetaFast, yarn.BetaSlow, yarn.Truncates));
    }

    [Theory]
    [InlineData("model_type", "\"gemma2\"",
        "model_type is 'gemma2', expected 'qwen2', 'qwen3', 'llama' or 'mistral', the models that are computed.")]
    [InlineData("model_type", null,
        "model_type is missing, expected 'qwen2', 'qwen3', 'llama' or 'mistral', the models that are computed.")]
    [InlineData("model_type", "3",
        "model_type is 3, expected 'qwen2', 'qwen3', 'llama' or 'mistral', the models that are computed.")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act is 'gelu', expected 'silu'.")]
    [InlineData("torch_dtype", "16", "torch_dtype is 16, expected text.")]
    [InlineData("hidden_size", "null", "hidden_size is null, expected a whole number from 1 to 16,777,216.")]
    [InlineData("hidden_size", "\"48\"", "hidden_size is '48', expected a whole number from 1 to 16,777,216.")]
    [InlineData("hidden_size", "48.5", "hidden_size is 48.5, expected a whole number from 1 to 16,777,216.")]
    [InlineData("hidden_size", "0", "hidden_size is 0, expected a whole number from 1 to 16,777,216.")]
    [InlineData("hidden_size", "50",
        "hidden_size is 50, expected an even multiple of num_attention_heads 4: rotary positions turn pairs.")]
    [InlineData("intermediate_size", "-1", "intermediate_size is -1, expected a whole number from 1 to 16,777,216.")]
    [InlineData("vocab_size", "99999999999999999999",
        "vocab_size is 99999999999999999999, expected a whole number from 1 to 16,777,216.")]
    [InlineData("num_hidden_layers", "10001", "num_hidden_layers is 10001, expected a whole number from 1 to 10,000.")]
    [InlineData("num_key_value_heads", "3", "num_attention_heads is 4, expected a multiple of num_key_value_heads 3.")]
    [InlineData("head_dim", "7", "head_dim is 7, expected an even number: rotary positions turn pairs.")]
    [InlineData("head_dim", "16777216",
        "head_dim is 16777216, expected at most 4,194,304 for 4 heads.")]
    [InlineData("rms_norm_eps", "null", "rms_norm_eps is null, expected a number.")]
    [InlineData("rms_norm_eps", "0", "rms_norm_eps is 0, expected a positive float.")]
    [InlineData("rms_norm_eps", "1e-60", "rms_norm_eps is 1e-60, expected a positive float.")]
    [InlineData("rms_norm_eps", "1e999", "rms_norm_eps is 1e999, expected a number.")]
    [InlineData("rms_norm_eps", "-1e-6", "rms_norm_eps is -1e-6, expected a positive float.")]
    [InlineData("tie_word_embeddings", "1", "tie_word_embeddings is 1, expected true or false.")]
    [InlineData("max_position_embeddings", "null",
        "max_position_embeddings is null, expected a whole number from 1 to 16,777,216.")]
    [InlineData("original_max_position_embeddings", "0",
        "original_max_position_embeddings is 0, expected a whole number from 1 to 2,147,483,647.")]
    [InlineData("bos_token_id", "-5", "bos_token_id is -5, expected a whole number from 0 to 2,147,483,647.")]
    [InlineData("eos_token_id", "[1, true]",
        "eos_token_id[1] is true, expected a whole number from 0 to 2,147,483,647.")]
    [InlineData("layer_types", "3", "layer_types is 3, expected a list of 2.")]
    [InlineData("layer_types", """["full_attention"]""", "layer_types is a list of 1, expected a list of 2.")]
    [InlineData("layer_types", """["sliding_attention", "full_attention"]""",
        "layer_types[0] is 'sliding_attention', expected 'full_attention', since no sliding_window is in use.")]
    [InlineData("layer_types", """["chunked", "full_attention"]""",
        "layer_types[0] is 'chunked', expected 'full_attention' or 'sliding_attention'.")]
    [InlineData("rope_theta", "1", "rope_theta is 1, expected a number above 1.")]
    [InlineData("rope_scaling", "4", "rope_scaling is 4, expected an object.")]
    [InlineData("rope_scaling", """{"type": "dynamic", "factor": 2}""",
        "rope_scaling.type is 'dynamic', expected 'default', 'linear', 'yarn' or 'llama3'.")]
    [InlineData("rope_scaling", """{"rope_type": "longrope"}""",
        "rope_scaling.rope_type is 'longrope', expected 'default', 'linear', 'yarn' or 'llama3'.")]
    [InlineData("rope_scaling", """{"rope_type": "llama3", "factor": 8, "high_freq_factor": 4}""",
        "rope_scaling.low_freq_factor is missing, expected a number.")]
    [InlineData("rope_scaling", """{"rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4}""",
        "rope_scaling.high_freq_factor is 4, expected more than low_freq_factor.")]
    [InlineData("rope_scaling", """{"rope_type": "llama3", "low_freq_factor": 1, "high_freq_factor": 4}""",
        "rope_scaling.factor is missing, expected a number.")]
    [InlineData("partial_rotary_factor", "0.5",
        "partial_rotary_factor is 0.5, expected 1: every pair of a head is rotated.")]
    [InlineData("rope_scaling", """{"type": "linear"}""", "rope_scaling.factor is missing, expected a number.")]
    [InlineData("rope_scaling", """{"type": "yarn"}""", "rope_scaling.factor is missing, expected a number.")]
    [InlineData("rope_scaling", """{"type": "linear", "factor": 0.5}""",
        "rope_scaling.factor is 0.5, expected a number of at least 1.")]
    [InlineData("rope_scaling", """{"type": "yarn", "factor": 2, "beta_fast": 0}""",
        "rope_scaling.beta_fast is 0, expected a positive number.")]
    [InlineData("rope_scaling", """{"type": "yarn", "factor": 2, "attention_factor": 1e7}""",
        "rope_scaling.attention_factor is 1e7, expected a positive number up to 1,000,000.")]
    [InlineData("rope_parameters", """{"partial_rotary_factor": 0.5}""",
        "rope_parameters.partial_rotary_factor is 0.5, expected 1: every pair of a head is rotated.")]
    public void Says_which_field_is_wrong(string field, string? value, string fault)
    {
        (string Field, string? Value)[] changes = field == "original_max_position_embeddings"
            ? [(field, value), ("rope_scaling", """{"type": "yarn", "factor": 2}""")]
            : [(field, value)];
        var thrown = Assert.Throws<InvalidDataException>(() => Parse(With(changes)));

        Assert.Equal("config.json: " + fault, thrown.Message);
    }

    [Theory]
    [InlineData("", "is not JSON from line 1, byte 1 on.")]
    [InlineData("{", "is not JSON from line 1, byte 2 on.")]
    [InlineData("[]", "the root is a list of 0, expected an object.")]
    [InlineData("{\n// a comment\n}", "is not JSON from line 2, byte 1 on.")]
    [InlineData("""{"model_type": "qwen2",}""", "is not JSON from line 1, byte 24 on.")]
    [InlineData("""{"rms_norm_eps": NaN}""", "is not JSON from line 1, byte 18 on.")]
    [InlineData("""{"model_type": "\ud800"}""",
        "model_type is text with half a surrogate pair, expected 'qwen2', 'qwen3', 'llama' or 'mistral', the models "
        + "that are computed.")]
    public void Says_where_the_text_is_not_JSON(string text, string fault)
    {
        var thrown = Assert.Throws<InvalidDataException>(() => Parse(text));

        Assert.Equal("config.json: " + fault, thrown.Message);
    }

    [Fact]
    public void Refuses_a_field_given_twice() =>
        Assert.Throws<InvalidDataException>(() => Parse("""{"model_type": "llama", "model_type": "qwen2"}"""));

    [Fact]
    public void Refuses_text_that_is_not_UTF_8()
    {
        byte[] text = [(byte)'{', 0xFF, (byte)'}'];
        var thrown = Assert.Throws<InvalidDataException>(() => Qwen2Config.Parse(text, "config.json"));

        Assert.Equal("config.json: byte 1 is not UTF-8, expected UTF-8 text.", thrown.Message);
    }

    [Fact]
    public void Says_that_a_folder_has_no_config()
    {
        using var folder = new TemporaryFolder();
        var thrown = Assert.Throws<FileNotFoundException>(() => Qwen2Config.Read(folder.Root));

        Assert.Equal($"{folder.Path("config.json")}: there is no such file.", thrown.Message);
    }

    [Fact]
    public void A_very_long_value_does_not_fill_the_error()
    {
        var thrown = Assert.Throws<InvalidDataException>(
            () => Parse(With(("model_type", '"' + new string('x', 10_000) + '"'))));

        Assert.True(thrown.Message.Length < 300);
    }

    static int[] Windows(Qwen2Config config) => [.. Enumerable.Range(0, config.LayerCount).Select(config.WindowOf)];

    static Qwen2Config Parse(string json) => Qwen2Config.Parse(Encoding.UTF8.GetBytes(json), "config.json");

    // The smallest config, with some fields changed; null takes a field out.
    static string With(params (string Field, string? Value)[] changes)
    {
        var json = JsonNode.Parse("""
            {"model_type": "qwen2", "hidden_size": 48, "intermediate_size": 80, "num_hidden_layers": 2,
             "num_attention_heads": 4, "vocab_size": 101, "rms_norm_eps": 1e-06, "max_position_embeddings": 512}
            """)!.AsObject();
        foreach (var (field, value) in changes)
            if (value is null)
                json.Remove(field);
            else
                json[field] = JsonNode.Parse(value);
        return json.ToJsonString();
    }
}
