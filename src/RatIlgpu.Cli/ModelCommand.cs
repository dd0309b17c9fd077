using System.Numerics.Tensors;
using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;
using RatIlgpu.Verification;
using RatIlgpu.Weights;

namespace RatIlgpu.Cli;

/// <summary>A command that opens a model, reads prompts, runs, prints and writes.</summary>
abstract class ModelCommand : TerminalCommand
{
    readonly PromptSource prompts;
    readonly Call call;

    protected ModelCommand(
        string name,
        string description,
        Terminal terminal,
        CliOptions options,
        Call call,
        PromptKind kind = PromptKind.Run)
        : base(name, description, terminal)
    {
        (Vocabulary, this.call, TakesPrompt) = (options, call, true);
        prompts = new(this, options, kind);
        options.AddModel(this);
        AddAll(options.Json);
    }

    /// <summary>Gets the options of all commands.</summary>
    protected CliOptions Vocabulary { get; }

    /// <summary>Gets the test whether a file of this name in the output folder is written or deleted by the command;
    /// null where it has no such folder.</summary>
    protected virtual Func<string, bool>? IsOwnFile => null;

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
        OutputTargets.Check(parsed, Vocabulary, IsOwnFile);
        var work = Plan(parsed);
        var origin = new TraceOrigin
        {
            Title = parsed.GetResult(Vocabulary.Title) is null ? null : parsed.Get(Vocabulary.Title),
            Command = call.Line,
            Version = Call.Version,
        };
        return cancellation =>
        {
            json.Try();
            work.Try();
            var given = read(cancellation);
            OutputTargets.CheckModel(parsed, Vocabulary, ModelFolder.Find(model.Name));
            using var loaded = LoadedModel.Open(model);
            foreach (var notice in loaded.Model.Notices)
                Terminal.Error.WriteLine($"ratilgpu: note: {OneLine.Escape(notice)}");
            Run(work, new(loaded.Model, given, origin, json, Terminal, cancellation));
            return 0;
        };
    }

    // The library speaks of the recording; the command knows its file.
    static void Run(Work work, Session session)
    {
        try
        {
            session.Explain(() => work.Run(session));
        }
        catch (ArgumentException fault) when (session.Prompts.Any(prompt => prompt.Recording is not null))
        {
            var all = session.Prompts.Select(prompt => prompt.Where).ToList();
            var files = string.Join(", ", all.Take(3)) + (all.Count > 3 ? $" and {all.Count - 3} more" : "");
            // The library names what to ask its recorder for.
            var (message, cure) = fault is NotRecordedException lacking
                ? ($"{OptionNames.WithActivations(lacking.Missing)}.",
                    "Record anew what this command reads: give it the prompt and --record FILE in place of "
                    + $"--from-recording, {Changes(session)}and the other options as here.")
                : (OptionNames.MessageOf(fault),
                    "A recording serves the command, the choices and the model that it was made with.");
            if (!session.Prompts.Any(prompt => message.StartsWith(prompt.Where, StringComparison.Ordinal)))
                message = $"{files}: {message}";
            throw new ArgumentException($"{message} {cure}", fault);
        }

        static string Changes(Session session) =>
            session.Prompts.Any(prompt => prompt.Recording is { Interventions.IsEmpty: false })
                ? "what changed the run, such as --ablate, "
                : "";
    }
}

/// <summary>What a command does with a model and prompts.</summary>
/// <param name="Run">Runs the model, prints and writes.</param>
sealed record Work(Action<Session> Run)
{
    /// <summary>Gets what checks the output files before the model runs; it throws if one cannot be written.</summary>
    public Action Try { get; init; } = () => { };
}

/// <summary>A loaded model, and the prompts to run on it.</summary>
/// <param name="Model">The model.</param>
/// <param name="Prompts">The prompts, at least one.</param>
/// <param name="Origin">What the results come from.</param>
/// <param name="Json">Where the JSON goes, and where the report.</param>
/// <param name="Terminal">Where the command reads and writes.</param>
/// <param name="Cancellation">Stops the command.</param>
sealed record Session(
    LanguageModel Model,
    ImmutableArray<Prompt> Prompts,
    TraceOrigin Origin,
    JsonOutput Json,
    Terminal Terminal,
    CancellationToken Cancellation)
{
    /// <summary>Returns the error that a result is not a finite number.</summary>
    public static ArithmeticException NotFinite(string what) => new(
        $"{what} is not a finite number: the weights or the recording are damaged, or a direction is too large.");

    /// <summary>Throws if a logit is not a finite number, before one is called the largest.</summary>
    /// <exception cref="ArithmeticException">One is not.</exception>
    public static void CheckLogits(ReadOnlySpan<float> logits)
    {
        if (!float.IsFinite(TensorPrimitives.MaxMagnitude(logits)))
            throw NotFinite("A logit");
    }

    /// <summary>Returns why results are not finite numbers; null where the weights and the runs of the prompts
    /// are.</summary>
    public string? CauseOfNotFinite() => FiniteCheck.CauseOf(
        Model.Network,
        Prompts.SelectMany(prompt => new[] { prompt, prompt.Corrupted })
            .OfType<Prompt>().Where(prompt => prompt.Recording is null)
            .Select(prompt => new BatchPrompt(Encode(prompt)) { AttentionMask = prompt.AttentionMask }),
        Cancellation);

    /// <summary>Runs an analysis; if a result is not a finite number, the error says why.</summary>
    /// <exception cref="ArithmeticException">A result is not a finite number.</exception>
    public void Explain(Action analysis)
    {
        try
        {
            analysis();
        }
        catch (ArithmeticException fault)
            when (fault.GetType() == typeof(ArithmeticException) && CauseOfNotFinite() is { } cause)
        {
            throw new ArithmeticException($"{fault.Message} {cause}", fault);
        }
    }

    /// <summary>Gets where the report for people goes.</summary>
    public TextWriter Report => Json.Report;

    /// <summary>Gets whether there are several prompts.</summary>
    public bool IsBatch => Prompts.Length > 1;

    /// <summary>Gets the model as pages and their files name it.</summary>
    public TracedModel Traced => new(Model.Name, Model.Config.LayerCount, Model.Config.HeadCount)
    {
        KeyHeadCount = Model.Config.KeyValueHeadCount,
    };

    /// <summary>Returns the tokens of a prompt.</summary>
    /// <exception cref="ArgumentException">The prompt is empty, or the model does not have a token.</exception>
    public ImmutableArray<int> Encode(Prompt prompt) =>
        prompt.Encode(Model.Tokenizer, Model.Config.VocabularySize);

    /// <summary>Returns the interventions that set the values of heads to 0: the output of such a head is 0, and it
    /// brings nothing from any key, which what splits or weights heads by their keys must see.</summary>
    /// <exception cref="ArgumentException">The model does not have a head.</exception>
    public ImmutableArray<Intervention> Ablations(ImmutableArray<HeadIndex> heads) =>
    [
        .. Named(heads, "--ablate").GroupBy(head => head.Layer).OrderBy(layer => layer.Key).Select(layer =>
            Intervention.Zero(InterventionTarget.At(
                Model.Network, Activation.Value, layer.Key, [.. layer.Select(head => head.Head).Distinct().Order()],
                scope: KeyValueScope.QueryHead))),
    ];

    /// <summary>Returns captures; where they have values, with those that ablations change for single query
    /// heads.</summary>
    public static ImmutableArray<Capture> WithOwnValues(
        ImmutableArray<Capture> captures, ImmutableArray<Intervention> ablations) =>
        ablations.IsEmpty || captures.All(capture => capture.Activation != Activation.Value)
            ? captures
            : captures.Add(new(Activation.HeadValue)
            {
                Layers = [.. ablations.Select(change => (Index)change.Target.Site.Layer)],
            });

    /// <summary>Says something beside the results.</summary>
    public void Note(string text) => Terminal.Error.WriteLine($"ratilgpu: note: {OneLine.Escape(text)}");

    /// <summary>Returns the layer that an option asks for; without it, the last but one.</summary>
    /// <param name="asked">The layer; null where the option is not given.</param>
    /// <param name="option">The option.</param>
    /// <exception cref="ArgumentException">The model does not have it.</exception>
    public int LayerOf(Index? asked, string option = "--layer")
    {
        var layers = Model.Config.LayerCount;
        var layer = (asked ?? ^int.Min(2, layers)).GetOffset(layers);
        return layer >= 0 && layer < layers
            ? layer
            : throw new ArgumentException(
                $"{option} is {layer - (layer < 0 ? layers : 0)}, expected {-layers} to {layers - 1} for a model of "
                + $"{CountText.Of(layers, "layer")}.");
    }

    /// <summary>Returns the layers that are asked for, ascending.</summary>
    /// <exception cref="ArgumentException">The model does not have one.</exception>
    public ImmutableArray<int> Layers(Selection selection) =>
        selection.Resolve(
            Model.Config.LayerCount, "--layers", $"a model of {CountText.Of(Model.Config.LayerCount, "layer")}");

    /// <summary>Returns the heads that are asked for, ascending.</summary>
    /// <exception cref="ArgumentException">A layer does not have one.</exception>
    public ImmutableArray<int> Heads(Selection selection) =>
        selection.Resolve(
            Model.Config.HeadCount, "--heads", $"layers of {CountText.Of(Model.Config.HeadCount, "head")}");

    /// <summary>Returns the heads that an option names, in the order asked, each once; their numbers count from
    /// 0.</summary>
    /// <param name="names">The heads; negative numbers count from the end.</param>
    /// <param name="option">The option.</param>
    /// <exception cref="ArgumentException">The model does not have one.</exception>
    public ImmutableArray<HeadIndex> Named(IEnumerable<HeadIndex> names, string option = "--heads")
    {
        ValueArray<HeadIndex> asked = [.. names];
        try
        {
            return asked.IsEmpty ? [] : new AttentionReader(Model.Network).HeadsOf(new() { Heads = asked });
        }
        catch (ArgumentOutOfRangeException fault)
        {
            throw new ArgumentException($"{option}: {OptionNames.MessageOf(fault)}", fault);
        }
    }

    /// <summary>Does a part of the work that is about one prompt. Of several prompts, an error says about which.
    /// </summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="work">The work.</param>
    /// <param name="cure">A sentence that says what to do about an error; null for none. It is for prompts that run
    /// now.</param>
    /// <exception cref="ArgumentException">The work throws one.</exception>
    public T Of<T>(Prompt prompt, Func<T> work, string? cure = null)
    {
        var isCured = cure is not null && prompt.Recording is null;
        try
        {
            return work();
        }
        catch (ArgumentException fault)
            when (IsBatch && (isCured || !fault.Message.StartsWith(prompt.Where, StringComparison.Ordinal)))
        {
            var message = OptionNames.MessageOf(fault);
            var where = message.StartsWith(prompt.Where, StringComparison.Ordinal) ? "" : $"{prompt.Where}: ";
            throw new ArgumentException($"{where}{message}{(isCured ? $" {cure}" : "")}", fault);
        }
    }

    /// <summary>Runs a prompt up to a position, and returns the logits of the next token, <c>[vocabulary]</c>.
    /// </summary>
    /// <param name="ids">The tokens of the prompt.</param>
    /// <param name="position">The position.</param>
    /// <param name="mask">The attention mask of the prompt; null for no padding.</param>
    /// <param name="changes">The interventions in the run.</param>
    /// <exception cref="ArithmeticException">A logit is not a finite number.</exception>
    public float[] LogitsAfter(
        ReadOnlySpan<int> ids, int position, IEnumerable<int>? mask, params ReadOnlySpan<Intervention> changes)
    {
        var network = Model.Network;
        using var probe = changes.IsEmpty ? null : new InterventionProbe(network, changes);
        using var logits = network.Forward(
            ids[..(position + 1)],
            new()
            {
                Probe = probe,
                LogitCount = 1,
                AttentionMask = mask is null ? null : [.. mask.Take(position + 1)],
                Cancellation = Cancellation,
            });
        var row = network.Device.Download(logits);
        CheckLogits(row);
        return row;
    }

    /// <summary>Returns the positions that are asked for of a prompt, ascending.</summary>
    /// <exception cref="ArgumentException">The prompt does not have one.</exception>
    public ImmutableArray<int> Positions(
        Prompt prompt, Selection selection, int length, bool allowsPadding = false, string option = "--position") =>
        prompt.Position is { } own
            ? Places(prompt, own, $"{prompt.Where}: {prompt.PositionKey}", length, allowsPadding)
            : Of(prompt, () => Places(prompt, selection, option, length, allowsPadding));

    /// <summary>Returns the positions of a selection in a prompt, ascending.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="selection">The selection.</param>
    /// <param name="where">What asks for it, for errors.</param>
    /// <param name="length">The tokens of the prompt, with those that were generated.</param>
    /// <param name="allowsPadding">Whether a position that is named may be padding.</param>
    /// <param name="last">The last position that a range has; null for that of the prompt.</param>
    /// <exception cref="ArgumentException">The prompt does not have one.</exception>
    public static ImmutableArray<int> Places(
        Prompt prompt, Selection selection, string where, int length, bool allowsPadding = false, int? last = null)
    {
        // A range leaves padding out; a position that is named is refused if it is padding.
        var found = selection.Resolve(
            length, where, $"a prompt of {length} token{(length == 1 ? "" : "s")}",
            position => position > last || IsPadding(position));
        foreach (var position in found.Where(IsPadding))
            if (!allowsPadding)
                throw new ArgumentException($"{where} has {position}, which is padding, expected that of a token.");
        return found;

        // What the model generates is never padding, and has no entry in the mask.
        bool IsPadding(int position) =>
            prompt.AttentionMask is { } mask && position < mask.Length && mask[position] == 0;
    }
}
