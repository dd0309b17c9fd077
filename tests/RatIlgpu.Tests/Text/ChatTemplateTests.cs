using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

public sealed class ChatTemplateTests
{
    const string Qwen2 =
        """
        {% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system
        You are a helpful assistant.<|im_end|>
        ' }}{% endif %}{{'<|im_start|>' + message['role'] + '
        ' + message['content'] + '<|im_end|>' + '
        '}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
        ' }}{% endif %}
        """;

    static readonly ChatMessage Question = new("user", "Hi");

    [Fact]
    public void Starts_with_the_system_message_of_the_checkpoint() =>
        Assert.Equal(
            "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
            + "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
            ChatTemplate.Parse(Qwen2, "file").Format([Question]));

    [Fact]
    public void Keeps_a_system_message_that_is_given() =>
        Assert.Equal("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n",
            ChatTemplate.Parse(Qwen2, "file").Format([new("system", "Be brief."), Question], promptAnswer: false));

    [Fact]
    public void Adds_no_system_message_where_the_checkpoint_has_none() =>
        Assert.Equal("<|im_start|>user\nHi<|im_end|>\n",
            ChatTemplate.Parse(@"'<|im_end|>' '<|im_start|>assistant\n'", "file")
                .Format([Question], promptAnswer: false));

    [Fact]
    public void Reads_a_system_message_with_escapes() =>
        Assert.Equal("Put it in \\boxed{}.\nBye.",
            ChatTemplate.Parse(
                @"'<|im_start|>system\nPut it in \\boxed{}.\nBye.<|im_end|>\n' '<|im_start|>assistant\n'", "file")
                .DefaultSystem);

    [Theory]
    [InlineData("{{ '[INST]' }}")]
    [InlineData(@"'<|im_start|>assistant\n'")]
    [InlineData(@"'<|im_end|>' '<|im_start|>assistant\n<think>\n'")]
    [InlineData(@"message['content'] | trim + '<|im_end|>' '<|im_start|>assistant\n'")]
    public void Refuses_a_template_that_is_not_plain_ChatML(string jinja)
    {
        var refused = Assert.Throws<InvalidDataException>(() => ChatTemplate.Parse(jinja, "file"));

        Assert.Equal(
            $"file: chat_template is '{jinja}', expected plain ChatML: <|im_start|>, <|im_end|>, and an answer that "
            + "starts after <|im_start|>assistant and a line end. Write the chat as plain text instead.",
            refused.Message);
    }

    [Fact]
    public void Loads_the_template_of_the_configuration()
    {
        using var folder = new TinyTokenizer().With("tokenizer_config.json",
            """{"chat_template": "<|im_start|>system\\nYes.<|im_end|>'<|im_start|>assistant\\n'"}""");

        Assert.Equal("Yes.", ChatTemplate.Load(folder.Folder).DefaultSystem);
    }

    [Fact]
    public void Prefers_a_template_in_a_file_of_its_own()
    {
        using var folder = new TinyTokenizer()
            .With("tokenizer_config.json", """{"chat_template": "none"}""")
            .With("chat_template.jinja", Qwen2);

        Assert.Equal("You are a helpful assistant.", ChatTemplate.Load(folder.Folder).DefaultSystem);
    }

    [Fact]
    public void Says_that_there_is_no_template()
    {
        using var folder = new TinyTokenizer().With("tokenizer_config.json", "{}");

        Assert.Equal("tokenizer_config.json: has no chat_template, so this model has no form for chats. "
            + "Write the chat as plain text instead.",
            folder.Refusal(() => ChatTemplate.Load(folder.Folder)));
    }

    [Fact]
    public void Says_that_there_is_no_file()
    {
        using var folder = new TinyTokenizer();

        Assert.Throws<FileNotFoundException>(() => ChatTemplate.Load(folder.Folder));
    }
}
