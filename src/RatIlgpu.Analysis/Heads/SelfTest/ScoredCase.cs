namespace RatIlgpu.Analysis;

/// <summary>A score that is known of a constructed model by a formula: the detectors give it, of the model's patterns
/// and of patterns by formula in double.</summary>
/// <param name="Checkpoint">The name of the constructed model.</param>
/// <param name="Name">What is measured.</param>
/// <param name="Make">Makes the model.</param>
/// <param name="Head">The head.</param>
/// <param name="Layout">The layout of the scores.</param>
/// <param name="Expected">The number that the formula gives.</param>
/// <param name="Read">Reads the number from the statistics of the pass.</param>
/// <param name="Sequences">The sequences, each with the pattern of the head in it by formula.</param>
sealed record ScoredCase(
    string Checkpoint,
    string Name,
    Func<ConstructedModel> Make,
    HeadIndex Head,
    PassLayout Layout,
    double Expected,
    Func<PassStatistics, HeadIndex, double?> Read,
    params ImmutableArray<(UnitSequence Sequence, double[][] Pattern)> Sequences)
{
    /// <summary>Gets how far the number may lie from the expected one besides rounding, where the formula is of a
    /// limit. Default: 0.</summary>
    public double Slack { get; init; }

    /// <summary>Gets whether the number is no sum over cells, so that patterns by formula do not give it. Default:
    /// false.</summary>
    public bool NeedsRun { get; init; }

    /// <summary>Returns the case of a run of the model.</summary>
    public SelfTestCase OfRun() => new(Checkpoint, $"score: {Name}", Make, Expected, run =>
        Read(run.Statistics(Layout, Sequences.Select(one => one.Sequence)), Head) ?? double.NaN)
    {
        Slack = Slack,
    };

    /// <summary>Returns the number of the patterns by formula.</summary>
    public double OfFormula()
    {
        var config = Make().Config;
        var sums = new PassSums(Layout, config.LayerCount * config.HeadCount);
        foreach (var (number, (sequence, pattern)) in Sequences.Index())
        {
            var unit = new UnitScorer(sums, number, number % PassSums.GroupCount);
            unit.Add(sequence.Cells);
            unit.AddPattern(sequence.Cells, (Head.Layer * config.HeadCount) + Head.Head, Square(pattern));
            unit.Finish();
        }

        return Read(new(sums, config), Head) ?? double.NaN;
    }

    static double[] Square(double[][] pattern) =>
        [.. pattern.SelectMany(row => row.Concat(Enumerable.Repeat(0.0, pattern.Length - row.Length)))];
}
