using RatIlgpu.Models;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Tests.Models;

/// <summary>A config says which biases and gains a model has, and the checkpoint must have them.</summary>
public sealed class FamilyWeightsTests : IDisposable
{
    readonly CpuDevice device = new();

    public void Dispose() => device.Dispose();

    [Theory]
    [InlineData("qwen2", false, false)]
    [InlineData("qwen3", true, true)]
    [InlineData("llama", true, false)]
    [InlineData("mistral", true, false)]
    public void A_layer_has_the_parts_of_its_family(string family, bool lacksBiases, bool hasGains)
    {
        using var tiny = new TinyQwen2(TinyQwen2.Families[family]);
        using var model = tiny.On(device);
        var layer = model.Weights.Layers[0];

        Assert.All([layer.QueryBias, layer.KeyBias, layer.ValueBias], bias => Assert.Equal(lacksBiases, bias is null));
        Assert.All([layer.QueryGain, layer.KeyGain], gain => Assert.Equal(hasGains, gain is not null));
        if (hasGains)
            Assert.Equal(new(tiny.Config.HeadSize), layer.QueryGain!.Shape);
    }

    [Theory]
    [InlineData("llama", "qwen3", "q_norm.weight")]
    [InlineData("llama", "qwen2", "q_proj.bias")]
    public void A_checkpoint_without_a_part_of_its_family_is_refused(string stored, string asked, string missing)
    {
        using var tiny = new TinyQwen2(TinyQwen2.Families[stored]);
        using var checkpoint = Checkpoint.Open(tiny.Folder);
        var config = TinyQwen2.Families[asked] with { HeadSize = tiny.Config.HeadSize };

        var fault = Assert.Throws<InvalidDataException>(() => new Qwen2Model(config, checkpoint, device));

        Assert.Contains($"'model.layers.0.self_attn.{missing}'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Biases_that_the_config_does_not_ask_for_are_not_read()
    {
        using var biased = new TinyQwen2();
        using var unbiased = new TinyQwen2(change: (name, numbers) =>
        {
            if (name.EndsWith(".bias", StringComparison.Ordinal))
                Array.Clear(numbers);
        });
        using var checkpoint = Checkpoint.Open(biased.Folder);
        using var model = new Qwen2Model(TinyQwen2.Small with { HasBiases = false }, checkpoint, device);
        using var zeroed = unbiased.On(device);

        Assert.Equal(Logits(zeroed), Logits(model));

        float[] Logits(Qwen2Model on)
        {
            using var logits = on.Forward(biased.Prompt(5));
            return device.Download(logits);
        }
    }
}
