using System.Text.Json;
using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests;

/// <summary>Commands on a folder whose tokenizer puts tokens around prompts, or has tokens that the model
/// lacks.</summary>
public sealed class SpecialTokensTests : IDisposable
{
    const int Bos = 1348;

    readonly TemporaryFolder folder = new();

    public SpecialTokensTests() => folder.Copy(
        DemoModel.Folder, "tokenizer.json", "tokenizer_config.json", "config.json", "model.safetensors");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Tokenize_shows_the_tokens_around_a_prompt()
    {
        AskForBos();

        Assert.Equal([Bos, .. TokensOf("When Mary")], Cut("When Mary"));
        Assert.Equal([Bos], Cut(""));
    }

    [Fact]
    public void A_chat_has_those_tokens_only_where_its_template_writes_them()
    {
        AskForBos();

        var ids = Cut("Hi", "--chat");

        Assert.Equal(Bos, ids[0]);
        Assert.NotEqual(Bos, ids[1]);
    }

    [Fact]
    public void Every_command_puts_them_around_its_prompt()
    {
        AskForBos();

        foreach (var command in (string[])["lens", "attribute"])
        {
            var run = CommandRun.Of(command, "When Mary", "--model", folder.Root);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.Contains("<|im_start|> When \" Mary\"", run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_trace_says_what_its_prompt_begins_with()
    {
        AskForBos();

        var run = CommandRun.Of("trace", "When Mary", "--model", folder.Root, "--output", folder.Path("trace"));

        Assert.Contains(
            "Note       The prompt begins with the BOS token 1348, <|im_start|>, which the tokenizer puts before "
            + "texts.",
            run.Output, StringComparison.Ordinal);
        Assert.Contains("<|im_start|> When \" Mary\"", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_pass_that_token_where_they_are_told_to()
    {
        AskForBos();
        string[] call =
        [
            "trace", "<|im_start|>When Mary", "--model", folder.Root, "--output", folder.Path("trace"), "--json", "-",
        ];

        Assert.DoesNotContain(Paths(), path => path[..^1].Contains(1));
        Assert.Contains(Paths("--stop-at-bos", "false"), path => path[..^1].Contains(1));

        List<int[]> Paths(params string[] more) =>
        [
            .. JsonNode.Parse(CommandRun.Of([.. call, .. more]).Output)!["beams"]!.AsArray()
                .Select(path => path!["positions"]!.AsArray().Select(position => (int)position!).ToArray()),
        ];
    }

    [Fact]
    public void Paths_cannot_pass_a_token_that_there_is_not() =>
        CommandRun.Of("trace", "When Mary", "--stop-at-bos", "false", "--output", folder.Path("trace")).Refuses(
            "--stop-at-bos false means nothing without --bos-token-id: the tokenizer of this model puts no BOS token "
            + "before texts, so no path ends at one; leave --stop-at-bos out.");

    [Fact]
    public void A_token_without_an_embedding_is_refused_where_a_prompt_uses_it()
    {
        var json = Read("tokenizer.json");
        json["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = 1350, ["content"] = "<memory>" });
        Write("tokenizer.json", json);

        Assert.Equal(0, CommandRun.Of("lens", "When", "--model", folder.Root).ExitCode);
        CommandRun.Of("lens", "The <memory>", "--model", folder.Root).Refuses(
            "the prompt: there is no token 1350, <memory> to the tokenizer; the model's vocabulary has the tokens 0 to "
            + "1349.");
    }

    void AskForBos()
    {
        var json = Read("tokenizer_config.json");
        json["tokenizer_class"] = "LlamaTokenizerFast";
        json["bos_token"] = "<|im_start|>";
        json["chat_template"] = "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' "
            + "}}{% endfor %}{% if add_generation_prompt %}"
            + "{{ '<|im_start|>assistant\n' }}{% endif %}";
        Write("tokenizer_config.json", json);
    }

    int[] Cut(params string[] arguments)
    {
        var run = CommandRun.Of(["tokenize", .. arguments, "--model", folder.Root, "--json", "-"]);
        using var json = JsonDocument.Parse(run.Output);
        return [.. json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
    }

    static ImmutableArray<int> TokensOf(string text) => Tokenizer.Load(DemoModel.Folder).Encode(text).Ids;

    JsonObject Read(string name) => JsonNode.Parse(File.ReadAllText(folder.Path(name)))!.AsObject();

    void Write(string name, JsonObject json) => File.WriteAllText(folder.Path(name), json.ToJsonString());
}
