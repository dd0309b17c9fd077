using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>A probe that sums the cells of the pattern of each layer on the device, while the run waits; the pattern
/// itself is not copied.</summary>
/// <param name="model">The model.</param>
/// <param name="lengths">Computes the lengths of the vectors that heads write.</param>
/// <param name="unit">The unit of the sequence.</param>
/// <param name="cells">The cells of the sequence.</param>
/// <param name="activities">What is noted of how active heads are; null for nothing.</param>
sealed class HeadScoreProbe(
    Qwen2Model model, ValueLengths lengths, UnitScorer unit, SequenceCells cells, SequenceActivity? activities = null)
    : IProbe
{
    // Of the layer whose pattern comes next, [keys, heads].
    float[] byKey = [];

    int HeadCount => model.Config.HeadCount;

    public bool Wants(Site site) =>
        site.Activation == Activation.Pattern || (site.Activation == Activation.Value && unit.Layout.HasProfile);

    public void Begin(int firstPosition, int positionCount) => unit.Add(cells);

    public void Show(Site site, Tensor activation, Device device)
    {
        if (site.Activation == Activation.Value)
        {
            byKey = lengths.Of(site.Layer, activation);
            return;
        }

        AddSums(site, activation, device);
        if (!unit.Layout.HasProfile)
            return;
        AddEntropy(site.Layer, activation, device);
        AddMasses(site.Layer, activation, device);
    }

    void AddSums(Site site, Tensor pattern, Device device)
    {
        foreach (var (head, sums) in SumsOf(pattern, site.Layer, cells, device).Index())
            unit.Add(cells, (site.Layer * HeadCount) + head, sums);
    }

    /// <summary>Returns the sums over cells of each head of a pattern.</summary>
    /// <param name="pattern"><c>[heads, queries, keys]</c>; the heads of several branches, one branch after the
    /// other.</param>
    /// <param name="layer">The layer, for errors.</param>
    /// <param name="cells">The cells.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="ArithmeticException">A sum is not a finite number.</exception>
    public static double[][] SumsOf(Tensor pattern, int layer, SequenceCells cells, Device device)
    {
        var (heads, count) = (pattern.Shape[0], cells.Sums.RowCount);
        using var result = device.Allocate(heads, count);
        device.SumCells(pattern, cells.Sums, result);
        var found = device.Download(result);
        var sums = new double[heads][];
        for (var head = 0; head < heads; head++)
        {
            var own = found.AsSpan(head * count, count);
            if (!float.IsFinite(TensorPrimitives.MaxMagnitude<float>(own)))
                throw new ArithmeticException(
                    $"The attention of {new HeadIndex(layer, head)} is not a number: the weights are damaged.");
            TensorPrimitives.ConvertTruncating(own, sums[head] = new double[count]);
        }

        return sums;
    }

    void AddEntropy(int layer, Tensor pattern, Device device)
    {
        using var result = device.Allocate(HeadCount, pattern.Shape[1]);
        device.Entropy(pattern, result);
        AddOfQueries(layer, unit.Layout.Entropy, device.Download(result), (head, query) =>
            (head * pattern.Shape[1]) + query);
    }

    // The attention to each key times the length of the vector that the head writes for it. Mix sums both over the
    // keys: the values are that length for all keys, and that length for all keys but the first.
    void AddMasses(int layer, Tensor pattern, Device device)
    {
        var (queries, keys) = (pattern.Shape[1], pattern.Shape[2]);
        using var values = device.Allocate(keys, HeadCount, 2);
        using var result = device.Allocate(queries, HeadCount, 2);
        var both = new float[keys * HeadCount * 2];
        for (var i = 0; i < byKey.Length; i++)
            (both[2 * i], both[(2 * i) + 1]) = (byKey[i], i < HeadCount ? 0 : byKey[i]);
        device.Upload(both, values);
        device.Mix(pattern, values, result);
        var found = device.Download(result);
        AddOfQueries(layer, unit.Layout.AllMass, found, (head, query) => 2 * ((query * HeadCount) + head));
        AddOfQueries(layer, unit.Layout.LaterMass, found, (head, query) => (2 * ((query * HeadCount) + head)) + 1);
        for (var head = 0; head < HeadCount; head++)
            NoteActivity(layer, head, found, queries);
    }

    void NoteActivity(int layer, int head, float[] found, int queries)
    {
        var (most, peak) = (float.NegativeInfinity, 0);
        for (var query = 0; query < queries; query++)
            if (found[(2 * ((query * HeadCount) + head)) + 1] is var activity && activity > most)
                (most, peak) = (activity, query);
        activities?.Note((layer * HeadCount) + head, most, peak);
    }

    void AddOfQueries(int layer, int place, float[] found, Func<int, int, int> indexOf)
    {
        for (var head = 0; head < HeadCount; head++)
        {
            var sum = 0.0;
            for (var query = cells.FirstQuery; query < cells.Sums.Queries; query++)
                sum += found[indexOf(head, query)];
            if (!double.IsFinite(sum))
                throw new ArithmeticException(
                    $"What {new HeadIndex(layer, head)} writes is not a number: the weights are damaged.");
            unit.Add((layer * HeadCount) + head, place, sum);
        }
    }
}
