using System.Text.Json.Nodes;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Tracing;

/// <summary>Traces of a model whose tokenizer puts a BOS token before every prompt.</summary>
public sealed class TraceBosTests : IDisposable
{
    const int Bos = 1348;
    const string About = "the BOS token 1348, <|im_start|>, which the tokenizer puts before texts.";

    readonly TemporaryFolder folder = new();
    readonly CpuDevice device = new();
    readonly LanguageModel model;
    readonly ReverseAttentionTracer tracer;

    public TraceBosTests()
    {
        model = Load(""" {"SpecialToken": {"id": "S"}}, {"Sequence": {"id": "A"}} """);
        tracer = new(model);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Begin_with_that_token_and_say_so()
    {
        var trace = tracer.TraceText("When Mary");

        Assert.Equal([Bos, .. model.Tokenizer.Encode("When Mary").Ids], trace.Tokens.Select(token => token.Id));
        Assert.Equal([$"The prompt begins with {About}"], trace.Notices);
        Assert.Equal(Bos, trace.Options.BosTokenId);
        Assert.Equal(trace.Tokens, tracer.TraceTextLayers("When Mary", [0])[0].Tokens);
    }

    [Fact]
    public void End_at_that_token_wherever_it_stands()
    {
        var trace = tracer.TraceText("When<|im_start|> Mary went");

        Assert.Contains(trace.Paths, path => path.Positions[^1] == 2);
        Assert.All(trace.Paths, path => Assert.DoesNotContain(2, path.Positions[..^1]));
    }

    [Fact]
    public void Say_that_a_text_had_that_token_already() =>
        Assert.Equal(
            ["The prompt begins with the BOS token 1348, <|im_start|>, twice: the tokenizer puts that token before "
                + "texts, and the text has it too."],
            tracer.TraceText("<|im_start|>When").Notices);

    [Fact]
    public void Say_that_token_ids_lack_that_token() =>
        Assert.Equal([$"The prompt does not begin with {About}"], tracer.Trace([5, 6]).Notices);

    [Fact]
    public void Say_that_the_tokenizer_puts_a_token_behind_the_text()
    {
        using var ending = Load(""" {"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "S"}} """);

        var trace = new ReverseAttentionTracer(ending).TraceText("When Mary");

        Assert.Equal(Bos, trace.Tokens[^1].Id);
        Assert.Equal(
            ["The prompt ends with the token 1348, <|im_start|>, which the tokenizer puts after texts."],
            trace.Notices);
    }

    [Fact]
    public void End_at_another_token_that_is_asked_for() =>
        Assert.Equal(
            [$"The prompt begins with {About}", "The prompt has no BOS token 7: no path ends at one."],
            tracer.TraceText("When", new() { BosTokenId = 7 }).Notices);

    // The demonstration model, with these pieces around every prompt.
    LanguageModel Load(string pieces)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(DemoModel.Folder, "tokenizer.json")))!;
        json["post_processor"] = JsonNode.Parse(
            $$$"""
            {"type": "TemplateProcessing", "single": [{{{pieces}}}],
             "special_tokens": {"S": {"id": "S", "ids": [{{{Bos}}}], "tokens": ["<|im_start|>"]} } }
            """);
        File.WriteAllText(folder.Path("tokenizer.json"), json.ToJsonString());
        return LanguageModel.Load(DemoModel.Folder, device, Tokenizer.Load(folder.Root));
    }
}
