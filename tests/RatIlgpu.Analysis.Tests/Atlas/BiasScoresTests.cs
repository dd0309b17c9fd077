using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class BiasScoresTests : IDisposable
{
    const double Single = 1e-4;

    readonly TemporaryFolder folder = new();
    readonly CpuDevice device = new();

    // A head of biases alone looks back by the formula of its construction.
    [Fact]
    public void A_head_of_biases_alone_has_the_scores_of_its_formula()
    {
        using var run = ConstructedRun.Load(PositionalModels.Offset(4, 110), folder.Root, device);
        var found = BiasScores.Of(run.Network, new(0, 1), 32);
        for (var distance = 0; distance < 32; distance++)
            Assert.Equal(
                ClosedForms.LookBack(ConstructedShape.Reference, distance, 4, 110), found[distance], Single);
        Assert.All(BiasScores.Of(run.Network, new(0, 0), 32), score => Assert.Equal(0, score));
        Assert.All(BiasScores.Of(run.Network, new(0, 2), 32), score => Assert.Equal(0, score));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen3")]
    public void A_model_without_biases_or_with_norms_has_none(string family)
    {
        using var tiny = new TinyQwen2(TinyQwen2.Families[family]);
        using var model = tiny.On(device);
        Assert.Empty(BiasScores.Of(model, new(0, 0), 8));
    }

    public void Dispose()
    {
        device.Dispose();
        folder.Dispose();
    }
}
