using System.Text;
using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Models;

public sealed class ModelKindTests
{
    [Theory]
    [InlineData("\"is_causal\": false", "is_causal is false, expected true: the model attends to later tokens, too, "
        + "and here attention is causal.")]
    [InlineData("\"causal\": false", "causal is false, expected true: the model attends to later tokens, too, and here "
        + "attention is causal.")]
    [InlineData("\"use_bidirectional_attention\": true", "use_bidirectional_attention is true, expected false: the "
        + "model attends to later tokens, too, and here attention is causal.")]
    [InlineData("\"architectures\": [\"Qwen2ForSequenceClassification\"]",
        "architectures[0] is 'Qwen2ForSequenceClassification', expected a model of next tokens, such as "
        + "'Qwen2ForCausalLM': it is a classifier of texts.")]
    [InlineData("\"architectures\": [\"Qwen2ForTokenClassification\"]",
        "architectures[0] is 'Qwen2ForTokenClassification', expected a model of next tokens, such as "
        + "'Qwen2ForCausalLM': it is a classifier of tokens.")]
    [InlineData("\"architectures\": [\"Qwen2ForRewardModel\"]",
        "architectures[0] is 'Qwen2ForRewardModel', expected a model of next tokens, such as 'Qwen2ForCausalLM': it is "
        + "a reward model.")]
    [InlineData("\"architectures\": [\"Qwen2ForProcessRewardModel\"]",
        "architectures[0] is 'Qwen2ForProcessRewardModel', expected a model of next tokens, such as "
        + "'Qwen2ForCausalLM': it is a reward model.")]
    [InlineData("\"architectures\": [\"Qwen2BidirectionalModel\"]",
        "architectures[0] is 'Qwen2BidirectionalModel', expected a model of next tokens, such as 'Qwen2ForCausalLM': "
        + "it is a model whose attention has both directions.")]
    public void A_model_of_another_kind_is_refused_by_the_field_that_says_it(string field, string fault)
    {
        var thrown = Assert.Throws<InvalidDataException>(() => Parse(field));
        Assert.Equal($"config.json: {fault}", thrown.Message);
    }

    [Theory]
    [InlineData("\"is_causal\": true")]
    [InlineData("\"is_causal\": null")]
    [InlineData("\"use_bidirectional_attention\": false")]
    [InlineData("\"architectures\": [\"Qwen2ForCausalLM\"]")]
    [InlineData("\"architectures\": [\"Qwen2Model\"]")]
    [InlineData("\"architectures\": [\"AutoModelForCausalLMWithValueHead\"]")]
    [InlineData("\"architectures\": null")]
    [InlineData("\"architectures\": []")]
    [InlineData("\"architectures\": [3]")]
    [InlineData("\"architectures\": \"Qwen2ForCausalLM\"")]
    public void A_causal_model_of_next_tokens_is_read(string field) => Assert.Equal(32, Parse(field).LayerCount);

    [Fact]
    public void A_program_of_the_checkpoints_own_is_not_run_and_the_user_is_told()
    {
        using var variant = new ModelVariant(fields: "\"auto_map\": {\"AutoModel\": \"modeling_qwen.Qwen2Model\"}");
        using var device = new PlainDevice();
        using var model = variant.Load(device);

        Assert.Equal(
            [
                "auto_map of config.json names a program of the checkpoint's own, which is not run: the model is "
                + "computed as model_type 'qwen2' is.",
            ],
            model.Notices);
    }

    static Qwen2Config Parse(string field) =>
        Qwen2Config.Parse(Encoding.UTF8.GetBytes($$"""{"model_type": "qwen2", {{field}}}"""), "config.json");
}
