namespace RatIlgpu.Analysis;

/// <summary>Finds the earlier heads that a head reads through its queries or keys, by its score without what each of
/// them writes.</summary>
/// <remarks>What an earlier head s writes is <c>z W_O</c>; taken out of the input of one head, with the scale of the
/// norm held, it takes <c>z M / rms</c> out of its keys, <c>M = W_O diag(gain) W_K</c>, a matrix as wide as a head. The
/// norm of heads, the rotation and the softmax are computed anew, with the other input as it is.</remarks>
sealed class FeederFinder
{
    const int MostHeads = 24;
    const int MostOfInput = 5;
    const double LeastEffect = 0.005;

    readonly Qwen2Model model;
    readonly ImmutableArray<FeederRun> runs;

    /// <summary>Runs sequences.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">The sequences of one pass, and the cells that its scores sum.</param>
    /// <param name="targets">The heads whose feeders are asked for.</param>
    /// <param name="cancellation">Stops.</param>
    public FeederFinder(
        Qwen2Model model,
        IEnumerable<UnitSequence> sequences,
        IReadOnlyCollection<FeederTarget> targets,
        CancellationToken cancellation = default)
    {
        this.model = model;
        runs = [.. sequences.Select(sequence => FeederRun.Of(model, sequence, targets, cancellation))];
    }

    /// <summary>Returns the heads with their feeders: those with the most confident roles, up to 24.</summary>
    /// <param name="model">The model.</param>
    /// <param name="plan">The sequences.</param>
    /// <param name="heads">All heads, with their roles.</param>
    /// <param name="progress">Is told the share that is done; null for nobody.</param>
    /// <param name="cancellation">Stops.</param>
    public static ImmutableArray<AtlasHead> AddTo(
        Qwen2Model model,
        AtlasPlan plan,
        ImmutableArray<AtlasHead> heads,
        Action<double>? progress = null,
        CancellationToken cancellation = default)
    {
        var targets = heads.Where(head => head.Head.Layer > 0 && head.Roles.Length > 0)
            .OrderByDescending(head => head.Roles[0].Confidence).ThenBy(head => head.Head).Take(MostHeads)
            .Select(head => TargetOf(head, plan)).ToList();
        var (found, done) = (new Dictionary<HeadIndex, ImmutableArray<HeadFeeder>>(), 0);
        foreach (var pass in targets.GroupBy(target => target.Pass).OrderBy(group => group.Key))
        {
            var sequences = plan.UnitsOf(pass.Key, AtlasShard.Whole).Take(UnitsOf(pass.Key))
                .SelectMany(unit => unit.Sequences);
            var finder = new FeederFinder(model, sequences, [.. pass], cancellation);
            foreach (var layer in pass.GroupBy(target => target.Head.Layer).OrderBy(group => group.Key))
            {
                foreach (var (head, feeders) in finder.Of(layer.Key, [.. layer], cancellation))
                    found[head] = feeders;
                done += layer.Count();
                progress?.Invoke((double)done / targets.Count);
            }
        }

        return [.. heads.Select(head => head with { Feeders = found.GetValueOrDefault(head.Head, []) })];
    }

    /// <summary>Returns the feeders of heads of one layer, the strongest first.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="targets">The heads.</param>
    /// <param name="cancellation">Stops between two earlier layers.</param>
    public IEnumerable<(HeadIndex Head, ImmutableArray<HeadFeeder> Feeders)> Of(
        int layer, IReadOnlyList<FeederTarget> targets, CancellationToken cancellation = default)
    {
        ImmutableArray<(FeederTarget Target, HeadInput Input)> readers =
            [.. targets.SelectMany(target => (IEnumerable<(FeederTarget, HeadInput)>)
                [(target, HeadInput.Query), (target, HeadInput.Key)])];
        var inputs = readers.Select(reader => InputOf(reader.Target.Head, reader.Input)).ToArray();
        var effects = readers.Select(_ => new List<HeadFeeder>()).ToArray();
        for (var source = 0; source < layer; source++)
        {
            cancellation.ThrowIfCancellationRequested();
            var products = Products(source, inputs);
            foreach (var (number, (target, input)) in readers.Index())
                foreach (var (head, effect) in EffectsOf(target, input, source, products[number]).Index())
                    if (Math.Abs(effect) > LeastEffect)
                        effects[number].Add(new(new(source, head), input, target.ScoreId, effect));
        }

        foreach (var target in targets)
            yield return (target.Head,
            [
                .. readers.Index().Where(reader => reader.Item.Target == target)
                    .SelectMany(reader => Strongest(effects[reader.Index]).Take(MostOfInput))
                    .OrderByDescending(feeder => Math.Abs(feeder.Effect)).ThenBy(feeder => feeder.Source),
            ]);

        static IEnumerable<HeadFeeder> Strongest(IEnumerable<HeadFeeder> feeders) =>
            feeders.OrderByDescending(feeder => Math.Abs(feeder.Effect)).ThenBy(feeder => feeder.Source);
    }

    static FeederTarget TargetOf(AtlasHead head, AtlasPlan plan)
    {
        var id = head.Roles[0].ScoreId;
        if (id == PositionalDetector.Offset.Id)
        {
            var layout = plan.LayoutOf(AtlasPass.Text);
            return new(
                head.Head, id, AtlasPass.Text, (PassLayout.Parts * layout.Scores.Length) + head.PeakOffset!.Value,
                layout.Scores.Length + head.PeakOffset!.Value);
        }

        // A ratio is of the same cells as the score that it divides.
        if (id == DerivedScores.DelimiterRatio.Id)
            id = DelimiterDetector.Any.Id;
        var found = AtlasLayouts.Passes.Select(plan.LayoutOf)
            .First(layout => layout.Scores.Any(score => score.Id == id));
        var place = found.PlaceOf(found.Scores.First(score => score.Id == id));
        return new(head.Head, id, found.Pass, place * PassLayout.Parts, place);
    }

    // A few sequences tell what a head reads: effects are far above their spread.
    static int UnitsOf(AtlasPass pass) => pass switch
    {
        AtlasPass.Text => 2,
        AtlasPass.Repeats => 3,
        _ => 12,
    };

    // The rows of the query or key matrix of a head, times the gain of the norm, [headSize, width].
    float[] InputOf(HeadIndex head, HeadInput input)
    {
        var (config, weights) = (model.Config, model.Weights.Layers[head.Layer]);
        var (matrix, own) = input == HeadInput.Query
            ? (weights.Query, head.Head)
            : (weights.Key, head.Head / config.GroupSize);
        var rows = model.Rows(matrix, [.. Enumerable.Range(own * config.HeadSize, config.HeadSize)]);
        var gain = model.Rows(weights.AttentionGain, 0);
        for (var i = 0; i < rows.Length; i++)
            rows[i] *= gain[i % gain.Length];
        return rows;
    }

    // For each reader, the matrices of all heads of a layer, [heads, headSize, headSize]: from what a head holds to
    // what the reader makes of it.
    float[][] Products(int source, float[][] inputs)
    {
        var (config, device) = (model.Config, model.Device);
        var (size, width, heads) = (config.HeadSize, config.HiddenSize, config.HeadCount);
        using var turned = TurnedOutput.Of(model, source);
        using var readers = device.Allocate(inputs.Length * size, width);
        using var products = device.Allocate(inputs.Length * size, heads * size);
        device.Upload([.. inputs.SelectMany(rows => rows)], readers);
        device.Linear(readers, turned, null, products);
        var all = device.Download(products);
        var found = new float[inputs.Length][];
        for (var reader = 0; reader < found.Length; reader++)
        {
            found[reader] = new float[heads * size * size];
            for (var head = 0; head < heads; head++)
                for (var row = 0; row < size; row++)
                    all.AsSpan((((reader * size) + row) * heads * size) + (head * size), size)
                        .CopyTo(found[reader].AsSpan(((head * size) + row) * size));
        }

        return found;
    }

    // The score less the score without each head of an earlier layer.
    double[] EffectsOf(FeederTarget target, HeadInput input, int source, float[] products)
    {
        var (effects, count) = (new double[model.Config.HeadCount], 0.0);
        using var matrices = model.Device.Allocate(
            model.Config.HeadCount * model.Config.HeadSize, model.Config.HeadSize);
        model.Device.Upload(products, matrices);
        foreach (var run in runs)
        {
            count += run.CountOf(target);
            var (whole, without) = run.ScoresOf(model, target, input, source, matrices);
            for (var head = 0; head < effects.Length; head++)
                effects[head] += whole - without[head];
        }

        for (var head = 0; head < effects.Length; head++)
            effects[head] = count > 0 ? effects[head] / count : 0;
        return effects;
    }
}

/// <summary>A head whose feeders are asked for, and the sum that is its score.</summary>
/// <param name="Head">The head.</param>
/// <param name="ScoreId">The score.</param>
/// <param name="Pass">The pass of the score.</param>
/// <param name="Row">The row of its cells.</param>
/// <param name="Counted">The place of its count.</param>
sealed record FeederTarget(HeadIndex Head, string ScoreId, AtlasPass Pass, int Row, int Counted);

/// <summary>The output matrix of a layer, transposed.</summary>
static class TurnedOutput
{
    /// <summary>Returns <c>[heads · headSize, width]</c>, which the caller disposes.</summary>
    public static Tensor Of(Qwen2Model model, int layer)
    {
        var (width, inputs) = (model.Config.HiddenSize, model.Config.HeadCount * model.Config.HeadSize);
        var outputs = model.Rows(model.Weights.Layers[layer].Output, [.. Enumerable.Range(0, width)]);
        var turned = new float[outputs.Length];
        for (var row = 0; row < width; row++)
            for (var column = 0; column < inputs; column++)
                turned[(column * width) + row] = outputs[(row * inputs) + column];
        var tensor = model.Device.Allocate(inputs, width);
        model.Device.Upload(turned, tensor);
        return tensor;
    }
}
