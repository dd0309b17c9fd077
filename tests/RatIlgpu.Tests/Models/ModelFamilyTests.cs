using System.Text;
using RatIlgpu.Models;

namespace RatIlgpu.Tests.Models;

/// <summary>Configs of the families beside Qwen2: their defaults are those of Hugging Face's classes.</summary>
public sealed class ModelFamilyTests
{
    [Fact]
    public void A_Qwen3_config_may_leave_out_what_is_published()
    {
        var config = Parse("qwen3", "");

        Assert.Equal((4096, 22016, 32), (config.HiddenSize, config.IntermediateSize, config.LayerCount));
        Assert.Equal((32, 32, 128), (config.HeadCount, config.KeyValueHeadCount, config.HeadSize));
        Assert.Equal((151936, 32768, 1e-6f), (config.VocabularySize, config.MaxPositions, config.RmsNormEpsilon));
        Assert.Equal((10_000, false), (config.RopeTheta, config.TiesEmbeddings));
        Assert.Equal((false, true), (config.HasBiases, config.NormsHeads));
        Assert.Equal((null, 0), (config.BosTokenId, config.EosTokenIds.Length));
        Assert.Equal(int.MaxValue, config.WindowOf(31));
    }

    [Fact]
    public void A_Llama_config_may_leave_out_what_is_published()
    {
        var config = Parse("llama", "");

        Assert.Equal((4096, 11008, 32), (config.HiddenSize, config.IntermediateSize, config.LayerCount));
        Assert.Equal((32, 32, 128), (config.HeadCount, config.KeyValueHeadCount, config.HeadSize));
        Assert.Equal((32000, 2048, 1e-6f), (config.VocabularySize, config.MaxPositions, config.RmsNormEpsilon));
        Assert.Equal((10_000, false), (config.RopeTheta, config.TiesEmbeddings));
        Assert.Equal((false, false), (config.HasBiases, config.NormsHeads));
        Assert.Equal(1, config.BosTokenId);
        Assert.Equal([2], config.EosTokenIds);
        Assert.Equal(int.MaxValue, config.WindowOf(31));
    }

    [Fact]
    public void A_Mistral_config_may_leave_out_what_is_published()
    {
        var config = Parse("mistral", "");

        Assert.Equal((4096, 14336, 32), (config.HiddenSize, config.IntermediateSize, config.LayerCount));
        Assert.Equal((32, 8, 128), (config.HeadCount, config.KeyValueHeadCount, config.HeadSize));
        Assert.Equal((32000, 131072, 1e-6f), (config.VocabularySize, config.MaxPositions, config.RmsNormEpsilon));
        Assert.Equal((10_000, false), (config.RopeTheta, config.TiesEmbeddings));
        Assert.Equal((false, false), (config.HasBiases, config.NormsHeads));
        Assert.Equal(1, config.BosTokenId);
        Assert.Equal([2], config.EosTokenIds);
        Assert.Equal((4096, 4096), (config.WindowOf(0), config.WindowOf(31)));
    }

    [Fact]
    public void A_Qwen2_config_has_biases_and_no_normed_heads()
    {
        var config = Parse("qwen2", "");

        Assert.Equal((true, false), (config.HasBiases, config.NormsHeads));
    }

    [Fact]
    public void Null_is_no_token()
    {
        var config = Parse("llama", """, "bos_token_id": null, "eos_token_id": null""");

        Assert.Null(config.BosTokenId);
        Assert.Empty(config.EosTokenIds);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("mistral")]
    public void A_null_head_size_is_the_width_divided_by_the_heads(string family)
    {
        var config = Parse(family, """, "hidden_size": 96, "num_attention_heads": 8, "head_dim": null""");

        Assert.Equal(12, config.HeadSize);
    }

    [Theory]
    [InlineData("qwen3")]
    [InlineData("llama")]
    [InlineData("mistral")]
    public void A_null_number_of_key_heads_is_that_of_the_query_heads(string family)
    {
        var config = Parse(family, """, "num_attention_heads": 6, "num_key_value_heads": null, "head_dim": 80""");

        Assert.Equal((6, 6, 80), (config.HeadCount, config.KeyValueHeadCount, config.HeadSize));
    }

    [Theory]
    [InlineData("\"rope_type\": \"llama3\", \"factor\": 8.0, \"original_max_position_embeddings\": 8192", 8, 8192)]
    [InlineData("\"type\": \"llama3\", \"factor\": 32", 32, 131072)]
    public void The_scaling_of_Llama_3_is_read(string scaling, double factor, int original)
    {
        var read = Parse("llama", $$"""
            , "max_position_embeddings": 131072,
            "rope_scaling": {{{scaling}}, "low_freq_factor": 1.5, "high_freq_factor": 4.0}
            """).RopeScaling;

        Assert.Equal(
            new RopeScaling
            {
                Kind = RopeScalingKind.Llama3,
                Factor = factor,
                OriginalPositions = original,
                LowFrequencyFactor = 1.5,
                HighFrequencyFactor = 4,
            },
            read);
    }

    [Fact]
    public void The_scaling_of_Llama_3_may_stand_in_rope_parameters_with_its_base()
    {
        var config = Parse("llama", """
            , "rope_parameters": {"rope_theta": 500000.0, "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
              "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
            """);

        Assert.Equal((500_000, RopeScalingKind.Llama3), (config.RopeTheta, config.RopeScaling?.Kind));
    }

    [Fact]
    public void A_Qwen3_model_may_be_stretched_by_Yarn()
    {
        var yarn = Parse("qwen3", """
            , "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}
            """).RopeScaling!;

        Assert.Equal((RopeScalingKind.Yarn, 4, 32768), (yarn.Kind, yarn.Factor, yarn.OriginalPositions));
    }

    [Theory]
    [InlineData(""", "sliding_window": null""", int.MaxValue)]
    [InlineData(""", "sliding_window": 7""", 7)]
    [InlineData(""", "sliding_window": 7, "use_sliding_window": false, "max_window_layers": 20""", 7)]
    public void A_window_of_Mistral_holds_in_every_layer(string fields, int expected)
    {
        var config = Parse("mistral", fields);

        Assert.Equal(
            [.. Enumerable.Repeat(expected, 32)], Enumerable.Range(0, config.LayerCount).Select(config.WindowOf));
    }

    [Fact]
    public void Layers_of_Qwen3_slide_as_the_config_says()
    {
        var config = Parse("qwen3", """
            , "num_hidden_layers": 3, "use_sliding_window": true, "sliding_window": 7,
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]
            """);

        Assert.Equal([7, int.MaxValue, 7], Enumerable.Range(0, 3).Select(config.WindowOf));
    }

    [Fact]
    public void Llama_has_no_window()
    {
        var config = Parse("llama", """, "sliding_window": 7, "use_sliding_window": true""");

        Assert.Equal(int.MaxValue, config.WindowOf(31));
    }

    [Theory]
    [InlineData("qwen3", "attention_bias")]
    [InlineData("llama", "attention_bias")]
    [InlineData("llama", "mlp_bias")]
    [InlineData("mistral", "attention_bias")]
    public void Biases_that_are_not_computed_are_refused(string family, string field) => Refused(
        family, $$""", "{{field}}": true""",
        $"{field} is true, expected false: no biases are computed in a {family} model.");

    [Theory]
    [InlineData("""["sliding_attention", "full_attention"]""",
        "layer_types[1] is 'full_attention', expected 'sliding_attention', since a mistral model has its window in "
        + "every layer.")]
    [InlineData("""["sliding_attention"]""", "layer_types is a list of 1, expected a list of 2.")]
    public void Layer_types_that_do_not_fit_Mistral_are_refused(string types, string fault) => Refused(
        "mistral", $$""", "num_hidden_layers": 2, "sliding_window": 7, "layer_types": {{types}}""", fault);

    [Theory]
    [InlineData("llama")]
    [InlineData("mistral")]
    public void A_sliding_layer_without_a_window_is_refused(string family) => Refused(
        family, """, "num_hidden_layers": 1, "sliding_window": null, "layer_types": ["sliding_attention"]""",
        "layer_types[0] is 'sliding_attention', expected 'full_attention', since no sliding_window is in use.");

    [Fact]
    public void A_null_head_size_of_Qwen3_is_refused() =>
        Refused("qwen3", """, "head_dim": null""", "head_dim is null, expected a whole number.");

    static void Refused(string family, string fields, string fault)
    {
        var thrown = Assert.Throws<InvalidDataException>(() => Parse(family, fields));

        Assert.Equal($"config.json: {fault}", thrown.Message);
    }

    static Qwen2Config Parse(string family, string fields) => Qwen2Config.Parse(
        Encoding.UTF8.GetBytes($$"""{"model_type": "{{family}}"{{fields}}}"""), "config.json");
}
