using System.Collections.Immutable;
using System.CommandLine;
using RatIlgpu.Analysis;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Shows what the model would say after each layer.</summary>
sealed class LensCommand
{
    readonly ModelOptions models = new();
    readonly PromptText prompts = new();
    readonly JsonOption json = new();
    readonly Terminal terminal;

    readonly Option<int[]> positions = new("--position", "-p")
    {
        Description = "The position looked at; a negative one counts from the end. May be given several times. "
            + "Default: -1, the last.",
        HelpName = "position",
    };

    readonly Option<string[]> tokens = new("--answer")
    {
        Description = "A token to follow through all states: text that is one token, or #id. May be given several "
            + "times.",
        HelpName = "token",
    };

    readonly Option<int> top = new("--top", "-n")
    {
        Description = "How many of the likeliest tokens are shown of each state.",
        HelpName = "n",
        DefaultValueFactory = _ => 5,
    };

    LensCommand(Terminal terminal) => this.terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var lens = new LensCommand(terminal);
        var command = new Command(
            "lens",
            "Unembed the residual stream after every sublayer: what the model would say if it stopped there. 2_pre is "
            + "the stream before layer 2, 2_mid that between its attention and its MLP, final_post that after the last "
            + "layer.");
        lens.prompts.AddTo(command);
        foreach (var option in (Option[])[lens.positions, lens.tokens, lens.top])
            command.Options.Add(option);
        lens.models.AddTo(command);
        command.Options.Add(lens.json.Option);
        command.SetAction((parsed, cancellation) =>
        {
            lens.Run(parsed, cancellation);
            return Task.CompletedTask;
        });
        return command;
    }

    void Run(ParseResult parsed, CancellationToken cancellation)
    {
        if (parsed.GetValue(top) < 0)
            throw new UsageException($"--top is {parsed.GetValue(top)}, expected 0 or more.");
        var file = json.Read(parsed);
        var source = ModelFolder.Find(models.NameOf(parsed));
        var text = prompts.Read(parsed, terminal, source, cancellation);
        using var device = models.OpenDevice(parsed, () => ModelOptions.WeightBytesOf(source));
        using var model = LanguageModel.Load(models.NameOf(parsed), device);
        var ids = model.Tokenizer.Encode(text).Ids;
        var options = new LensOptions
        {
            Top = parsed.GetValue(top),
            Tokens =
            [
                .. (parsed.GetValue(tokens) ?? []).Select(token => TokenArgument.Read(token, "--answer", model))
                    .Distinct(),
            ],
        };
        var asked = ReadPositions(parsed, ids.Length);
        var run = new Recorder(model.Network).Record(ids.AsSpan(), LogitLens.Captures(asked), null, cancellation);
        var found = new LogitLens(model.Network).Read(run, asked.AsSpan(), options, cancellation);

        AnalysisReport.PrintHead(terminal.Output, model, ("Tokens", ids));
        LensReport.Print(found, ids, model, terminal.Output);
        JsonOption.Write(file, path => LensJson.Save(found, ids.AsSpan(), model, path), terminal.Output);
    }

    ImmutableArray<Index> ReadPositions(ParseResult parsed, int length)
    {
        int[] asked = parsed.GetValue(positions) is { Length: > 0 } given ? given : [-1];
        return
        [
            .. asked.Select(position => MetricOptions.Position(position, length)).Distinct().Order()
                .Select(position => (Index)position),
        ];
    }
}
