using System.Text.Json.Nodes;
using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

/// <summary>Published templates, with the texts that Hugging Face's way of rendering makes of some chats.</summary>
public sealed class ChatTemplateGoldenTests
{
    static readonly JsonObject Expected =
        JsonNode.Parse(File.ReadAllText(Repository.Path("tests", "chat", "rendered.json")))!.AsObject();

    static readonly ChatTokens Tokens = new(
        new Dictionary<string, string> { ["bos_token"] = "<bos>", ["eos_token"] = "<eos>" }, []);

    public static TheoryData<string> Names => [.. Expected["templates"]!.AsObject().Select(one => one.Key)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Chats_have_the_texts_of_Hugging_Face(string name)
    {
        var template = Load(name);
        foreach (var (chat, texts) in Expected["templates"]![name]!.AsObject())
            for (var prompts = 0; prompts < 2; prompts++)
                if ((string?)texts![prompts] is { } text)
                    Assert.Equal(text, template.Format(Messages(chat), promptAnswer: prompts == 1));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Chats_that_a_template_refuses_are_refused(string name)
    {
        var template = Load(name);
        foreach (var (chat, texts) in Expected["templates"]![name]!.AsObject())
            if (texts![1] is null)
            {
                var refused = Record.Exception(() => template.Format(Messages(chat)));
                Assert.True(refused is ArgumentException or InvalidDataException, $"{name}: {chat}: {refused}");
            }
    }

    [Fact]
    public void Every_template_that_is_kept_has_its_texts() =>
        Assert.Equal(
            Directory.EnumerateFiles(Repository.Path("tests", "chat", "templates"), "*.jinja")
                .Select(file => Path.GetFileNameWithoutExtension(file)!).Order(),
            Expected["templates"]!.AsObject().Select(one => one.Key).Order());

    static ChatTemplate Load(string name) => ChatTemplate.Parse(
        File.ReadAllText(Repository.Path("tests", "chat", "templates", $"{name}.jinja")),
        name,
        Tokens,
        JinjaCase.Clock);

    static ChatMessage[] Messages(string chat) =>
        [.. Expected["chats"]![chat]!.AsArray().Select(one => new ChatMessage((string)one![0]!, (string)one[1]!))];
}
