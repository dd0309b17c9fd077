using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Weights;

/// <summary>A checkpoint is found whatever wrapper it was saved from, and gives the same logits.</summary>
public sealed class WeightNamesTests : IDisposable
{
    readonly PlainDevice device = new();

    public void Dispose() => device.Dispose();

    [Theory]
    [InlineData("", "lm_head.weight")]
    [InlineData("model.", "model.lm_head.weight")]
    public void Names_without_their_first_part_are_completed(string prefix, string head)
    {
        using var variant = Renamed(name => name == "lm_head.weight" ? head : prefix + name["model.".Length..]);
        using var model = variant.Load(device);

        Assert.Empty(model.Notices.Where(_ => prefix.Length == 0));
        Assert.Equal(Expected(), ModelVariant.Logits(model));
    }

    [Theory]
    [InlineData("model.")]
    [InlineData("module.")]
    [InlineData("_orig_mod.")]
    [InlineData("module._orig_mod.")]
    [InlineData("_orig_mod.module.")]
    [InlineData("_forward_module.")]
    [InlineData("_fsdp_wrapped_module.")]
    [InlineData("base_model.model.")]
    [InlineData("pretrained_model.")]
    [InlineData("language_model.")]
    [InlineData("model.language_model.")]
    [InlineData("module.base_model.model._orig_mod.")]
    [InlineData("student.")]
    [InlineData("a.b.c.")]
    public void What_a_wrapper_puts_in_front_is_taken_off(string wrapper)
    {
        using var variant = Renamed(name => wrapper + name);
        using var model = variant.Load(device);

        Assert.Equal(
            [
                $"The tensors have the names of a wrapper, such as '{wrapper}model.embed_tokens.weight' for "
                + "'model.embed_tokens.weight'.",
            ],
            model.Notices);
        Assert.Equal(Expected(), ModelVariant.Logits(model));
    }

    [Fact]
    public void What_wrappers_put_into_a_name_is_taken_out()
    {
        using var variant = Renamed(name => "_fsdp_wrapped_module." + name
            .Replace("layers.1.", "layers.1._fsdp_wrapped_module._checkpoint_wrapped_module.", StringComparison.Ordinal)
            .Replace("mlp.", "mlp._orig_mod.", StringComparison.Ordinal));
        using var model = variant.Load(device);

        Assert.Equal(Expected(), ModelVariant.Logits(model));
    }

    [Fact]
    public void The_layers_of_a_wrapper_may_stand_beside_the_unembedding_of_the_whole()
    {
        using var variant = Renamed(name =>
            name == "lm_head.weight" ? name : "model.language_model." + name["model.".Length..]);
        using var model = variant.Load(device);

        Assert.Equal(Expected(), ModelVariant.Logits(model));
    }

    [Fact]
    public void Another_model_beside_the_layers_is_ignored()
    {
        using var variant = new ModelVariant(
            tensor => [tensor, tensor with { Name = "teacher." + tensor.Name }], isTied: false);
        using var model = variant.Load(device);

        Assert.Empty(model.Notices);
        Assert.Equal(Expected(), ModelVariant.Logits(model));
    }

    [Fact]
    public void Says_which_two_tensors_are_one_weight_of_the_model()
    {
        using var variant = new ModelVariant(tensor => tensor.Name == "model.norm.weight"
            ? [tensor, tensor with { Name = "module.model.norm.weight" }]
            : [tensor]);

        Refuses(variant, "'model.norm.weight' and 'module.model.norm.weight' are both 'model.norm.weight', expected "
            + "one of them.");
    }

    [Fact]
    public void Says_that_there_are_two_models_and_none_is_known_to_be_meant()
    {
        using var variant = new ModelVariant(tensor =>
        [
            tensor with { Name = "actor." + tensor.Name }, tensor with { Name = "critic." + tensor.Name },
        ]);

        Refuses(variant, "'actor.model.embed_tokens.weight' and 'critic.model.embed_tokens.weight' are of two models, "
            + "expected one; save it alone.");
    }

    [Fact]
    public void Says_what_the_checkpoint_has_instead()
    {
        using var variant = new ModelVariant(tensor =>
            [tensor with { Name = tensor.Name.Replace("embed_tokens", "wte", StringComparison.Ordinal) }]);

        Refuses(variant, "the checkpoint has no tensor 'model.embed_tokens.weight'; it has, for one, '"
            + "model.layers.0.input_layernorm.weight'.");
    }

    [Theory]
    [InlineData("base_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight")]
    [InlineData("model.layers.0.self_attn.q_proj.base_layer.weight")]
    public void An_adapter_that_is_not_merged_is_refused(string part)
    {
        using var variant = new ModelVariant(more: [ModelVariant.Zeros(part, 2, 40)]);

        Refuses(variant, $"'{part}' is of an adapter (LoRA) that is not merged; merge it into its model, as "
            + "merge_and_unload of PEFT does, and save the model that comes out.");
    }

    [Fact]
    public void Tensors_that_nothing_needs_refuse_no_checkpoint()
    {
        using var variant = new ModelVariant(isTied: false, more:
        [
            ModelVariant.Zeros("model.layers.0.self_attn.rotary_emb.inv_freq", 4),
            ModelVariant.Zeros("model.layers.0.self_attn.masked_bias"),
            ModelVariant.Zeros("v_head.summary.weight", 1, 40),
            ModelVariant.Zeros("score.weight", 2, 40),
            ModelVariant.Zeros("empty", 0, 40),
        ]);
        using var model = variant.Load(device);

        Assert.Empty(model.Notices);
        Assert.Equal(Expected(), ModelVariant.Logits(model));
    }

    float[] Expected()
    {
        using var usual = new ModelVariant(isTied: false);
        using var model = usual.Load(device);
        return ModelVariant.Logits(model);
    }

    static ModelVariant Renamed(Func<string, string> rename) =>
        new(tensor => [tensor with { Name = rename(tensor.Name) }], isTied: false);

    void Refuses(ModelVariant variant, string fault)
    {
        var thrown = Assert.Throws<InvalidDataException>(() => variant.Load(device));
        Assert.Equal($"{variant.Root}: {fault}", thrown.Message);
    }
}
