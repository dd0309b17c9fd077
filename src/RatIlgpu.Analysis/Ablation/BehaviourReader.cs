namespace RatIlgpu.Analysis;

/// <summary>Reads the scored positions of a sequence from the last norm of a run, in each branch.</summary>
/// <remarks>The logits of the named tokens are dot products with rows of the unembedding; the whole unembedding is
/// needed for losses alone.</remarks>
sealed class BehaviourReader : IProbe
{
    readonly Qwen2Model model;
    readonly ScoredSequence sequence;
    readonly int branches;
    readonly double[] directions;

    /// <summary>Prepares to read.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequence">The sequence.</param>
    /// <param name="branches">The branches of the run.</param>
    public BehaviourReader(Qwen2Model model, ScoredSequence sequence, int branches)
    {
        (this.model, this.sequence, this.branches) = (model, sequence, branches);
        Values = new double[branches];
        directions =
        [
            .. model.Rows(
                model.Weights.Unembedding,
                [
                    .. sequence.Scored.Select(one => one.Token),
                    .. sequence.Scored.Select(one => one.Other ?? one.Token),
                ]),
        ];
    }

    /// <summary>Gets the mean of the scored positions in each branch.</summary>
    public double[] Values { get; }

    public bool Wants(Site site) => site == Site.FinalNorm;

    public void Begin(int firstPosition, int positionCount)
    {
    }

    public void Show(Site site, Tensor activation, Device device)
    {
        var (scored, first) = (sequence.Scored, sequence.Scored[0].Position);
        int[] rows =
        [
            .. scored.SelectMany(one => Enumerable.Range(0, branches).Select(
                branch => ((one.Position - first) * branches) + branch)),
        ];
        using var picked = device.Allocate(rows.Length, activation.Shape[1]);
        device.Gather(activation, rows, picked);
        var normed = device.Download(picked);
        var sums = scored.Any(one => one.Other is null) ? LogSums(picked, device) : [];
        for (var row = 0; row < rows.Length; row++)
        {
            var place = row / branches;
            var logit = Logit(normed, row, place);
            var value = scored[place].Other is null
                ? sums[row] - logit
                : logit - Logit(normed, row, scored.Length + place);
            if (!double.IsFinite(value))
                throw new ArithmeticException("A logit is not a number: the weights are damaged.");
            Values[row % branches] += value / scored.Length;
        }
    }

    double[] LogSums(Tensor normed, Device device)
    {
        var sums = new double[normed.Shape[0]];
        for (var start = 0; start < sums.Length; start += LogitRows.Most)
        {
            var count = int.Min(LogitRows.Most, sums.Length - start);
            using var logits = device.Allocate(count, model.Config.VocabularySize);
            device.Linear(normed.Slice(start, count), model.Weights.Unembedding, null, logits);
            device.Top(logits, null, 1, new int[count], new float[count], sums.AsSpan(start, count));
        }

        return sums;
    }

    double Logit(float[] normed, int row, int direction)
    {
        var width = model.Config.HiddenSize;
        return RowMath.Dot(normed.AsSpan(row * width, width), directions.AsSpan(direction * width, width));
    }
}
