using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Computes what each head writes for a token that it reads, from weights: the scores of <see
/// cref="WeightScores"/>.</summary>
/// <remarks>Nothing as wide as the stream is made of a head: <c>W_U[u] · gain ⊙ (v W_Oᵀ) = v · (W_U gain W_O)[u]</c>,
/// and the second factor is a product for all heads of a layer at once. A query head reads the values of its key/value
/// head.</remarks>
sealed class WeightReader
{
    // Each pair of them is looked at.
    const int CopyTokens = 128;

    const int NamesAmong = 5;
    const int FewestNames = 12;
    const int PermutedPrompts = 60;

    readonly Qwen2Model model;
    readonly ImmutableArray<int> tokens;
    readonly ImmutableArray<int> names;
    readonly FamilyValues families;

    /// <summary>Prepares to read a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">The tokens of which copying is told; none twice.</param>
    /// <param name="names">The tokens of names.</param>
    /// <param name="successors">The ordered families.</param>
    public WeightReader(
        Qwen2Model model, ImmutableArray<int> tokens, ImmutableArray<int> names, SuccessorPrompts successors)
    {
        (this.model, this.tokens) = (model, tokens);
        this.names = names.Length < FewestNames ? [] : names;
        families = new(model.Config, successors);
    }

    /// <summary>Prepares to read a model by tokens drawn at random.</summary>
    /// <param name="model">The model.</param>
    /// <param name="plan">The names and families.</param>
    /// <param name="seed">The seed.</param>
    public static WeightReader Of(LanguageModel model, AtlasPlan plan, int seed)
    {
        var pool = TokenPool.Of(model.Tokenizer, model.Config.VocabularySize);
        var drawn = pool.Draw(new SeededRandom(seed, "copying", 0), int.Min(CopyTokens, pool.Count));
        return new(model.Network, [.. drawn.Order()], plan.Names.NameIds, plan.Successors);
    }

    /// <summary>Returns the scores of all heads; none where the model has no unembedding.</summary>
    /// <param name="progress">Is told the share that is done; null for nobody.</param>
    /// <param name="cancellation">Stops between two layers.</param>
    public ImmutableDictionary<HeadIndex, ImmutableSortedDictionary<string, HeadScore>> Read(
        Action<double>? progress = null, CancellationToken cancellation = default)
    {
        var found = ImmutableDictionary.CreateBuilder<HeadIndex, ImmutableSortedDictionary<string, HeadScore>>();
        if (!model.Weights.HasUnembedding)
            return found.ToImmutable();
        families.Run(model, PermutedPrompts, cancellation);
        for (var layer = 0; layer < model.Config.LayerCount; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var reader = new LayerReader(model, layer);
            var (plain, copied) = (reader.Read(tokens, isNormed: false), reader.Read(tokens));
            var named = reader.Read(names);
            var written = reader.Written(families.Tokens);
            for (var head = 0; head < model.Config.HeadCount; head++)
                found[new(layer, head)] = Scores(
                    new(layer, head), plain.Of(head), copied.Of(head), named.Of(head), written);
            progress?.Invoke((layer + 1.0) / model.Config.LayerCount);
        }

        return found.ToImmutable();
    }

    ImmutableSortedDictionary<string, HeadScore> Scores(
        HeadIndex head, HeadCircuit plain, HeadCircuit copied, HeadCircuit named, float[] written)
    {
        var scores = ImmutableSortedDictionary.CreateBuilder<string, HeadScore>();
        var count = tokens.Length;
        if (count > 1)
        {
            scores[WeightScores.Copy.Id] = new(copied.Copying(), count);
            scores[WeightScores.RawCopy.Id] = new(plain.Diagonal(), count);
            if (plain.Positivity() is { } share)
                scores[WeightScores.Eigenvalues.Id] = new(share, count);
        }

        if (names.Length > 0)
        {
            var chance = (double)NamesAmong / names.Length;
            scores[WeightScores.TopFive.Id] = new(named.ShareAmong(NamesAmong, 1), names.Length) { Chance = chance };
            scores[WeightScores.BottomFive.Id] =
                new(named.ShareAmong(NamesAmong, -1), names.Length) { Chance = chance };
        }

        if (families.Score(head, written) is { } succession)
            scores[WeightScores.Succession.Id] = succession;
        return scores.ToImmutable();
    }
}

/// <summary>Reads the values and the written logits of a layer for tokens.</summary>
/// <param name="model">The model.</param>
/// <param name="layer">The layer.</param>
sealed class LayerReader(Qwen2Model model, int layer) : IDisposable
{
    readonly Qwen2LayerWeights weights = model.Weights.Layers[layer];
    readonly Tensor turned = TurnedOutput.Of(model, layer);
    readonly OutputGrams grams = new(model);

    /// <summary>Returns what each head makes of some tokens.</summary>
    /// <param name="tokens">The tokens, none twice.</param>
    /// <param name="isNormed">Whether with the norms before and after, and the value bias.</param>
    public LayerCircuits Read(ImmutableArray<int> tokens, bool isNormed = true)
    {
        var (device, config) = (model.Device, model.Config);
        if (tokens.IsEmpty)
            return new(config, [], [], null);
        var width = config.KeyValueHeadCount * config.HeadSize;
        using var read = device.Allocate(tokens.Length, config.HiddenSize);
        using var values = device.Allocate(tokens.Length, width);
        device.Gather(model.Weights.Embedding, tokens.AsSpan(), read);
        if (isNormed)
            device.RmsNorm(read, weights.AttentionGain, config.RmsNormEpsilon, read);
        device.Linear(read, weights.Value, isNormed ? weights.ValueBias : null, values);
        if (isNormed)
            grams.Prepare(layer, Enumerable.Range(0, config.HeadCount));
        return new(config, device.Download(values), Written(tokens, isNormed), isNormed ? grams : null)
        {
            Layer = layer,
        };
    }

    /// <summary>Returns <c>W_U gain W_O</c> of some tokens, <c>[tokens, heads · headSize]</c>.</summary>
    public float[] Written(ImmutableArray<int> tokens, bool isNormed = true)
    {
        var (device, config) = (model.Device, model.Config);
        if (tokens.IsEmpty)
            return [];
        var (width, inputs) = (config.HiddenSize, config.HeadCount * config.HeadSize);
        using var unembedding = device.Allocate(tokens.Length, width);
        device.Gather(model.Weights.Unembedding, tokens.AsSpan(), unembedding);
        if (isNormed)
        {
            var (rows, gain) = (device.Download(unembedding), model.Rows(model.Weights.FinalGain, 0));
            for (var row = 0; row < tokens.Length; row++)
                TensorPrimitives.Multiply<float>(
                    rows.AsSpan(row * width, width), gain, rows.AsSpan(row * width, width));
            device.Upload(rows, unembedding);
        }

        using var written = device.Allocate(tokens.Length, inputs);
        device.Linear(unembedding, turned, null, written);
        return device.Download(written);
    }

    /// <summary>Frees the output matrix.</summary>
    public void Dispose() => turned.Dispose();
}

/// <summary>What the heads of a layer make of tokens.</summary>
/// <param name="config">The model.</param>
/// <param name="values">The values, <c>[tokens, keyValueHeads · headSize]</c>.</param>
/// <param name="written"><c>W_U gain W_O</c>, <c>[tokens, heads · headSize]</c>.</param>
/// <param name="grams">The products of the output matrices, for the last norm; null for none.</param>
sealed class LayerCircuits(Qwen2Config config, float[] values, float[] written, OutputGrams? grams)
{
    /// <summary>Gets the layer.</summary>
    public int Layer { get; init; }

    /// <summary>Returns the circuit of a head.</summary>
    public HeadCircuit Of(int head)
    {
        var size = config.HeadSize;
        var own = Columns(values, config.KeyValueHeadCount * size, head / config.GroupSize * size);
        double[]? scales = grams?.Lengths(new(Layer, head), own);
        if (scales is not null)
            for (var token = 0; token < scales.Length; token++)
                scales[token] = scales[token] > 0 ? Math.Sqrt(config.HiddenSize) / scales[token] : 0;
        return new(size, own, Columns(written, config.HeadCount * size, head * size), scales);
    }

    float[] Columns(float[] table, int width, int first)
    {
        var (size, rows) = (config.HeadSize, table.Length / width);
        var found = new float[rows * size];
        for (var row = 0; row < rows; row++)
            table.AsSpan((row * width) + first, size).CopyTo(found.AsSpan(row * size));
        return found;
    }
}
