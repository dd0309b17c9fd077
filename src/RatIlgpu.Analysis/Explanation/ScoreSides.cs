using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>The query of a head in a run, split into parts, and what its keys are split with.</summary>
sealed class ScoreSides
{
    readonly Recording run;
    readonly ScoreRow row;
    readonly HeadTurns turns;
    readonly ScoreSide keys;
    readonly ScoreParts query;
    readonly double[] mean;

    // What the biases and the mean embedding are of the query.
    readonly double[] alike;

    /// <summary>Splits the query.</summary>
    /// <param name="model">The model.</param>
    /// <param name="run">The run.</param>
    /// <param name="link">One of the links that are explained; all have the same head, query and options.</param>
    /// <param name="weights">What queries and keys of the head are split with.</param>
    /// <param name="meanEmbedding">The mean of all token embeddings, <c>[width]</c>.</param>
    public ScoreSides(
        Qwen2Model model,
        Recording run,
        ScoreLink link,
        Lazy<(ScoreSide Queries, ScoreSide Keys)> weights,
        Lazy<double[]> meanEmbedding)
    {
        this.run = run;
        CheckPairs(link, model.Config);
        row = new(model.Config, run, link.Head, link.Query, link.Visible);
        turns = new(model.Config, link.Query + 1);
        (var queries, keys) = weights.Value;
        query = queries.Parts(run, turns, [link.Query], [1], SplitAt(link, link.Query));
        mean = meanEmbedding.Value;
        alike = queries.Alike(query, mean);
    }

    /// <summary>Explains a link.</summary>
    public ScoreAttribution Explain(ScoreLink link)
    {
        var factors = row.FactorsOf(link);
        var read = link.KeysRead;
        var split = SplitAt(link, read.Max());
        var parts = keys.Parts(run, turns, read, factors, split);
        var here = link.Options.Reading == ScoreReading.Here
            ? parts
            : keys.Parts(run, turns, [link.Key], [1], split);
        var score = row.ScoreOf(link.Key);
        var whole = query.Whole;
        var pairs = HeadTurns.Products([.. query.Vectors], [.. parts.Vectors]);
        return new()
        {
            TokenIds = run.TokenIds,
            AttentionMask = run.AttentionMask is { } mask ? new ValueArray<int>(mask) : null,
            Interventions = run.Interventions,
            Head = link.Head,
            Query = link.Query,
            Key = link.Key,
            Options = link.Options,
            Score = score,
            Attention = row.AttentionTo(link.Key),
            QueryAttention = [.. row.ByPosition(link.Query)],
            Measured = read.Zip(factors, (key, factor) => factor * row.ScoreOf(key)).Sum(),
            QueryParts = [.. query.Terms],
            KeyParts = [.. parts.Terms],
            Pairs = [.. pairs],
            ByQueryPart = [.. pairs.Chunk(parts.Terms.Count).Select(one => one.Sum())],
            ByKeyPart = [.. parts.Terms.Select((_, place) => Column(place).Sum())],
            AttentionWithout =
                [.. here.Vectors.Select(part => row.AttentionIf(link.Key, score - Product(whole, part)))],
            PositionAlone = Product(alike, keys.Alike(parts, mean)),
        };

        IEnumerable<double> Column(int place)
        {
            for (var pair = place; pair < pairs.Length; pair += parts.Terms.Count)
                yield return pairs[pair];
        }
    }

    static void CheckPairs(ScoreLink link, Qwen2Config config)
    {
        if (!link.Options.SplitHeads)
            return;
        var pairs = AttentionScoreAttributor.SplitPairs(config, link.Head, link.Query, link.Key, link.Options);
        if (pairs > AttentionScoreAttributor.MostPairs)
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"Heads split by token have up to {pairs} pairs of parts here, more than "
                + $"{AttentionScoreAttributor.MostPairs}: do not split the heads, or explain an earlier layer or "
                + $"query."));
    }

    static int? SplitAt(ScoreLink link, int position) => link.Options.SplitHeads ? position : null;

    static double Product(double[] left, double[] right) =>
        TensorPrimitives.Dot<double>(left, right) / Math.Sqrt(left.Length);
}
