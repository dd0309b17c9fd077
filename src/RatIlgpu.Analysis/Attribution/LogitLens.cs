namespace RatIlgpu.Analysis;

/// <summary>Reads every state of the residual stream as if it were the final one: normed with its own scale, then
/// unembedded.</summary>
/// <remarks>nostalgebraist, interpreting GPT: the logit lens, 2020.</remarks>
/// <param name="model">The model.</param>
public sealed class LogitLens(Qwen2Model model)
{
    /// <summary>Gets the listener to the share of the prompts of a batch that are done, in [0, 1]. Default:
    /// none.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Gets the most logits held at a time; those of one state always are.</summary>
    internal int MostNumbers { get; init; } = 1 << 23;

    /// <summary>Returns the captures that the lens needs.</summary>
    /// <param name="positions">The positions, <c>^1</c> for the last; null for all.</param>
    public static ImmutableArray<Capture> Captures(ValueArray<Index>? positions = null) =>
    [
        new(Activation.ResidualBefore) { Positions = positions },
        new(Activation.ResidualMiddle) { Positions = positions },
        new(Activation.ResidualAfter) { Layers = [^1], Positions = positions },
    ];

    /// <summary>Runs the model once and reads the states at a position.</summary>
    /// <param name="ids">The prompt, at least one token.</param>
    /// <param name="position">The position, <c>^1</c> for the last.</param>
    /// <param name="options">The options; null for the ten most probable tokens.</param>
    /// <param name="recording">The options of the run; null for a plain run.</param>
    /// <param name="cancellation">Stops the run and the reading.</param>
    /// <exception cref="ArgumentException">The position is padding, or an option does not fit the model, the prompt or
    /// another option.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token or position is out of range, or a count is
    /// negative.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public ImmutableArray<LensState> Read(
        ReadOnlySpan<int> ids,
        Index position,
        LensOptions? options = null,
        RecordingOptions? recording = null,
        CancellationToken cancellation = default)
    {
        (options ?? new()).CheckFor(model.Config);
        var run = new Recorder(model).Record(ids, Captures([position]), recording, cancellation);
        return Read(run, [position], options, cancellation);
    }

    /// <summary>Reads the states of a recorded run at a position.</summary>
    /// <param name="run">The run, with the captures of <see cref="Captures"/>.</param>
    /// <param name="position">The position, <c>^1</c> for the last.</param>
    /// <param name="options">The options; null for the ten most probable tokens.</param>
    /// <exception cref="ArgumentException">The run is of another model or does not have the captures, or the position
    /// is padding.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token or position is out of range, or a count is
    /// negative.</exception>
    public ImmutableArray<LensState> Read(Recording run, Index position, LensOptions? options = null) =>
        Read(run, [position], options);

    /// <summary>Reads the states of a recorded run at several positions.</summary>
    /// <param name="run">The run, with the captures of <see cref="Captures"/>.</param>
    /// <param name="positions">The positions, <c>^1</c> for the last, each once.</param>
    /// <param name="options">The options; null for the ten most probable tokens.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <returns>The states of each position in the order of the run; the positions in the given order.</returns>
    /// <exception cref="ArgumentException">The run is of another model or does not have the captures; a position is
    /// given twice or is padding, or none is given.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token or position is out of range, or a count is
    /// negative.</exception>
    /// <exception cref="OperationCanceledException">The reading was cancelled.</exception>
    public ImmutableArray<LensState> Read(
        Recording run,
        ReadOnlySpan<Index> positions,
        LensOptions? options = null,
        CancellationToken cancellation = default)
    {
        var all = options ?? new();
        return Read(run, positions, [.. positions.ToArray().Select(_ => all)], cancellation);
    }

    // The options of each position.
    ImmutableArray<LensState> Read(
        Recording run,
        ReadOnlySpan<Index> positions,
        ImmutableArray<LensOptions> options,
        CancellationToken cancellation)
    {
        foreach (var one in options)
            one.CheckFor(model.Config);
        var places = run.Resolve(model, positions);
        (ResidualTerm Term, RecordedActivation Recorded)[] states =
            [.. States(model.Config.LayerCount).Select(state => (state.Term, run[state.Site]))];
        // The final state of a position comes first, since the others are compared with it.
        var asked =
            from place in Enumerable.Range(0, options.Length)
            from state in Enumerable.Range(0, states.Length).Reverse()
            select new AskedState(
                states[state].Term, places[place], states[state].Recorded, options[place],
                (place * states.Length) + state);
        var read = new LensState[positions.Length * states.Length];
        var most = int.Min(read.Length, int.Max(1, MostNumbers / model.Config.VocabularySize));
        // A new array for each would stay until the memory is short.
        var logits = new float[most * model.Config.VocabularySize];
        ExpectedPrediction? final = null;
        foreach (var some in asked.Chunk(most))
        {
            var rows = Unembed(some, logits, cancellation);
            for (var row = 0; row < some.Length; row++)
            {
                var reader = new LensReader(rows.Logits(row));
                if (some[row].Term is ResidualTerm.FinalStream)
                    final = reader.Keep(final);
                read[some[row].Place] = StateOf(some[row], reader, final!, rows, row);
            }
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(read);
    }

    static LensState StateOf(AskedState asked, LensReader reader, ExpectedPrediction final, StateRows rows, int row)
    {
        var options = asked.Options;
        return new(asked.Term, asked.Position, reader.Top(options.Top), reader.Of(options.Tokens))
        {
            Projections = rows.Project(row, options.Directions),
            Entropy = reader.Entropy,
            KlDivergence = reader.DivergenceFrom(final),
        };
    }

    /// <summary>Reads the states of several prompts. At each position, the answer and the foil of its target are
    /// followed before the tokens of the options, or its direction is read before those of the options.</summary>
    /// <param name="prompts">The prompts; at least one.</param>
    /// <param name="options">The options; null for the ten most probable tokens.</param>
    /// <param name="cancellation">Stops the runs and the reading.</param>
    /// <exception cref="ArgumentException">There is no prompt; one has other than one target for each position; a
    /// recorded run is of another model or prompt or does not have the captures; a position is padding, or an option
    /// does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A token or position is out of range, or a count is
    /// negative.</exception>
    /// <exception cref="OperationCanceledException">The runs were cancelled.</exception>
    public LensBatch ReadAll(
        IReadOnlyList<AnalysisPrompt> prompts, LensOptions? options = null, CancellationToken cancellation = default)
    {
        AnalysisPrompt.NeedSome(prompts);
        options ??= new();
        ImmutableArray<ImmutableArray<LensOptions>> following =
            [.. prompts.Select(prompt => prompt.TargetOfEach().Select(options.Following).ToImmutableArray())];
        foreach (var one in following.SelectMany(ofEach => ofEach))
            one.CheckFor(model.Config);
        var found = ImmutableArray.CreateBuilder<LensReading>(prompts.Count);
        AnalysisPrompt.ReadAll(model, prompts, prompt => Captures(prompt.Positions), ReadOne, cancellation);
        return new(found.MoveToImmutable());

        void ReadOne(AnalysisPrompt prompt, Recording run)
        {
            found.Add(new(prompt.TokenIds, Read(run, prompt.Positions, following[found.Count], cancellation))
            {
                AttentionMask = run.AttentionMask,
                Interventions = run.Interventions,
            });
            Progress?.Report((double)found.Count / prompts.Count);
        }
    }

    static IEnumerable<(ResidualTerm Term, Site Site)> States(int layers)
    {
        for (var layer = 0; layer < layers; layer++)
        {
            yield return (new ResidualTerm.StreamBefore(layer), new(Activation.ResidualBefore, layer));
            yield return (new ResidualTerm.StreamMiddle(layer), new(Activation.ResidualMiddle, layer));
        }

        yield return (new ResidualTerm.FinalStream(), new(Activation.ResidualAfter, layers - 1));
    }

    // The model itself norms and unembeds: the states are given to it as streams after the last layer.
    StateRows Unembed(AskedState[] states, float[] numbers, CancellationToken cancellation)
    {
        var (device, width) = (model.Device, model.Config.HiddenSize);
        var rows = new float[states.Length * width];
        for (var row = 0; row < states.Length; row++)
            states[row].Recorded.Row(states[row].Position).CopyTo(rows.AsSpan(row * width, width));
        using var stream = device.Allocate(states.Length, width);
        device.Upload(rows, stream);
        var end = new Site(Activation.ResidualAfter, model.Config.LayerCount - 1);
        var normed = new Dictionary<Site, Capture> { [Site.FinalNorm] = new(Activation.FinalNorm) };
        var probe = new RecordingProbe(model.Config, normed, states.Length);
        var options = new ForwardOptions { Probe = probe, Cancellation = cancellation };
        using var logits = model.ForwardFrom(end, stream, options);
        device.Download(logits, numbers.AsSpan(0, states.Length * model.Config.VocabularySize));
        return new(numbers, probe.Recorded[0], model.Config.VocabularySize);
    }

    /// <summary>A state that is to be read, and its place among those of all positions.</summary>
    sealed record AskedState(
        ResidualTerm Term, int Position, RecordedActivation Recorded, LensOptions Options, int Place);

    /// <summary>The logits and the normed streams of some states.</summary>
    readonly record struct StateRows(float[] AllLogits, RecordedActivation Normed, int Vocabulary)
    {
        /// <summary>Returns the logits of a state.</summary>
        public ReadOnlySpan<float> Logits(int row) => AllLogits.AsSpan(row * Vocabulary, Vocabulary);

        /// <summary>Returns what directions read in a state.</summary>
        public ValueArray<LensProjection> Project(int row, ValueArray<StreamDirection> directions)
        {
            var read = new LensProjection[directions.Length];
            for (var i = 0; i < read.Length; i++)
                read[i] = new(directions[i], RowMath.Dot(Normed.Row(row), directions[i].Values.AsSpan()));
            return [.. read];
        }
    }
}

/// <summary>The options of a <see cref="LogitLens"/>; change them with <c>with</c>.</summary>
public sealed record LensOptions
{
    /// <summary>Gets the number of most probable tokens of each state. Default: 10.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Gets the tokens whose rank and probability are read in every state. Default: none.</summary>
    public ValueArray<int> Tokens { get; init; } = [];

    /// <summary>Gets the directions of the stream that are read in every state. Default: none.</summary>
    public ValueArray<StreamDirection> Directions { get; init; } = [];

    /// <summary>Returns the options that follow the tokens or the direction of a target first.</summary>
    internal LensOptions Following(LogitTarget? target) => target is { } some
        ? this with
        {
            Tokens = [.. some.Tokens, .. Tokens],
            Directions = some.Direction is { } direction ? [direction, .. Directions] : Directions,
        }
        : this;

    /// <summary>Throws if the model does not have a token, its stream another width than a direction, or the count is
    /// negative.</summary>
    internal void CheckFor(Qwen2Config config)
    {
        if (Top < 0)
            throw new ArgumentOutOfRangeException(nameof(Top), $"Top is {Top}, expected 0 or more.");
        foreach (var token in Tokens)
            new LogitTarget(token).CheckFor(config);
        foreach (var direction in Directions)
            direction.CheckFor(config);
    }
}
