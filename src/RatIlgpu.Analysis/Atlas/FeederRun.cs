using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>A run of one sequence, with what the pattern of a head is made of anew.</summary>
sealed class FeederRun : IProbe
{
    readonly Qwen2Config config;
    readonly UnitSequence sequence;
    readonly HashSet<int> layers;
    readonly Dictionary<Site, float[]> known = [];
    readonly Dictionary<int, CellSums> sums = [];

    FeederRun(Qwen2Config config, UnitSequence sequence, IReadOnlyCollection<FeederTarget> targets)
    {
        (this.config, this.sequence) = (config, sequence);
        layers = [.. targets.Select(target => target.Head.Layer)];
    }

    int Tokens => sequence.Ids.Length;

    int LastLayer => layers.Max();

    // The rotary angles of all positions.
    float[] Turns
    {
        get
        {
            if (field is not null)
                return field;
            field = new float[Tokens * config.HeadSize];
            new RotaryEmbedding(config).Fill(0, Tokens, field);
            return field;
        }
    }

    /// <summary>Runs a sequence.</summary>
    public static FeederRun Of(
        Qwen2Model model,
        UnitSequence sequence,
        IReadOnlyCollection<FeederTarget> targets,
        CancellationToken cancellation)
    {
        var run = new FeederRun(model.Config, sequence, targets);
        model.Run(sequence.Ids.AsSpan(), new()
        {
            Probe = run,
            StopAfter = new(Activation.Key, run.LastLayer),
            LogitCount = 0,
            Cancellation = cancellation,
        });
        return run;
    }

    public bool Wants(Site site) => site.Activation switch
    {
        Activation.HeadOutput => site.Layer < LastLayer,
        Activation.ResidualBefore or Activation.Query or Activation.Key => layers.Contains(site.Layer),
        _ => false,
    };

    public void Begin(int firstPosition, int positionCount)
    {
    }

    public void Show(Site site, Tensor activation, Device device)
    {
        var numbers = device.Download(activation);
        known[site] = site.Activation switch
        {
            Activation.HeadOutput => ByHead(numbers),
            Activation.ResidualBefore =>
            [
                .. numbers.Chunk(config.HiddenSize).Select(row =>
                    (float)(1 / RowMath.RmsScale(row, config.RmsNormEpsilon))),
            ],
            _ => numbers,
        };
    }

    /// <summary>Returns how many queries the score of a head has here.</summary>
    public double CountOf(FeederTarget target) => FixedPoint.ToDouble(sequence.Cells.Data[target.Counted]);

    /// <summary>Returns the sum of a score of a head, and the sums without each head of an earlier layer in one
    /// input.</summary>
    /// <param name="model">The model.</param>
    /// <param name="target">The head.</param>
    /// <param name="input">The input.</param>
    /// <param name="source">The earlier layer.</param>
    /// <param name="matrices">What the input reads of each of its heads, <c>[heads · headSize, headSize]</c>.</param>
    public (double Whole, double[] Without) ScoresOf(
        Qwen2Model model, FeederTarget target, HeadInput input, int source, Tensor matrices)
    {
        var (layer, size, heads) = (target.Head.Layer, config.HeadSize, config.HeadCount);
        var read = Read(model.Device, known[new(Activation.HeadOutput, source)], matrices);
        var scales = known[new(Activation.ResidualBefore, layer)];
        // The input as it is, then without each head.
        var changed = Repeated(target.Head, input, heads + 1);
        for (var head = 0; head < heads; head++)
            for (var token = 0; token < Tokens; token++)
            {
                var own = changed.AsSpan(((token * (heads + 1)) + head + 1) * size, size);
                TensorPrimitives.MultiplyAdd(
                    read.AsSpan(((head * Tokens) + token) * size, size), -scales[token], own, own);
            }

        var other = input == HeadInput.Key ? HeadInput.Query : HeadInput.Key;
        var found = Sums(model, target, input, changed, Repeated(target.Head, other, heads + 1));
        return (found[0], found[1..]);
    }

    double[] Sums(Qwen2Model model, FeederTarget target, HeadInput input, float[] changed, float[] kept)
    {
        var (device, branches) = (model.Device, config.HeadCount + 1);
        using var angles = device.Allocate(Tokens, config.HeadSize);
        device.Upload(Turns, angles);
        var weights = model.Weights.Layers[target.Head.Layer];
        using var query = Turned(input == HeadInput.Query ? changed : kept, weights.QueryGain);
        using var key = Turned(input == HeadInput.Key ? changed : kept, weights.KeyGain);
        using var pattern = device.Allocate(branches, Tokens, Tokens);
        using var result = device.Allocate(branches, 1);
        device.Pattern(query, key, new(config.WindowOf(target.Head.Layer), null), pattern);
        device.SumCells(pattern, CellsOf(target.Row), result);
        return [.. device.Download(result).Select(sum => (double)sum)];

        Tensor Turned(float[] numbers, Tensor? gain)
        {
            var rows = device.Allocate(Tokens, branches, config.HeadSize);
            device.Upload(numbers, rows);
            if (gain is not null)
            {
                var each = rows.Reshape(Tokens * branches, config.HeadSize);
                device.RmsNorm(each, gain, config.RmsNormEpsilon, each);
            }

            device.Rotate(rows, angles, rows);
            return rows;
        }
    }

    // What the matrices make of the outputs, [heads, tokens, headSize].
    float[] Read(Device device, float[] outputs, Tensor matrices)
    {
        var (size, heads) = (config.HeadSize, config.HeadCount);
        using var written = device.Allocate(heads * Tokens, size);
        using var read = device.Allocate(heads * Tokens, size);
        device.Upload(outputs, written);
        for (var head = 0; head < heads; head++)
            device.Linear(
                written.Slice(head * Tokens, Tokens), matrices.Slice(head * size, size), null,
                read.Slice(head * Tokens, Tokens));
        return device.Download(read);
    }

    // The query or key of a head before norm and rotation, [tokens, times, headSize].
    float[] Repeated(HeadIndex head, HeadInput input, int times)
    {
        var (activation, heads, own) = input == HeadInput.Query
            ? (Activation.Query, config.HeadCount, head.Head)
            : (Activation.Key, config.KeyValueHeadCount, head.Head / config.GroupSize);
        var (all, size) = (known[new(activation, head.Layer)], config.HeadSize);
        var found = new float[Tokens * times * size];
        for (var row = 0; row < Tokens * times; row++)
            all.AsSpan(((row / times * heads) + own) * size, size).CopyTo(found.AsSpan(row * size));
        return found;
    }

    float[] ByHead(float[] outputs)
    {
        var (size, heads) = (config.HeadSize, config.HeadCount);
        var found = new float[outputs.Length];
        for (var token = 0; token < Tokens; token++)
            for (var head = 0; head < heads; head++)
                outputs.AsSpan(((token * heads) + head) * size, size)
                    .CopyTo(found.AsSpan(((head * Tokens) + token) * size));
        return found;
    }

    CellSums CellsOf(int row)
    {
        if (!sums.TryGetValue(row, out var found))
        {
            var all = sequence.Cells.Sums;
            var (start, count) = (all.Starts[row], all.Starts[row + 1] - all.Starts[row]);
            sums.Add(row, found = new(
                all.Queries, all.Keys, [0, count], all.Cells.Slice(start, count),
                [.. all.Weights.Slice(start, count).Select(weight => (double)weight)]));
        }

        return found;
    }
}
