namespace RatIlgpu.Cli.Analysis;

/// <summary>Shows the next tokens that the residual stream predicts after each sublayer.</summary>
sealed class LensCommand : ModelCommand
{
    readonly PromptText prompts = new();
    readonly JsonFile json = new();

    readonly CliOption<int[]> positions = new("--position, -p", "position",
        "The position looked at; a negative one counts from the end. May be given several times. "
            + "Default: -1, the last.");

    readonly CliOption<string[]> tokens = new("--answer", "token",
        "A token to follow through all states: text that is one token, or #id. May be given several times.");

    readonly CliOption<int> top = new("--top, -n", "n", "How many of the likeliest tokens are shown of each state.", 5);

    public LensCommand(Terminal terminal)
        : base(
            "lens",
            "Unembed the residual stream after every sublayer: what the model would say if it stopped there. 2_pre is "
            + "the stream before layer 2, 2_mid that between its attention and its MLP, final_post that after the last "
            + "layer.",
            terminal)
    {
        prompts.AddTo(this);
        AddAll(positions, tokens, top);
        Models.AddTo(this);
        AddAll(json.Option);
    }

    protected override int Run(ParseResult parsed, CancellationToken cancellation)
    {
        if (parsed.GetValue(top) < 0)
            throw new UsageException($"--top is {parsed.GetValue(top)}, expected 0 or more.");
        json.Read(parsed);
        var source = FindModel(parsed);
        var text = prompts.Read(parsed, Terminal, source, cancellation);
        using var loaded = Load(parsed, source);
        var model = loaded.Model;
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

        ReportHead.PrintHead(Terminal.Output, model, ("Tokens", ids));
        LensReport.Print(found, ids, model, Terminal.Output);
        json.Write(path => LensJson.Save(found, ids.AsSpan(), model, path), Terminal.Output);
        return 0;
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

/// <summary>Prints the predictions of the states of the residual stream.</summary>
static class LensReport
{
    /// <summary>Prints, for each position, a line for each state.</summary>
    public static void Print(
        ImmutableArray<LensState> states, ImmutableArray<int> ids, LanguageModel model, TextWriter output)
    {
        var width = states.Max(state => state.State.Label.Length);
        foreach (var position in states.GroupBy(state => state.Position))
        {
            output.WriteLine();
            output.WriteLine($"After {PathText.Token(model.Tokenizer.Token(ids[position.Key]))} at {position.Key}");
            foreach (var state in position)
            {
                var line = string.Join("  ", state.Top.Select(Likely).Concat(state.Tokens.Select(Followed)));
                output.WriteLine($"  {state.State.Label.PadRight(width)}  {line}");
            }
        }

        string Text(LensToken token) => PathText.Token(model.Tokenizer.Token(token.Id));

        string Likely(LensToken token) =>
            string.Create(CultureInfo.InvariantCulture, $"{Text(token)} {token.Probability * 100:F1} %");

        string Followed(LensToken token) => string.Create(
            CultureInfo.InvariantCulture, $"[{Text(token)} rank {token.Rank}, {token.Probability * 100:G3} %]");
    }
}
