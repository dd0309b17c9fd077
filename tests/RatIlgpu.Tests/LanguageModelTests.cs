using System.Text;
using RatIlgpu.Models;
using RatIlgpu.Text;

namespace RatIlgpu.Tests;

public sealed class LanguageModelTests
{
    [Fact]
    public void Takes_the_tokenizer_it_is_given()
    {
        using var device = new CpuDevice();
        var tokenizer = new Letters(1350);
        using var model = LanguageModel.Load(DemoModel.Folder, device, tokenizer);
        Assert.Same(tokenizer, model.Tokenizer);
    }

    [Fact]
    public void Refuses_a_token_without_an_embedding_where_a_prompt_uses_it()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device, new Letters(1 << 20));
        Assert.Equal(['a'], model.EncodePrompt("a"));
        foreach (var encode in (Action[])
            [() => model.EncodePrompt("a\u0550"), () => new ReverseAttentionTracer(model).TraceText("a\u0550")])
            Assert.StartsWith(
                "The prompt has the token 1360, 'Ր', but config.json has vocab_size 1350: the model has no "
                + "embedding of that token.",
                Assert.Throws<ArgumentException>(encode).Message);
    }

    [Fact]
    public void Never_writes_a_token_without_an_embedding()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device, new Letters(1 << 20));
        Assert.All(new TextGenerator(model).Generate(['a'], 5), id => Assert.InRange(id, 0, 1349));
        Assert.All(
            new TextGenerator(model).Generate(['a'], 5, new() { Temperature = 2 }), id => Assert.InRange(id, 0, 1349));
    }

    [Theory]
    [InlineData(RotaryPrecision.Double, 0)]
    [InlineData(RotaryPrecision.Single, 1e-9)]
    public void Turns_by_the_angles_of_the_precision_that_it_is_given(RotaryPrecision precision, double least)
    {
        using var device = new CpuDevice();
        using var usual = LanguageModel.Load(DemoModel.Folder, device);
        using var model = LanguageModel.Load(DemoModel.Folder, device, rotaryPrecision: precision);
        int[] ids = [.. Enumerable.Range(0, 300)];
        var (expected, found) = (Logits(usual.Network, ids), Logits(model.Network, ids));
        Assert.Equal(precision, model.Config.RotaryPrecision);
        Assert.InRange(expected.Zip(found, (a, b) => Math.Abs(a - b)).Max(), least, 1e-3);
    }

    static float[] Logits(Qwen2Model model, int[] ids)
    {
        using var logits = model.Forward(ids);
        return model.Device.Download(logits);
    }

    sealed class Letters(int count) : Tokenizer
    {
        public override int Count => count;

        public override int? EosTokenId => null;

        public override TokenizedText Encode(string text) =>
            new(text, [.. text.Select(letter => (int)letter)], [.. text.Select((_, at) => new TextRange(at, 1))]);

        protected override ReadOnlySpan<byte> Bytes(int id) => id == 0 ? [] : Encoding.UTF8.GetBytes($"{(char)id}");
    }
}
