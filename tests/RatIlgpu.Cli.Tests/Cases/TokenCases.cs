namespace RatIlgpu.Cli.Tests.Cases;

/// <summary>Tokenizers and chat templates as folders have them.</summary>
public sealed class TokenCases
{
    const int Added = 281;

    [Fact]
    [Tries("`tokenizer.json`")]
    [Tries("Added tokens")]
    public void An_added_token_that_is_found_after_normalisation_is_cut_out()
    {
        using var model = new CaseFolder("added-token-normalized");
        Assert.Equal([274, 32, Added, 266], model.Ids("The <memory> cat"));
    }

    [Fact]
    [Tries("BOS tokens")]
    public void A_start_token_that_the_folder_asks_for_comes_first()
    {
        using var model = new CaseFolder("bos-asked-by-tokenizer-config");
        Assert.Equal([281, 274, 266], model.Ids("The cat"));
        var run = model.Run("trace", "The cat sat on the mat");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(": <｜begin▁of▁sentence｜> The \" cat\"", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_the_class_of_Qwen2_gets_no_start_token()
    {
        using var model = new CaseFolder("bos-asked-by-tokenizer-config")
            .With("tokenizer_config.json", "LlamaTokenizerFast", "Qwen2Tokenizer");
        Assert.Equal([274, 266], model.Ids("The cat"));
    }

    [Fact]
    public void Text_has_the_form_C_of_Unicode_9()
    {
        using var model = new CaseFolder();
        var tokenizer = Tokenizer.Load(model.Root);
        Assert.Equal("a\u1DF9\u0316\u0301", tokenizer.Decode(model.Ids("a\u1DF9\u0301\u0316")));
        Assert.Equal("a\u07FD\u0301", tokenizer.Decode(model.Ids("a\u07FD\u0301")));
        Assert.Equal("\U00011935\U00011930", tokenizer.Decode(model.Ids("\U00011935\U00011930")));
        Assert.Equal("\u00E9", tokenizer.Decode(model.Ids("e\u0301")));
    }

    [Fact]
    public void A_special_token_before_a_mark_is_cut_out()
    {
        using var model = new CaseFolder();
        Assert.Equal([280, .. model.Ids("\u0338")], model.Ids("<|im_end|>\u0338"));
    }

    [Fact]
    [Tries("Chat templates")]
    public void A_default_system_message_in_a_variable_is_written()
    {
        using var model = new CaseFolder("chat-default-system-in-variable");
        var run = model.Run("trace", "--chat", "The cat");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Tokens     51: <|im_start|> ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    [Tries("Chat templates")]
    public void Of_several_chat_templates_the_default_is_used()
    {
        using var model = new CaseFolder("chat-template-list");
        var run = model.Run("trace", "--chat", "The cat");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("<|im_start|> ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("tool", run.Output, StringComparison.Ordinal);
    }
}
