using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;

namespace RatIlgpu.Cli;

/// <summary>A command that opens a model, reads prompts, runs, prints and writes.</summary>
abstract class ModelCommand : TerminalCommand
{
    readonly PromptSource prompts;

    protected ModelCommand(
        string name,
        string description,
        Terminal terminal,
        CliOptions options,
        PromptKind kind = PromptKind.Run)
        : base(name, description, terminal)
    {
        (Vocabulary, TakesPrompt) = (options, true);
        prompts = new(this, options, kind);
        options.AddModel(this);
        AddAll(options.Json);
    }

    /// <summary>Gets the options of all commands.</summary>
    protected CliOptions Vocabulary { get; }

    /// <summary>Reads the options of the command.</summary>
    /// <exception cref="UsageException">The command line alone shows something to be wrong.</exception>
    protected abstract Work Plan(ParseResult parsed);

    /// <inheritdoc/>
    protected sealed override Func<CancellationToken, int> Prepare(ParseResult parsed)
    {
        var (model, json) = (ModelOptions.Read(parsed, Vocabulary), new JsonOutput(parsed, Vocabulary, Terminal));
        var read = prompts.Prepare(parsed, Terminal);
        foreach (var option in (Option[])[Vocabulary.Ablate, Vocabulary.Generate, Vocabulary.Record])
            if (parsed.Has(Vocabulary.FromRecording) && parsed.Has(option))
                throw new UsageException(
                    $"{option.Name} is about a run, and --from-recording runs nothing; give one of them.");
        var work = Plan(parsed);
        return cancellation =>
        {
            json.Try();
            work.Try();
            var given = read(cancellation);
            using var loaded = LoadedModel.Open(model);
            work.Run(new(loaded.Model, given, json, Terminal, cancellation));
            return 0;
        };
    }
}

/// <summary>What a command does with a model and prompts.</summary>
/// <param name="Run">Runs the model, prints and writes.</param>
sealed record Work(Action<Session> Run)
{
    /// <summary>Gets the checks of what is to be written, before anything is computed.</summary>
    public Action Try { get; init; } = () => { };
}

/// <summary>A loaded model, and the prompts to run on it.</summary>
/// <param name="Model">The model.</param>
/// <param name="Prompts">The prompts, at least one.</param>
/// <param name="Json">Where the JSON goes, and where the report.</param>
/// <param name="Terminal">Where the command reads and writes.</param>
/// <param name="Cancellation">Stops the command.</param>
sealed record Session(
    LanguageModel Model,
    ImmutableArray<Prompt> Prompts,
    JsonOutput Json,
    Terminal Terminal,
    CancellationToken Cancellation)
{
    /// <summary>Gets where the report for people goes.</summary>
    public TextWriter Report => Json.Report;

    /// <summary>Gets whether there are several prompts.</summary>
    public bool IsBatch => Prompts.Length > 1;

    /// <summary>Returns the tokens of a prompt.</summary>
    /// <exception cref="ArgumentException">The prompt is empty, or the model does not have a token.</exception>
    public ImmutableArray<int> Encode(Prompt prompt) =>
        prompt.Encode(Model.Tokenizer, Model.Config.VocabularySize);

    /// <summary>Returns the interventions that set the outputs of heads to 0.</summary>
    /// <exception cref="ArgumentException">The model does not have a head.</exception>
    public ImmutableArray<Intervention> Ablations(ImmutableArray<HeadIndex> heads)
    {
        var (config, network) = (Model.Config, Model.Network);
        foreach (var head in heads)
            head.Check(config.LayerCount, config.HeadCount);
        return
        [
            .. heads.GroupBy(head => head.Layer).OrderBy(layer => layer.Key).Select(layer => Intervention.Zero(
                InterventionTarget.At(
                    network,
                    Activation.HeadOutput,
                    layer.Key,
                    [.. layer.Select(head => head.Head).Distinct().Order()]))),
        ];
    }

    /// <summary>Returns the layers that are asked for, ascending.</summary>
    /// <exception cref="ArgumentException">The model does not have one.</exception>
    public ImmutableArray<int> Layers(Selection selection) =>
        selection.Resolve(Model.Config.LayerCount, "--layers", $"a model of {Model.Config.LayerCount} layers");

    /// <summary>Returns the heads that are asked for, ascending.</summary>
    /// <exception cref="ArgumentException">A layer does not have one.</exception>
    public ImmutableArray<int> Heads(Selection selection) =>
        selection.Resolve(Model.Config.HeadCount, "--heads", $"layers of {Model.Config.HeadCount} heads");

    /// <summary>Returns the positions that are asked for of a prompt, ascending.</summary>
    /// <exception cref="ArgumentException">The prompt does not have one.</exception>
    public ImmutableArray<int> Positions(Prompt prompt, Selection selection, int length)
    {
        var (asked, where) = prompt.Position is { } own
            ? (own, $"{prompt.Where}: position")
            : (selection, "--position");
        // A range leaves padding out; a position that is named is refused if it is padding.
        return asked.Resolve(
            length, where, $"a prompt of {length} token{(length == 1 ? "" : "s")}",
            position => prompt.AttentionMask is { } mask && mask[position] == 0);
    }
}
