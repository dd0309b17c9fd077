using RatIlgpu.Testing;

namespace RatIlgpu.MLTokenizers.Tests;

public sealed class MLTokenizerTests
{
    [Fact]
    public void A_model_traces_with_it_what_it_traces_without()
    {
        const string prompt = "When Mary and John went to the store, John gave a drink to";
        using var device = new CpuDevice();
        using var without = LanguageModel.Load(DemoModel.Folder, device);
        using var with = LanguageModel.Load(DemoModel.Folder, device, MLTokenizer.Load(DemoModel.Folder));

        Assert.Equal(
            new ReverseAttentionTracer(without).TraceText(prompt).PathTexts,
            new ReverseAttentionTracer(with).TraceText(prompt).PathTexts);
    }
}
