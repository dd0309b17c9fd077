using RatIlgpu.Cli.Options;
using RatIlgpu.Cli.Prompts;

namespace RatIlgpu.Cli.Components;

/// <summary>Chooses the layer, runs the prompt and the sequences, and makes the report.</summary>
/// <param name="session">The model and the prompt.</param>
/// <param name="choice">Which components.</param>
/// <param name="texts">The sequences.</param>
/// <param name="position">The position whose scores are divided.</param>
sealed class ComponentsRun(Session session, ComponentsChoice choice, ComponentTexts texts, Selection position)
{
    /// <summary>Runs.</summary>
    /// <exception cref="ArgumentException">There are several prompts, positions or layers, or one is not
    /// there.</exception>
    /// <exception cref="InvalidDataException">The file of components or of texts does not fit.</exception>
    public (ComponentReport Report, Recording Recording) Run()
    {
        var (model, network, config) = (session.Model, session.Model.Network, session.Model.Config);
        if (session.IsBatch)
            throw new ArgumentException(
                $"{session.Prompts.Length} prompts are given, expected one: the scores of one prompt are divided.");
        var prompt = session.Prompts[0];
        var ids = session.Encode(prompt);
        var place = PlaceOf(prompt, ids.Length);
        // What can be refused is looked at before anything long is computed.
        var asked = choice.LayerOf(session);
        choice.HeadsOf(session, 0);
        if (choice.Distance >= config.MaxPositions)
            throw new ArgumentException(
                $"--svd-distance is {choice.Distance}, expected less than the {config.MaxPositions} positions of the "
                + "model.");
        var candidates = Candidates(asked, config.LayerCount);
        var sequences = texts.Of(model, session.Terminal.Error);
        var read = asked is { } known && choice.File is not null ? Decompose(known, null) : null;
        using var progress = new ProgressLine(session.Terminal, "analysis");
        var repeats = texts.Repeats(model);
        var best = Best(repeats, candidates, asked);
        var layer = asked ?? best?.Layer ?? candidates[^1];
        var heads = choice.HeadsOf(session, layer);
        var components = read ?? Decompose(layer, heads.IsEmpty ? best : heads[0]);
        var run = prompt.Recording ?? new Recorder(network).Record(
            ids.AsSpan(), ComponentScores.Captures(layer),
            new() { AttentionMask = prompt.AttentionMask is { } mask ? [.. mask] : null }, session.Cancellation);
        var options = new ComponentOptions();
        return (ComponentReport.Of(
            network, components, run, place, [.. sequences, Real(run)], repeats,
            heads.IsEmpty ? best is { } head ? [head.Head] : [] : [.. heads.Select(one => one.Head)],
            choice.Top is { } top ? options with { Most = top, Pairs = top } : options,
            progress, session.Cancellation), run);
    }

    int PlaceOf(Prompt prompt, int length)
    {
        const string Expected = "expected one: the scores of one query are divided";
        var places = session.Positions(prompt, position, length);
        if (places is [var only])
            return only;
        throw new ArgumentException(
            prompt.Position is null ? $"--position is {position}, {places.Length} positions, {Expected}."
            : $"{prompt.Where}: {prompt.PositionKey} has {places.Length} positions, {Expected}"
                + (prompt.Recording is null ? "." : "; give one with --position."));
    }

    Decomposition Decompose(int layer, HeadIndex? head) => (choice.File, choice.Kind) switch
    {
        ({ } file, _) => Decomposition.Load(session.Model.Network, layer, file),
        (_, DecompositionKind.QueryKeySvd) => Decomposition.QueryKeySvd(
            session.Model.Network,
            head ?? throw new ArgumentException(
                "--svd is qk, but no head was found by induction in this model; name one with --heads."),
            choice.Distance, session.Cancellation),
        _ => Decomposition.Svd(session.Model.Network, layer, choice.Kind, session.Cancellation),
    };

    // The prompt without its padding.
    static ValueArray<int> Real(Recording run) =>
        [.. run.TokenIds.Where((_, position) => run.AttentionMask?[position] != 0)];

    // Of a file, the layers that it has.
    ImmutableArray<int> Candidates(int? asked, int layers)
    {
        if (asked is { } layer)
            return [layer];
        if (choice.File is not { } file)
            return [.. Enumerable.Range(0, layers)];
        var known = Decomposition.LayersOf(file);
        ImmutableArray<int> found = [.. known.Where(one => one < layers)];
        return !found.IsEmpty
            ? found
            : throw new InvalidDataException(known.IsEmpty
                ? $"{file}: has no tensor named like model.layers.0.self_attn.q_proj.U."
                : $"{file}: has components of layer {known[0]}, but the model has layers 0 to {layers - 1}.");
    }

    // The head of the layers with the highest induction score; null where it is neither asked for nor can be measured.
    HeadIndex? Best(ImmutableArray<RepeatedSequence> repeats, ImmutableArray<int> layers, int? asked)
    {
        if (repeats.IsEmpty || (asked is not null && choice.Heads is not null))
            return null;
        ImmutableArray<HeadIndex> heads =
        [
            .. layers.SelectMany(layer => Enumerable.Range(0, session.Model.Config.HeadCount).Select(head =>
                new HeadIndex(layer, head))),
        ];
        return HeadPatternDetector.ScoreAll(
                session.Model.Network, [.. repeats.Select(sequence => new AnalysisPrompt(sequence.Ids))],
                HeadPatternKind.Induction, heads: heads, cancellation: session.Cancellation)
            .Mean.OrderByDescending(one => one.Value.Mean).First().Key;
    }
}
