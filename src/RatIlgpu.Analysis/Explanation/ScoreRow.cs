namespace RatIlgpu.Analysis;

/// <summary>The scores of one query of a head in a run, over the keys that it sees.</summary>
sealed class ScoreRow
{
    readonly ImmutableArray<int> keys;
    readonly double[] scores;

    /// <summary>Computes the scores of the rotated queries and keys that the run has.</summary>
    public ScoreRow(Qwen2Config config, Recording run, HeadIndex head, int query, ImmutableArray<int> keys)
    {
        this.keys = keys;
        var own = run[new(Activation.RotatedQuery, head.Layer)].Row(query, head.Head).ToArray();
        var read = HeadRows.Keys(run, config, head);
        scores = [.. keys.Select(key => Product(own, read.Row(key)))];
        Attention = RowMath.Softmax(scores);
    }

    /// <summary>Gets the attention to each key.</summary>
    public double[] Attention { get; }

    /// <summary>Returns the attention to each position up to one, which is 0 where the query sees none.</summary>
    public double[] ByPosition(int last)
    {
        var row = new double[last + 1];
        foreach (var (key, share) in keys.Zip(Attention))
            row[key] = share;
        return row;
    }

    /// <summary>Returns the score of a key.</summary>
    public double ScoreOf(int key) => scores[keys.BinarySearch(key)];

    /// <summary>Returns the attention to a key.</summary>
    public double AttentionTo(int key) => Attention[keys.BinarySearch(key)];

    /// <summary>Returns the attention to a key if its score were another, and those of other keys what they
    /// are.</summary>
    public double AttentionIf(int key, double score)
    {
        var changed = scores.ToArray();
        var place = keys.BinarySearch(key);
        changed[place] = score;
        return RowMath.Softmax(changed)[place];
    }

    /// <summary>Returns the factor of each key that a reading reads, such as 1 and −1 for a key and its
    /// foil.</summary>
    public double[] FactorsOf(ScoreLink link) => link.Options.Reading switch
    {
        ScoreReading.Here => [1],
        ScoreReading.Foil => [1, -1],
        ScoreReading.Others => [.. keys.Select(key => key == link.Key ? 1 : -1.0 / (keys.Length - 1))],
        // Of the key, 1 less its own attention, which the attention of the others is without cancellation.
        _ => [.. keys.Select((key, place) => key == link.Key ? OfOthers(key) : -Attention[place])],
    };

    double OfOthers(int key) => keys.Zip(Attention, (one, share) => one == key ? 0 : share).Sum();

    static double Product(float[] query, ReadOnlySpan<float> key)
    {
        var sum = 0.0;
        for (var i = 0; i < query.Length; i++)
            sum += (double)query[i] * key[i];
        return sum / Math.Sqrt(query.Length);
    }
}
