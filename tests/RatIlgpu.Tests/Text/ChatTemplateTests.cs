using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

public sealed class ChatTemplateTests
{
    const string ChatMl =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    static readonly ChatMessage Question = new("user", "Hi");

    [Fact]
    public void Reads_a_system_message_that_the_template_keeps_in_a_variable()
    {
        using var folder = WithConfig("{}").With("chat_template.jinja",
            """
            {% set preamble = 'Be brief.' %}{% if messages[0].role == 'system' %}
            {% set preamble = messages[0].content %}{% set rest = messages[1:] %}
            {% else %}{% set rest = messages %}{% endif %}
            {{ '<s>' + preamble + '</s>' }}{% for m in rest %}{{ m.role + ':' + m.content }}{% endfor %}
            """);
        var template = ChatTemplate.Load(folder.Folder);

        Assert.Equal("<s>Be brief.</s>user:Hi", template.Format([Question]));
        Assert.Equal("<s>Be long.</s>user:Hi", template.Format([new("system", "Be long."), Question]));
    }

    [Theory]
    [InlineData("""[{"name": "tool_use", "template": "T"}, {"name": "default", "template": "D"}]""")]
    [InlineData("""{"default": "D", "tool_use": "T"}""")]
    [InlineData("""[{"name": "default", "template": "X"}, {"name": "default", "template": "D"}]""")]
    public void Takes_the_default_of_several_templates(string templates)
    {
        using var folder = WithConfig($$"""{"chat_template": {{templates}}}""");

        Assert.Equal("D", ChatTemplate.Load(folder.Folder).Format([Question]));
    }

    [Fact]
    public void Says_which_templates_there_are_where_none_is_the_default()
    {
        using var folder = WithConfig("""{"chat_template": [{"name": "a", "template": ""}, {"name": "b"}]}""");

        Assert.Equal(
            "tokenizer_config.json: chat_template: has the templates a, b, expected one that is named 'default'.",
            folder.Refusal(() => ChatTemplate.Load(folder.Folder)));
    }

    [Fact]
    public void Prefers_a_template_in_a_file_of_its_own()
    {
        using var folder = WithConfig("""{"chat_template": "none"}""").With("chat_template.jinja", ChatMl);

        Assert.Equal(
            "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
            ChatTemplate.Load(folder.Folder).Format([Question]));
    }

    [Fact]
    public void Takes_the_default_of_a_folder_of_templates()
    {
        using var folder = WithConfig("""{"chat_template": "none"}""");
        Directory.CreateDirectory(Path.Combine(folder.Folder, "additional_chat_templates"));
        folder.With("additional_chat_templates/default.jinja", "D").With("additional_chat_templates/tools.jinja", "T");

        Assert.Equal("D", ChatTemplate.Load(folder.Folder).Format([Question]));
    }

    [Fact]
    public void Takes_the_template_of_a_processor_where_the_tokenizer_has_none()
    {
        using var folder = WithConfig("{}").With("chat_template.json", """{"chat_template": "P"}""");

        Assert.Equal("P", ChatTemplate.Load(folder.Folder).Format([Question]));
    }

    [Fact]
    public void Gives_a_template_the_special_tokens_of_the_folder()
    {
        using var folder = WithConfig(
            """
            {"added_tokens_decoder": {}, "bos_token": {"content": "<s>"}, "eos_token": "</s>", "pad_token": null,
             "extra_special_tokens": {"image_token": "<i>"}, "additional_special_tokens": ["<a>"]}
            """)
            .With(
                "chat_template.jinja",
                "{{ bos_token }}|{{ eos_token }}|{{ pad_token is defined }}|{{ image_token }}|"
                + "{{ additional_special_tokens }}|{{ tools is none }}")
            .With("special_tokens_map.json", """{"bos_token": "<other>"}""");

        Assert.Equal("<s>|</s>|False|<i>|['<a>']|True", ChatTemplate.Load(folder.Folder).Format([]));
    }

    [Fact]
    public void Takes_the_map_of_special_tokens_where_the_settings_list_no_added_tokens()
    {
        using var folder = WithConfig("""{"chat_template": "{{ bos_token }}{{ eos_token }}", "bos_token": "<s>"}""")
            .With("special_tokens_map.json", """{"bos_token": {"content": "<b>"}}""");

        Assert.Equal("<b><|endoftext|>", ChatTemplate.Load(folder.Folder).Format([]));
    }

    [Fact]
    public void Writes_the_date_of_the_clock_that_is_given()
    {
        using var folder = WithConfig("""{"chat_template": "{{ strftime_now('%d %b %Y') }}"}""");

        Assert.Equal("06 Jul 2024", ChatTemplate.Load(folder.Folder, JinjaCase.Clock).Format([]));
    }

    [Fact]
    public void Says_what_the_template_says_against_a_chat()
    {
        using var folder = WithConfig("""{"chat_template": "{{ raise_exception('Roles must\nalternate') }}"}""");
        var refused = Assert.Throws<ArgumentException>(() => ChatTemplate.Load(folder.Folder).Format([Question]));

        Assert.EndsWith(
            @"tokenizer_config.json: the chat template refuses these messages: Roles must\nalternate", refused.Message);
    }

    [Fact]
    public void Says_what_is_not_known_when_a_template_is_loaded()
    {
        using var folder = WithConfig("""{"chat_template": "a\n{{ messages | wordwrap }}"}""");

        Assert.Equal(
            "tokenizer_config.json: chat template line 2: filter 'wordwrap' is not known here. "
            + "Write the chat as plain text instead.",
            folder.Refusal(() => ChatTemplate.Load(folder.Folder)));
    }

    [Fact]
    public void Says_which_part_of_a_template_fails()
    {
        using var folder = WithConfig("""{"chat_template": "{{ messages[0].name.first }}"}""");

        Assert.Equal(
            "tokenizer_config.json: chat template line 1: a dictionary has no 'name'. "
            + "Write the chat as plain text instead.",
            folder.Refusal(() => ChatTemplate.Load(folder.Folder).Format([Question])));
    }

    [Fact]
    public void Refuses_a_message_that_is_no_text()
    {
        using var folder = WithConfig("""{"chat_template": "x"}""");

        Assert.Equal(
            "a message has half a surrogate pair at 1, expected well-formed Unicode.",
            Assert.Throws<ArgumentException>(
                () => ChatTemplate.Load(folder.Folder).Format([new("user", "a\uD83D")])).Message);
    }

    [Fact]
    public void Says_that_there_is_no_template()
    {
        using var folder = WithConfig("{}");

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

    static TinyTokenizer WithConfig(string json) => new TinyTokenizer().With("tokenizer_config.json", json);
}
