using System.Text.Json;

namespace RatIlgpu.Cli.Tests.Cases;

/// <summary>Added tokens, and tokens that belong before every text.</summary>
public sealed class TokenCases
{
    const int Bos = 281;

    [Fact]
    public void An_added_token_may_be_sought_after_normalisation()
    {
        using var model = new CaseFolder("added-token-normalized");

        Assert.Equal([274, 32, 281, 266], Cut(model, "The <memory> cat"));
    }

    [Fact]
    public void A_folder_of_a_class_of_Llama_gets_the_token_that_it_asks_for()
    {
        using var model = new CaseFolder("bos-asked-by-tokenizer-config");

        Assert.Equal([Bos, 274, 266], Cut(model, "The cat"));
        Assert.Contains(
            "Note       The prompt begins with the BOS token 281, <｜begin▁of▁sentence｜>",
            model.Run("trace", "The cat sat on the mat").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_the_class_of_Qwen2_gets_none()
    {
        using var model = new CaseFolder("bos-asked-by-tokenizer-config")
            .With("tokenizer_config.json", "LlamaTokenizerFast", "Qwen2Tokenizer");

        Assert.Equal([274, 266], Cut(model, "The cat"));
    }

    static IEnumerable<int> Cut(CaseFolder model, string text)
    {
        using var json = JsonDocument.Parse(model.Run("tokenize", "--json", "-", text).Output);
        return [.. json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
    }
}
