namespace RatIlgpu.Analysis;

/// <summary>The runs of one prompt under conditions: first that without interventions, then the conditions that start
/// at one layer and position, as branches of one run.</summary>
sealed class PromptConditions : IDisposable
{
    readonly Qwen2Model model;
    readonly ConditionedPrompt prompt;
    readonly Queue<(int Layer, int Position, ImmutableArray<int> Conditions)> waiting;
    readonly StreamCopies streams;
    readonly KeyValueCache cache;

    /// <summary>Plans the runs.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="mostRows">The most rows of a run of several conditions.</param>
    public PromptConditions(Qwen2Model model, ConditionedPrompt prompt, int mostRows)
    {
        (this.model, this.prompt) = (model, prompt);
        // A run of one branch writes its keys where those of the baseline lay, which a run of an earlier position does
        // not read: later positions come first.
        waiting = new(
            from one in prompt.Conditions.Index()
            where one.Item.Length > 0
            group one.Index by StartOf(one.Item) into same
            orderby same.Key.Position descending, same.Key.Layer
            from batch in same.Chunk(int.Max(1, mostRows / (prompt.Ids.Length - same.Key.Position)))
            select (same.Key.Layer, same.Key.Position, batch.ToImmutableArray()));
        streams = new(model.Device, waiting.Select(start => (start.Layer, start.Position)));
        cache = new(model.Config, model.Device, prompt.Ids.Length);
    }

    /// <summary>Gets the stream from which the run without interventions starts; null for the tokens.</summary>
    // A reader of earlier layers sees them in a whole run alone.
    public KnownStream? Known =>
        prompt.Known is { Layer: var layer } && layer > prompt.Reader.FirstLayer ? null : prompt.Known;

    /// <summary>Gets whether conditions were not run yet.</summary>
    public bool Waits => waiting.Count > 0;

    /// <summary>Gets the first layer of the next run.</summary>
    public int Layer => waiting.Peek().Layer;

    /// <summary>Gets the rows of the next run.</summary>
    public int Rows => RowsOf(waiting.Peek().Position, waiting.Peek().Conditions);

    /// <summary>Gets the rows of all layers of the run without interventions.</summary>
    public double BaselineWork => WorkOf(prompt.Ids.Length, Known?.Layer ?? 0);

    /// <summary>Gets the rows of all layers of the next run.</summary>
    public double BatchWork => WorkOf(Rows, Layer);

    /// <summary>Gets the rows of all layers of all runs that wait, and of that without interventions.</summary>
    public double Work =>
        BaselineWork + waiting.Sum(next => WorkOf(RowsOf(next.Position, next.Conditions), next.Layer));

    /// <summary>Returns the run without interventions, from the tokens.</summary>
    public BatchPrompt Baseline() => new([.. prompt.Ids])
    {
        Probe = new ProbePair(streams, prompt.Reader.OfBaseline()),
        Cache = cache,
        LogitPositions = ReadFrom(0),
    };

    /// <summary>Returns the run without interventions, from <see cref="Known"/>; the caller disposes its
    /// stream.</summary>
    public BatchStream KnownBaseline()
    {
        var (width, length) = (model.Config.HiddenSize, prompt.Ids.Length);
        return new(Filled(length, stream =>
            model.Device.Upload(Known!.Value.Numbers.AsSpan(0, length * width), stream)))
        {
            Probe = new ProbePair(streams, prompt.Reader.OfBaseline()),
            Cache = cache,
            LogitPositions = ReadFrom(0),
        };
    }

    /// <summary>Tells that the run without interventions is over.</summary>
    // A run that stops at the final norm has the keys and values of all layers, but does not count them.
    public void EndBaseline() => cache.Restore(prompt.Ids.Length);

    /// <summary>Returns the next run, which the caller disposes.</summary>
    public ConditionBatch Next()
    {
        var (layer, position, conditions) = waiting.Dequeue();
        cache.Truncate(position);
        var from = streams.From(layer, position);
        var branches = conditions.Length;
        var changes = InterventionProbe.OfBranches(
            model, [.. conditions.Select(condition => prompt.Conditions[condition])]);
        var rows = Filled(from.Shape[0] * branches, all => model.Device.Gather(
            from, [.. Enumerable.Range(0, all.Shape[0]).Select(row => row / branches)], all));
        return new(
            new(rows)
            {
                Branches = branches,
                Probe = new ProbePair(changes, prompt.Reader.OfBatch(conditions, layer, position)),
                Cache = cache,
                LogitPositions = ReadFrom(position),
            },
            changes);
    }

    public void Dispose()
    {
        streams.Dispose();
        cache.Dispose();
    }

    int RowsOf(int position, ImmutableArray<int> conditions) => (prompt.Ids.Length - position) * conditions.Length;

    double WorkOf(int rows, int layer) => (double)rows * (model.Config.LayerCount - layer);

    Tensor Filled(int rows, Action<Tensor> fill)
    {
        var stream = model.Device.Allocate(rows, model.Config.HiddenSize);
        try
        {
            fill(stream);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    // Counted from the first position of a run.
    ValueArray<int> ReadFrom(int position)
    {
        var first = int.Max(prompt.Reader.FirstRead, position);
        return [.. Enumerable.Range(first - position, prompt.Ids.Length - first)];
    }

    static (int Layer, int Position) StartOf(ImmutableArray<Intervention> condition)
    {
        foreach (var intervention in condition)
            if (!intervention.Target.ChangedSite.IsInLayer)
                throw new ArgumentException($"{intervention}: is not in a layer, where conditions start.");
        return (
            condition.Min(intervention => intervention.Target.ChangedSite.Layer),
            condition.Min(intervention => intervention.Target.Positions is { } some ? some[0] : 0));
    }
}

/// <summary>A run whose branches are conditions.</summary>
/// <param name="Stream">What runs.</param>
/// <param name="Changes">The interventions of the branches.</param>
sealed record ConditionBatch(BatchStream Stream, InterventionProbe Changes) : IDisposable
{
    /// <summary>Frees the stream, and the rows of the interventions.</summary>
    public void Dispose()
    {
        Stream.Stream.Dispose();
        Changes.Dispose();
    }
}
