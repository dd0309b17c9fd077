using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Tests.Weights;

public sealed class CheckpointTests
{
    [Theory]
    [InlineData("tests/golden/tiny-gqa-tied-f32", NumberFormat.F32)]
    [InlineData("tests/golden/tiny-mha-untied-bf16-sharded", NumberFormat.BF16)]
    [InlineData("tests/golden/tiny-window-f16", NumberFormat.F16)]
    [InlineData("samples/demo-model", NumberFormat.BF16)]
    public void Every_checkpoint_of_the_repository_opens(string folder, NumberFormat format)
    {
        var path = Repository.Path(folder);
        var config = Qwen2Config.Read(path);
        using var checkpoint = Checkpoint.Open(path);

        var embedding = checkpoint.Tensor(
            "model.embed_tokens.weight", new Shape(config.VocabularySize, config.HiddenSize));

        Assert.Equal(format, embedding.Format);
        Assert.Equal(!config.TiesEmbeddings, checkpoint.Contains("lm_head.weight"));
    }
}
