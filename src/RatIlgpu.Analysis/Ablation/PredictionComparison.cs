namespace RatIlgpu.Analysis;

/// <summary>Compares the predictions of the conditions of a sample with those of the run without a change.</summary>
/// <remarks>Logits are not kept, and are computed when the final norms of all conditions are there, position by
/// position: the prediction without a change is prepared once for all conditions. Final norms are much smaller; where
/// they are too many to keep, those that are there are compared, and the baseline is computed again for the
/// rest.</remarks>
/// <param name="model">The model.</param>
/// <param name="conditions">The number of conditions.</param>
/// <param name="tokens">The tokens that count as predictions.</param>
/// <param name="mostKept">The most numbers of final norms that are kept.</param>
/// <param name="cancellation">Stops between two blocks of logits.</param>
sealed class PredictionComparison(
    Qwen2Model model,
    int conditions,
    PredictedTokens tokens,
    long mostKept = PredictionComparison.MostKept,
    CancellationToken cancellation = default)
{
    /// <summary>A quarter of a gigabyte of final norms.</summary>
    public const long MostKept = 1 << 26;

    readonly int width = model.Config.HiddenSize;
    readonly List<Batch> waiting = [];
    readonly List<ExpectedPrediction> expected = [];
    readonly int[] starts = new int[conditions];
    readonly double[]?[] divergences = new double[]?[conditions];
    readonly int[]?[] predictions = new int[]?[conditions];
    float[] baseline = [];
    int[] likeliest = [];
    long kept;
    int lastSlot;

    /// <summary>Gets the likeliest next token at each position of the run without a change, after <see
    /// cref="Finish"/>.</summary>
    public ReadOnlySpan<int> Baseline => likeliest;

    /// <summary>Takes the final norm of the run without a change.</summary>
    /// <param name="normed"><c>[positions, width]</c>, of all positions that are compared.</param>
    public void Set(Tensor normed) =>
        (baseline, likeliest) = (model.Device.Download(normed), new int[normed.Shape[0]]);

    /// <summary>Takes the final norm of conditions.</summary>
    /// <param name="batch">The conditions.</param>
    /// <param name="start">The place of the first position among those that are compared.</param>
    /// <param name="normed">The final norm from there on, <c>[positions · conditions, width]</c>.</param>
    public void Add(ImmutableArray<int> batch, int start, Tensor normed)
    {
        if (kept > 0 && kept + normed.Shape.Count > mostKept)
            Compare();
        foreach (var condition in batch)
        {
            starts[condition] = start;
            divergences[condition] = new double[likeliest.Length];
            predictions[condition] = new int[likeliest.Length];
        }

        waiting.Add(new(batch, start, model.Device.Download(normed)));
        kept += normed.Shape.Count;
    }

    /// <summary>Compares what was not compared yet. Where there is no condition, the baseline alone is read.</summary>
    /// <exception cref="ArithmeticException">A logit is not a finite number.</exception>
    public void Finish() => Compare();

    /// <summary>Returns the divergences of a condition in nats, position by position.</summary>
    public ImmutableArray<double> DivergencesOf(int condition) =>
        [.. divergences[condition] ?? new double[likeliest.Length]];

    /// <summary>Returns the likeliest next tokens under a condition, position by position.</summary>
    public ImmutableArray<int> PredictionsOf(int condition) => predictions[condition] is { } own
        ? [.. likeliest[..starts[condition]], .. own[starts[condition]..]]
        : [.. likeliest];

    void Compare()
    {
        using var logits = new LogitRows(model);
        using var normed = model.Device.Allocate(LogitRows.Most, width);
        var numbers = new float[LogitRows.Most * width];
        foreach (var block in Rows().Chunk(LogitRows.Most))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var (place, row) in block.Index())
                row.Normed.AsSpan(row.Start, width).CopyTo(numbers.AsSpan(place * width));
            var filled = normed.Slice(0, block.Length);
            model.Device.Upload(numbers.AsSpan(0, block.Length * width), filled);
            logits.Unembed(filled);
            Compare(block, logits);
        }

        waiting.Clear();
        kept = 0;
    }

    // The rows of a position lie together, that of the run without a change first.
    IEnumerable<Row> Rows()
    {
        for (var place = 0; place < likeliest.Length; place++)
        {
            yield return new(place, null, baseline, place * width);
            foreach (var batch in waiting)
                for (var branch = 0; branch < batch.Conditions.Length && batch.Start <= place; branch++)
                    yield return new(
                        place, batch.Conditions[branch], batch.Normed,
                        (((place - batch.Start) * batch.Conditions.Length) + branch) * width);
        }
    }

    void Compare(Row[] block, LogitRows logits)
    {
        var (first, last) = (block[0].Place, block[^1].Place - block[0].Place);
        var isCompared = waiting.Count > 0;
        // A position may go on from the block before.
        if (block[0].Condition is not null)
            (expected[0], expected[lastSlot]) = (expected[lastSlot], expected[0]);
        while (isCompared && expected.Count <= last)
            expected.Add(new(model.Config.VocabularySize));
        lastSlot = last;
        logits.Each(block.Length, row =>
        {
            if (block[row] is not { Condition: null, Place: var place })
                return;
            if (isCompared)
                expected[place - first].Set(logits[row]);
            likeliest[place] = tokens.LikeliestOf(logits[row]);
        });
        logits.Each(block.Length, row =>
        {
            if (block[row] is not { Condition: { } condition, Place: var place })
                return;
            divergences[condition]![place] = expected[place - first].DivergenceTo(logits[row]);
            predictions[condition]![place] = tokens.LikeliestOf(logits[row]);
        });
    }

    readonly record struct Batch(ImmutableArray<int> Conditions, int Start, float[] Normed);

    readonly record struct Row(int Place, int? Condition, float[] Normed, int Start);
}
