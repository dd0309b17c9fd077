using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace RatIlgpu.Cli;

/// <summary>Shows how a text is cut into tokens.</summary>
sealed class TokenizeCommand : ModelCommand
{
    // Letters of all scripts stay as they are; control and direction characters are escaped.
    static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    readonly Argument<string?> text = new("text")
    {
        Description = "The text. Default: all of standard input, untouched.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    readonly CliOption<bool> json = new("--json", """Print {"ids":[…],"tokens":[…]} instead of a table.""");

    public TokenizeCommand(Terminal terminal)
        : base(
            "tokenize", "Show how a text is cut into tokens. A folder with only tokenizer files is enough.", terminal)
    {
        Arguments.Add(text);
        AddAll(json);
        Models.AddTo(this, needsDevice: false);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var tokenizer = Tokenizer.Load(FindModel(parsed));
        var ids = tokenizer.Encode(Parsing.Text(parsed, text) ?? Terminal.ReadInput(cancellation)).Ids;
        if (parsed.GetValue(json))
            Terminal.Output.WriteLine(JsonSerializer.Serialize(
                new { ids, tokens = ids.Select(id => tokenizer.Token(id).Text) }, Readable));
        else
            foreach (var id in ids)
                Terminal.Output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{id,8}  {PathText.Token(tokenizer.Token(id))}"));
        return 0;
    }
}
