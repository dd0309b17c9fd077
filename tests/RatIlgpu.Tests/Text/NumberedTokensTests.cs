using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

public sealed class NumberedTokensTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    [Fact]
    public void A_token_has_its_id_as_text()
    {
        var tokens = TokenizerFolder.LoadOrNumber(folder.Root, 12);
        Assert.Equal(12, tokens.Count);
        Assert.Equal("#11", tokens.Token(11).Text);
        Assert.Equal("#0#11", tokens.Decode([0, 11]));
        Assert.False(tokens.Has(12));
        Assert.False(tokens.Has(-1));
    }

    [Fact]
    public void A_text_has_no_tokens()
    {
        var tokens = TokenizerFolder.LoadOrNumber(folder.Root, 12);
        var fault = Assert.Throws<FileNotFoundException>(() => tokens.Encode("#3"));
        Assert.StartsWith($"{folder.Root}: has no vocab.json", fault.Message, StringComparison.Ordinal);
        Assert.False(tokens.EncodesTexts);
        Assert.False(tokens.IsAdded(3));
    }

    [Theory]
    [InlineData("merges.txt", "has no vocab.json")]
    [InlineData("tokenizer.model", "is a form that is not read")]
    public void A_folder_with_a_part_of_a_tokenizer_is_refused(string file, string message)
    {
        File.WriteAllText(folder.Path(file), "");
        var fault = Record.Exception(() => TokenizerFolder.LoadOrNumber(folder.Root, 12));
        Assert.Contains(message, fault?.Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();
}
