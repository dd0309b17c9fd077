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

    sealed class Letters(int count) : Tokenizer
    {
        public override int Count => count;

        public override int? EosTokenId => null;

        public override TokenizedText Encode(string text) =>
            new(text, [.. text.Select(letter => (int)letter)], [.. text.Select((_, at) => new TextRange(at, 1))]);

        protected override ReadOnlySpan<byte> Bytes(int id) => id is >= 0 and < 128 ? new byte[] { (byte)id } : [];
    }
}
