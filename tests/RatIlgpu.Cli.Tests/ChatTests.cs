using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests;

/// <summary>--chat and --system.</summary>
public sealed class ChatTests : IDisposable
{
    const string Template =
        """
        {% if messages[0].role != 'system' %}<own>{% endif %}
        {% for m in messages %}
        {% if m.content == 'no' %}{{ raise_exception('Say please.') }}{% endif %}
        [{{ m.role }}]{{ m.content }}
        {%- endfor %}
        {%- if add_generation_prompt %}[assistant]{% endif %}
        """;

    readonly TinyTokenizer folder = new TinyTokenizer().With("tokenizer.json", TinyTokenizer.Json().ToJsonString())
        .With("tokenizer_config.json", "{}").With("chat_template.jinja", Template);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_prompt_is_a_users_message() =>
        Assert.Equal(Tokens("<own>[user]Hi[assistant]"), Tokens("Hi", "--chat"));

    [Theory]
    [InlineData("Be brief.")]
    [InlineData("")]
    public void A_system_message_stands_before_it(string system) =>
        Assert.Equal(
            Tokens($"[system]{system}[user]Hi[assistant]"), Tokens("Hi", "--chat", "--system", system));

    [Fact]
    public void An_empty_message_is_a_message() =>
        Assert.Equal(Tokens("<own>[user][assistant]"), Tokens("", "--chat"));

    [Fact]
    public void A_prompt_of_a_file_has_a_system_message_of_its_own()
    {
        var file = Path.Combine(folder.Folder, "p.jsonl");
        File.WriteAllText(file, "{\"prompt\": \"Hi\", \"system\": \"S\"}");

        Assert.Equal(
            Tokens("[system]S[user]Hi[assistant]"),
            Run("--prompts", file, "--chat", "--system", "other").Output);
    }

    [Fact]
    public void Sentences_of_a_refusal_stay_apart()
    {
        var pointer = Path.Combine(folder.Folder, "chat_template.jinja");
        File.WriteAllText(pointer, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 2427\n");

        Run("Hi", "--chat").Refuses(
            $"{pointer}: is a Git LFS pointer, not the file itself; get the file with: git lfs pull. Leave out --chat "
            + "for that.");
    }

    [Fact]
    public void A_system_message_needs_a_chat()
    {
        Run("Hi", "--system", "S").IsMisused(
            "--system gives the system message of a chat; give --chat with it.", " tokenize");
        var file = Path.Combine(folder.Folder, "p.jsonl");
        File.WriteAllText(file, "{\"prompt\": \"Hi\", \"system\": \"S\"}");
        Run("--prompts", file).Refuses($"{file}:1: has the key system, which means something with --chat only.");
    }

    [Fact]
    public void A_chat_that_the_template_refuses_is_named() =>
        Run("no", "--chat").Refuses(
            $"the prompt: {Path.Combine(folder.Folder, "chat_template.jinja")}: the chat template refuses these "
            + "messages: Say please.");

    [Fact]
    public void A_template_that_is_not_known_is_named()
    {
        folder.With("chat_template.jinja", "{% include 'x' %}");

        Run("Hi", "--chat").Refuses(
            $"{Path.Combine(folder.Folder, "chat_template.jinja")}: chat template line 1: statement 'include' is not "
            + "known here. Write the chat as plain text instead. Leave out --chat for that.");
    }

    string Tokens(params string[] arguments)
    {
        var run = Run(arguments);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Output;
    }

    CommandRun Run(params string[] arguments) =>
        CommandRun.Of(["tokenize", .. arguments, "--model", folder.Folder]);
}
