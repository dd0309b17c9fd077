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
    public void Refuses_a_tokenizer_with_more_ids_than_the_model()
    {
        using var device = new CpuDevice();
        var refusal = Assert.Throws<InvalidDataException>(
            () => LanguageModel.Load(DemoModel.Folder, device, new Letters(1 << 20)));
        Assert.Equal(
            $"{DemoModel.Folder}: the tokenizer has ids up to 1048575, but config.json has vocab_size 1350.",
            refusal.Message);
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

        protected override ReadOnlySpan<byte> Bytes(int id) => id is >= 0 and < 128 ? new byte[] { (byte)id } : [];
    }
}
