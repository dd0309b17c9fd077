using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using RatIlgpu.Tracing;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli;

/// <summary>Shows how a text is cut into tokens.</summary>
static class TokenizeCommand
{
    // Other scripts stay readable; what commands a terminal or turns the order of text is escaped.
    static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    public static Command Create(Terminal terminal)
    {
        var text = new Argument<string?>("text")
        {
            Description = "The text. Default: all of standard input, untouched.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = new Option<bool>("--json")
        {
            Description = """Print {"ids":[…],"tokens":[…]} instead of a table.""",
        };
        var models = new ModelOptions();
        var command = new Command(
            "tokenize", "Show how a text is cut into tokens. A folder with only tokenizer files is enough.")
        {
            text, json,
        };
        models.AddTo(command, needsDevice: false);
        command.SetAction((parsed, cancellation) =>
        {
            var tokenizer = Tokenizer.Load(ModelFolder.Find(models.NameOf(parsed)));
            var ids = tokenizer.Encode(Parsing.Text(parsed, text) ?? terminal.ReadInput(cancellation)).Ids;
            if (parsed.GetValue(json))
                terminal.Output.WriteLine(JsonSerializer.Serialize(
                    new { ids, tokens = ids.Select(id => tokenizer.Token(id).Text) }, Readable));
            else
                foreach (var id in ids)
                    terminal.Output.WriteLine(string.Create(
                        CultureInfo.InvariantCulture, $"{id,8}  {PathText.Token(tokenizer.Token(id))}"));
            return Task.CompletedTask;
        });
        return command;
    }
}
