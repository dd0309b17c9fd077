using RatIlgpu.Devices;
using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.MLTokenizers.Tests;

public sealed class MLTokenizerTests
{
    [Fact]
    public void A_model_traces_with_it_what_it_traces_without()
    {
        Assert.SkipUnless(MLTokenizer.IsBuilt, "This build has no Microsoft.ML.Tokenizers.");
        const string prompt = "When Mary and John went to the store, John gave a drink to";
        using var device = new CpuDevice();
        using var without = LanguageModel.Load(DemoModel.Folder, device);
        using var with = LanguageModel.Load(DemoModel.Folder, device, MLTokenizer.Load(DemoModel.Folder));

        Assert.Equal(
            new ReverseAttentionTracer(without).TraceText(prompt).PathTexts,
            new ReverseAttentionTracer(with).TraceText(prompt).PathTexts);
    }

    [Fact]
    public void A_build_without_the_package_says_how_to_get_it()
    {
        Assert.SkipWhen(MLTokenizer.IsBuilt, "This build has Microsoft.ML.Tokenizers.");
        var refusal = Assert.Throws<PlatformNotSupportedException>(() => MLTokenizer.Load("model"));
        Assert.Equal(
            "model: this build has no Microsoft.ML.Tokenizers: add a package source with version 2.0.0 of it, then "
            + "build with -p:UseMLTokenizers=true; Tokenizer.Load reads the same files.",
            refusal.Message);
    }
}
