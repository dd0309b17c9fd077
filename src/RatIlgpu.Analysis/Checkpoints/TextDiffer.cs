using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Runs two models over the same sequences, layer by layer in turns: of each model, some rows of the pattern
/// of one layer of one sequence are held at a time.</summary>
/// <param name="pair">The models.</param>
/// <param name="mostPattern">The most numbers of a pattern that are held of each model; a row of all heads in any
/// case.</param>
sealed class TextDiffer(CheckpointPair pair, int mostPattern = 1 << 22)
{
    readonly Qwen2Config config = pair.A.Config;
    readonly DivergenceSum[] heads =
        [.. Enumerable.Range(0, pair.A.Config.LayerCount * pair.A.Config.HeadCount).Select(_ => new DivergenceSum())];
    readonly double[] cosines = new double[pair.A.Config.LayerCount];
    readonly List<DiffText> texts = [];
    readonly List<ChangedPrediction> predictions = [];
    readonly PredictedTokens tokens = PredictedTokens.Without(
        pair.A.Config.VocabularySize,
        [.. Enumerable.Range(0, pair.A.Config.VocabularySize).Where(id => !pair.Tokenizer.Has(id))]);

    readonly ParallelOptions threads = new() { MaxDegreeOfParallelism = pair.A.Network.Device.ThreadCount };

    // Of the tokens that follow.
    double lossA, lossB;
    long followed, positions;

    /// <summary>Runs the sequences.</summary>
    /// <param name="sequences">The sequences.</param>
    /// <param name="origin">Where they are from.</param>
    /// <param name="progress">Is told the share that is done; null for nobody.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ArithmeticException">A number is not finite.</exception>
    public TextDivergence Read(
        IReadOnlyList<TextSequence> sequences,
        string origin,
        Action<double>? progress = null,
        CancellationToken cancellation = default)
    {
        var (whole, done) = (sequences.Sum(sequence => (double)sequence.Ids.Length), 0.0);
        using var logits = new LogitPair(pair);
        foreach (var sequence in sequences)
        {
            Run(
                sequence, logits,
                part => progress?.Invoke((done + (part * sequence.Ids.Length)) / whole), cancellation);
            done += sequence.Ids.Length;
        }

        double? Mean(double sum, long count) => count > 0 ? sum / count : null;
        return new()
        {
            Origin = origin,
            Texts = [.. texts],
            Heads =
            [
                .. heads.Select((sum, place) =>
                    sum.Find(new(place / config.HeadCount, place % config.HeadCount))),
            ],
            Cosines = [.. cosines.Select(sum => Mean(sum, positions) ?? 0)],
            MeanKl = pair.HasLogits ? Mean(texts.Sum(text => text.Kl.Sum()), positions) : null,
            LossA = Mean(lossA, followed),
            LossB = Mean(lossB, followed),
            Predictions =
            [
                .. predictions.OrderByDescending(one => one.Kl).ThenBy(one => one.Text).ThenBy(one => one.Position),
            ],
        };
    }

    void Run(
        TextSequence sequence, LogitPair logits, Action<double> progress, CancellationToken cancellation)
    {
        using var a = new LayeredRun(pair.A.Network, sequence.Ids, cancellation);
        using var b = new LayeredRun(pair.B.Network, sequence.Ids, cancellation);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            a.NextLayer();
            b.NextLayer();
            AddPatterns(layer, a, b, sequence.Ids.Length, cancellation);
            AddCosines(layer, a.Stream(), b.Stream());
            progress((layer + 1.0) / (config.LayerCount + 1));
        }

        positions += sequence.Ids.Length;
        texts.Add(new(
            sequence.Name, [.. sequence.Ids.Items.Select(pair.Tokenizer.Token)],
            pair.HasLogits ? CompareLogits(sequence.Ids, a, b, logits) : []));
        progress(1);
    }

    // The first query sees itself alone.
    void AddPatterns(int layer, LayeredRun a, LayeredRun b, int length, CancellationToken cancellation)
    {
        var step = int.Max(1, mostPattern / (config.HeadCount * length));
        for (var first = 1; first < length; first += step)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = int.Min(step, length - first);
            AddRows(layer, a.Pattern(first, count), b.Pattern(first, count), first, count);
        }
    }

    // A head is read by one thread, and its rows first to last: sums are the same bits for every number of threads.
    void AddRows(int layer, float[] a, float[] b, int first, int count)
    {
        var damaged = new bool[config.HeadCount];
        var end = first + count;
        Parallel.For(0, config.HeadCount, threads, head =>
        {
            for (var row = 0; row < count; row++)
            {
                var (start, keys) = (((head * count) + row) * end, first + row + 1);
                var found = PatternDivergence.Of(a.AsSpan(start, keys), b.AsSpan(start, keys));
                damaged[head] |= !double.IsFinite(found.JensenShannon);
                heads[(layer * config.HeadCount) + head].Add(found);
            }
        });
        if (Array.IndexOf(damaged, true) is >= 0 and var one)
            throw new ArithmeticException(
                $"The attention of {new HeadIndex(layer, one)} is not a number: the weights are damaged.");
    }

    void AddCosines(int layer, float[] a, float[] b)
    {
        var width = config.HiddenSize;
        for (var start = 0; start < a.Length; start += width)
        {
            var cosine = CosineOf(a.AsSpan(start, width), b.AsSpan(start, width));
            if (!double.IsFinite(cosine))
                throw new ArithmeticException(FormattableString.Invariant(
                    $"The stream after layer {layer} is not a finite number: the weights are damaged."));
            cosines[layer] += cosine;
        }
    }

    /// <summary>Returns the cosine between two vectors: exactly 1 where they are equal, 0 where one alone is
    /// zero.</summary>
    public static double CosineOf(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.SequenceEqual(b) && float.IsFinite(TensorPrimitives.MaxMagnitude(a)))
            return 1;
        var (product, lengthA, lengthB) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            product += (double)a[i] * b[i];
            lengthA += (double)a[i] * a[i];
            lengthB += (double)b[i] * b[i];
        }

        return lengthA == 0 || lengthB == 0 ? 0 : Math.Clamp(product / Math.Sqrt(lengthA * lengthB), -1, 1);
    }

    ValueArray<double> CompareLogits(ValueArray<int> ids, LayeredRun a, LayeredRun b, LogitPair logits)
    {
        var divergences = ImmutableArray.CreateBuilder<double>(ids.Length);
        var (before, after) = (logits.A, logits.B);
        for (var start = 0; start < ids.Length; start += LogitRows.Most)
        {
            var found = new ComparedRow[int.Min(LogitRows.Most, ids.Length - start)];
            a.Unembed(start, found.Length, before);
            b.Unembed(start, found.Length, after);
            before.Each(found.Length, row => found[row] = Compare(
                logits.Expected, start + row + 1 < ids.Length ? ids[start + row + 1] : null, before[row], after[row]));
            foreach (var (row, one) in found.Index())
            {
                divergences.Add(one.Kl);
                Add(one, start + row);
            }
        }

        return divergences.ToImmutable();
    }

    // Called on several threads.
    ComparedRow Compare(ExpectedPrediction inA, int? next, ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        inA.Set(a);
        var (divergence, partition) = inA.Compare(b);
        var (top, other) = (tokens.LikeliestOf(a), tokens.LikeliestOf(b));
        return new(
            divergence,
            next is { } id ? (inA.Partition - a[id], partition - b[id]) : null,
            top == other
                ? null
                : (Shown(top, a, inA.Partition, b, partition), Shown(other, a, inA.Partition, b, partition)));
    }

    void Add(ComparedRow row, int position)
    {
        if (row.Losses is { } losses)
        {
            lossA += losses.A;
            lossB += losses.B;
            followed++;
        }

        if (row.Changed is { } changed)
            predictions.Add(new(texts.Count, position, changed.A, changed.B, row.Kl));
    }

    DiffToken Shown(int id, ReadOnlySpan<float> a, double sumA, ReadOnlySpan<float> b, double sumB) =>
        new(pair.Tokenizer.Token(id), Math.Exp(a[id] - sumA), Math.Exp(b[id] - sumB));

    // What is found at one position: losses where a token follows, the likeliest tokens where they differ.
    readonly record struct ComparedRow(
        double Kl, (double A, double B)? Losses, (DiffToken A, DiffToken B)? Changed);

    // The logits of rows, in memory that all sequences use.
    sealed class LogitPair(CheckpointPair pair) : IDisposable
    {
        readonly ThreadLocal<ExpectedPrediction> expected = new(() => new(pair.A.Config.VocabularySize));

        public LogitRows A { get; } = new(pair.A.Network);

        public LogitRows B { get; } = new(pair.B.Network);

        // Of the thread.
        public ExpectedPrediction Expected => expected.Value!;

        public void Dispose()
        {
            A.Dispose();
            B.Dispose();
            expected.Dispose();
        }
    }

    sealed class DivergenceSum
    {
        PatternDivergence sum, most;
        long count;

        public void Add(PatternDivergence one)
        {
            sum = new(sum.JensenShannon + one.JensenShannon, sum.TotalVariation + one.TotalVariation);
            most = new(
                Math.Max(most.JensenShannon, one.JensenShannon), Math.Max(most.TotalVariation, one.TotalVariation));
            count++;
        }

        public HeadDivergence Find(HeadIndex head) => new(
            head,
            count == 0 ? default : new(sum.JensenShannon / count, sum.TotalVariation / count), most, count);
    }
}
