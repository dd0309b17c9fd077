using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>The scores of one query of a run, of which query and keys are split into terms.</summary>
sealed class SplitScores
{
    readonly Qwen2Config config;
    readonly Recording run;
    readonly int layer;
    readonly int position;
    readonly ProjectionTerms queries;
    readonly ProjectionTerms keys;
    readonly HeadTurns turns;
    readonly RecordedActivation inputs;
    readonly int[] seen;

    // [heads][seen keys]
    readonly double[][] scores;

    // Of the run, [heads][seen keys].
    readonly double[][] ofRun;

    // Of query and key of each score, as long as their product could be.
    readonly double[][] lengths;

    /// <summary>Computes the scores.</summary>
    public SplitScores(
        Qwen2Model model, Decomposition decomposition, Recording run, int position, ComponentPairs pairs)
    {
        (config, layer, this.run, this.position) = (model.Config, decomposition.Layer, run, position);
        queries = ProjectionTerms.Of(model, decomposition, AttentionProjection.Query, pairs.Query);
        keys = ProjectionTerms.Of(model, decomposition, AttentionProjection.Key, pairs.Key);
        turns = new(config, position + 1);
        inputs = run[new(Activation.AttentionInput, layer)];
        seen = [.. VisibleKeys.Of(config, layer, position, run.AttentionMask)];
        var query = queries.Whole(inputs.Row(position));
        double[][] whole = [.. seen.Select(key => keys.Whole(inputs.Row(key)))];
        (scores, lengths) = (new double[config.HeadCount][], new double[config.HeadCount][]);
        for (var head = 0; head < config.HeadCount; head++)
        {
            var own = turns.Turned([query], head, position);
            double[][] read =
            [
                .. seen.Zip(whole, (key, numbers) =>
                    turns.Turned([numbers], head / config.GroupSize, key)[0]),
            ];
            scores[head] = HeadTurns.Products(own, read);
            lengths[head] = [.. read.Select(key =>
                TensorPrimitives.Norm<double>(own[0]) * TensorPrimitives.Norm<double>(key)
                / Math.Sqrt(config.HeadSize))];
        }

        ofRun = [.. Enumerable.Range(0, config.HeadCount).Select(ScoresOfRun)];
    }

    /// <summary>Returns a number as a label.</summary>
    public static string Label(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Returns the largest difference from the scores of the run, as a share of the lengths of query and
    /// key.</summary>
    public double LargestError()
    {
        var largest = 0.0;
        for (var head = 0; head < config.HeadCount; head++)
            for (var place = 0; place < seen.Length; place++)
            {
                var error = Math.Abs(scores[head][place] - ofRun[head][place]);
                largest = Math.Max(largest, error == 0 ? 0 : error / lengths[head][place]);
            }

        return largest;
    }

    // Of the rotated queries and keys that the run has in single precision.
    double[] ScoresOfRun(int head)
    {
        var turnedQuery = run[new(Activation.RotatedQuery, layer)];
        var turnedKeys = HeadRows.Keys(run, config, new(layer, head));
        return
        [
            .. seen.Select(key =>
            {
                var sum = 0.0;
                var query = turnedQuery.Row(position, head);
                var read = turnedKeys.Row(key);
                for (var i = 0; i < query.Length; i++)
                    sum += (double)query[i] * read[i];
                return sum / Math.Sqrt(query.Length);
            }),
        ];
    }

    /// <summary>Divides the scores of the keys with the most attention.</summary>
    public ScoreContributions Divide(int mostKeys, double error)
    {
        double[][] attention = [.. scores.Select(row => RowMath.Softmax(row))];
        int[] kept =
        [
            .. Enumerable.Range(0, seen.Length).OrderByDescending(place => attention.Max(row => row[place]))
                .Take(mostKeys).Order(),
        ];
        double[][] terms = queries.Split(inputs.Row(position));
        double[][][] ofKeys = [.. kept.Select(place => keys.Split(inputs.Row(seen[place])))];
        var values = new List<double?>();
        for (var head = 0; head < config.HeadCount; head++)
        {
            var own = turns.Turned(terms, head, position);
            foreach (var (place, key) in kept.Index())
                values.AddRange(HeadTurns.Products(
                    own, turns.Turned(ofKeys[place], head / config.GroupSize, seen[key]))
                    .Select(value => (double?)value));
        }

        ArrayAxis heads = ArrayAxis.Counted("head", config.HeadCount);
        ArrayAxis read = new("key", [.. kept.Select(place => Label(seen[place]))]);
        return new(
            layer, position, [.. kept.Select(place => seen[place])],
            new([heads, read, new("query_term", queries.Names), new("key_term", keys.Names)], [.. values]),
            Table(scores), Table(ofRun), Table(attention), error);

        LabelledArray Table(double[][] rows) =>
            new([heads, read], [.. rows.SelectMany(row => kept.Select(place => (double?)row[place]))]);
    }
}
