using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli;

/// <summary>Shows how texts are cut into tokens.</summary>
sealed class TokenizeCommand : TerminalCommand
{
    // Letters of all scripts stay as they are; control and direction characters are escaped.
    static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    readonly CliOptions options;
    readonly PromptSource prompts;

    public TokenizeCommand(Terminal terminal, CliOptions options)
        : base(
            "tokenize", "Show how a text is cut into tokens. A folder with only tokenizer files is enough.", terminal)
    {
        this.options = options;
        TakesPrompt = true;
        prompts = new(this, options, PromptKind.Cut);
        AddAll(options.Model, options.Json);
    }

    public override ImmutableArray<(string What, string Line)> Examples =>
    [
        ("The tokens of a text, with their ids:", "\"When Mary and John\""),
        ("For programs, of another model:", "--json - --model Qwen/Qwen2-0.5B \"The capital of France is\""),
        ("Of a file, one prompt a line:", "--prompts prompts.txt"),
    ];

    protected override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var read = prompts.Prepare(parsed, Terminal);
        var json = new JsonOutput(parsed, options, Terminal);
        OutputTargets.Check(parsed, options);
        var model = parsed.Get(options.Model) ?? DemoModel.Folder;
        return cancellation =>
        {
            json.Try();
            var tokenizer = Tokenizer.Load(ModelFolder.Find(model));
            var cut = read(cancellation).Select(prompt => (prompt.Where, Ids: Cut(prompt, tokenizer))).ToList();
            foreach (var (i, (where, ids)) in cut.Index())
            {
                if (cut.Count > 1)
                    json.Report.WriteLine(
                        $"{(i > 0 ? "\n" : "")}{OneLine.Escape(where)}: {ids.Length} "
                        + (ids.Length == 1 ? "token" : "tokens"));
                foreach (var id in ids)
                    json.Report.WriteLine(string.Create(
                        CultureInfo.InvariantCulture, $"{id,8}  {PathText.Token(tokenizer.Token(id))}"));
            }

            json.Write(() => Json([.. cut.Select(one => one.Ids)], tokenizer));
            return 0;
        };
    }

    // A text may have no token; a prompt that runs needs one.
    static ImmutableArray<int> Cut(Prompt prompt, Tokenizer tokenizer) =>
        prompt.Text is "" ? prompt.Cut(tokenizer) : prompt.Encode(tokenizer, tokenizer.Count);

    static string Json(ImmutableArray<ImmutableArray<int>> prompts, Tokenizer tokenizer)
    {
        const string Kind = "tokenize";
        const int Version = 1;
        return JsonSerializer.Serialize<object>(
            prompts is [var ids]
                ? new { kind = Kind, version = Version, ids, tokens = Texts(ids) }
                : new
                {
                    kind = Kind,
                    version = Version,
                    prompts = prompts.Select(one => new { ids = one, tokens = Texts(one) }),
                },
            Readable);

        IEnumerable<string> Texts(ImmutableArray<int> ids) => ids.Select(id => tokenizer.Token(id).Text);
    }
}
