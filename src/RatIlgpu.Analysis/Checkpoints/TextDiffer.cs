using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Runs two models over the same sequences, layer by layer in turns: of each model, the pattern of one layer
/// of one sequence is held at a time.</summary>
/// <param name="pair">The models.</param>
sealed class TextDiffer(CheckpointPair pair)
{
    // As many positions have logits at a time.
    const int LogitRows = 64;

    readonly Qwen2Config config = pair.A.Config;
    readonly DivergenceSum[] heads =
        [.. Enumerable.Range(0, pair.A.Config.LayerCount * pair.A.Config.HeadCount).Select(_ => new DivergenceSum())];
    readonly double[] cosines = new double[pair.A.Config.LayerCount];
    readonly List<DiffText> texts = [];
    readonly List<ChangedPrediction> predictions = [];
    readonly (LensPrediction A, LensPrediction B) kept =
        (new(pair.A.Config.VocabularySize), new(pair.A.Config.VocabularySize));

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
        foreach (var sequence in sequences)
        {
            Run(sequence, part => progress?.Invoke((done + (part * sequence.Ids.Length)) / whole), cancellation);
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

    void Run(TextSequence sequence, Action<double> progress, CancellationToken cancellation)
    {
        using var a = new LayeredRun(pair.A.Network, sequence.Ids, cancellation);
        using var b = new LayeredRun(pair.B.Network, sequence.Ids, cancellation);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            AddPatterns(layer, a.NextLayer(), b.NextLayer(), sequence.Ids.Length);
            AddCosines(layer, a.Stream(), b.Stream());
            progress((layer + 1.0) / (config.LayerCount + 1));
        }

        positions += sequence.Ids.Length;
        texts.Add(new(
            sequence.Name, [.. sequence.Ids.Items.Select(pair.Tokenizer.Token)],
            pair.HasLogits ? CompareLogits(sequence.Ids, a, b) : []));
        progress(1);
    }

    void AddPatterns(int layer, float[] a, float[] b, int length)
    {
        for (var head = 0; head < config.HeadCount; head++)
            // The first query sees itself alone.
            for (var query = 1; query < length; query++)
            {
                var start = ((head * length) + query) * length;
                var found = PatternDivergence.Of(a.AsSpan(start, query + 1), b.AsSpan(start, query + 1));
                if (!double.IsFinite(found.JensenShannon))
                    throw new ArithmeticException(
                        $"The attention of {new HeadIndex(layer, head)} is not a number: the weights are damaged.");
                heads[(layer * config.HeadCount) + head].Add(found);
            }
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

    ValueArray<double> CompareLogits(ValueArray<int> ids, LayeredRun a, LayeredRun b)
    {
        var divergences = ImmutableArray.CreateBuilder<double>(ids.Length);
        var size = config.VocabularySize;
        for (var start = 0; start < ids.Length; start += LogitRows)
        {
            var count = Math.Min(LogitRows, ids.Length - start);
            var (before, after) = (a.Logits(start, count), b.Logits(start, count));
            for (var row = 0; row < count; row++)
                divergences.Add(Compare(
                    ids, start + row, before.AsSpan(row * size, size), after.AsSpan(row * size, size)));
        }

        return divergences.ToImmutable();
    }

    double Compare(ValueArray<int> ids, int position, ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (!float.IsFinite(TensorPrimitives.MaxMagnitude(a)) || !float.IsFinite(TensorPrimitives.MaxMagnitude(b)))
            throw new ArithmeticException("A logit is not a finite number: the weights are damaged.");
        var reader = new LensReader(b);
        var (inA, inB) = (new LensReader(a).Keep(kept.A), reader.Keep(kept.B));
        var divergence = reader.DivergenceFrom(inA);
        if (position + 1 < ids.Length)
        {
            var next = ids[position + 1];
            lossA -= inA.Logits[next] - inA.Partition;
            lossB -= inB.Logits[next] - inB.Partition;
            followed++;
        }

        var (top, other) = (LikeliestOf(a), LikeliestOf(b));
        if (top != other)
            predictions.Add(new(texts.Count, position, Shown(top, inA, inB), Shown(other, inA, inB), divergence));
        return divergence;
    }

    // A vocabulary is often rounded up: an id without a token is no prediction.
    int LikeliestOf(ReadOnlySpan<float> logits) => Logits.Largest(logits, 1, pair.Tokenizer.Has)[0];

    DiffToken Shown(int id, LensPrediction a, LensPrediction b) =>
        new(pair.Tokenizer.Token(id), a.Probabilities[id], b.Probabilities[id]);

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

/// <summary>A run of a model over a sequence, one layer at a time; each layer is computed once.</summary>
sealed class LayeredRun : IDisposable
{
    readonly Qwen2Model model;
    readonly Tensor stream;
    readonly CancellationToken cancellation;
    int next;

    /// <summary>Runs the model up to its first layer.</summary>
    public LayeredRun(Qwen2Model model, ReadOnlySpan<int> ids, CancellationToken cancellation)
    {
        (this.model, this.cancellation) = (model, cancellation);
        stream = model.Device.Allocate(ids.Length, model.Config.HiddenSize);
        var start = new Site(Activation.ResidualBefore, 0);
        try
        {
            model.Run(ids, Options(start, new StreamProbe(start, stream)));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Runs the next layer and returns its pattern, <c>[heads, queries, keys]</c>.</summary>
    public float[] NextLayer()
    {
        var (start, end) = (new Site(Activation.ResidualBefore, next), new Site(Activation.ResidualAfter, next));
        var probe = new StreamProbe(end, stream) { Pattern = new(Activation.Pattern, next) };
        model.RunFrom(start, stream, Options(end, probe));
        next++;
        return probe.Found;
    }

    /// <summary>Returns the stream after the layers that were run, <c>[positions, width]</c>.</summary>
    public float[] Stream() => model.Device.Download(stream);

    /// <summary>Returns the logits at some positions, after all layers were run, <c>[positions, vocabulary]</c>. A
    /// position has its logits to itself.</summary>
    public float[] Logits(int start, int count)
    {
        using var logits = model.ForwardFrom(
            new(Activation.ResidualAfter, model.Config.LayerCount - 1), stream.Slice(start, count),
            new() { Cancellation = cancellation });
        return model.Device.Download(logits);
    }

    /// <summary>Frees the stream.</summary>
    public void Dispose() => stream.Dispose();

    ForwardOptions Options(Site last, IProbe probe) =>
        new() { Probe = probe, StopAfter = last, Cancellation = cancellation };

    // Keeps the stream on the device, and the pattern here.
    sealed class StreamProbe(Site end, Tensor stream) : IProbe
    {
        public Site? Pattern { get; init; }

        public float[] Found { get; private set; } = [];

        public bool Wants(Site site) => site == end || site == Pattern;

        public void Begin(int firstPosition, int positionCount)
        {
        }

        public void Show(Site site, Tensor activation, Device device)
        {
            if (site == end)
                device.Copy(activation, stream);
            else
                Found = device.Download(activation);
        }
    }
}
