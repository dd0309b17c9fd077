using RatIlgpu.Devices;

namespace RatIlgpu.Tracing;

/// <summary>The best steps from each position in each layer of a flow. Of a row only these are kept, so that memory
/// does not grow with the square of the prompt for every layer.</summary>
/// <param name="options">The options, resolved.</param>
/// <param name="length">The number of positions.</param>
sealed class FlowSteps(FlowOptions options, int length)
{
    readonly Dictionary<int, FlowStep[]?[]> layers = [];
    readonly TopK<int> best = new(options.TopK);

    /// <summary>Keeps the best steps of the rows of neighbouring positions of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="first">The first position.</param>
    /// <param name="rows">Rows of equal length, of which each counts up to its own position.</param>
    /// <param name="width">The length of a row.</param>
    /// <exception cref="ArithmeticException">A share is not a number.</exception>
    public void Add(int layer, int first, ReadOnlySpan<float> rows, int width)
    {
        if (!layers.TryGetValue(layer, out var steps))
            layers.Add(layer, steps = new FlowStep[]?[length]);
        for (var row = 0; row < rows.Length / width; row++)
        {
            var shares = rows.Slice(row * width, first + row + 1);
            if (float.IsNaN(shares[^1]))
                throw new ArithmeticException(
                    $"The flow of layer {layer} is not a number: the weights are damaged or overflow.");
            steps[first + row] = Best(shares);
        }
    }

    /// <summary>Finds the best paths from a position down through all layers, best first; of paths with the same score
    /// the one whose last step is larger, and of equals the smaller position.</summary>
    /// <param name="target">The position.</param>
    /// <param name="cancellation">Ends the search.</param>
    public ImmutableArray<FlowPath> PathsFrom(int target, CancellationToken cancellation)
    {
        FlowEnd[] live = [new(target)];
        for (var layer = options.ToLayer.Value; layer >= options.FromLayer.Value; layer--)
        {
            cancellation.ThrowIfCancellationRequested();
            var grown = new TopK<FlowEnd>(options.TopBeam);
            foreach (var path in live)
                foreach (var step in layers[layer][path.Position]!)
                {
                    var score = path.Score + step.Logarithm;
                    if (path.Probability * step.Share >= options.MinShare && grown.Takes(score))
                        grown.Add(path.To(step), score);
                }

            live = grown.Take();
        }

        return [.. live.Select(path => path.ToPath(options.ToLayer.Value))];
    }

    // Largest first; of equals the smaller key first. A path is no more probable than any of its steps.
    FlowStep[] Best(ReadOnlySpan<float> shares)
    {
        for (var key = 0; key < shares.Length; key++)
            if (shares[key] > 0 && shares[key] >= options.MinShare && best.Takes(shares[key]))
                best.Add(key, shares[key]);
        var keys = best.Take();
        var steps = new FlowStep[keys.Length];
        for (var i = 0; i < keys.Length; i++)
            steps[i] = new(keys[i], shares[keys[i]], Math.Log(shares[keys[i]]));
        return steps;
    }
}

/// <summary>One step of a flow: the position it comes from, its share and the logarithm.</summary>
readonly record struct FlowStep(int Key, float Share, double Logarithm);

/// <summary>The end of a path that is being searched; the steps before it are shared between paths.</summary>
sealed class FlowEnd
{
    readonly FlowEnd? previous;
    readonly float share;
    readonly int count;

    /// <summary>Starts a path.</summary>
    public FlowEnd(int target) => (Position, Probability) = (target, 1);

    FlowEnd(FlowEnd previous, FlowStep step)
    {
        (this.previous, share, count) = (previous, step.Share, previous.count + 1);
        (Position, Score) = (step.Key, previous.Score + step.Logarithm);
        Probability = previous.Probability * step.Share;
    }

    /// <summary>Gets the position the path has reached.</summary>
    public int Position { get; }

    /// <summary>Gets the sum of the logarithms of the steps.</summary>
    public double Score { get; }

    /// <summary>Gets the product of the steps.</summary>
    public double Probability { get; }

    /// <summary>Makes a path one step longer.</summary>
    public FlowEnd To(FlowStep step) => new(this, step);

    /// <summary>Returns the whole path.</summary>
    public FlowPath ToPath(int lastLayer)
    {
        var (positions, flows) = (new int[count + 1], new double[count]);
        var end = this;
        for (var i = count; i > 0; i--, end = end.previous!)
            (positions[i], flows[i - 1]) = (end.Position, end.share);
        positions[0] = end.Position;
        return new(lastLayer, [.. positions], [.. flows], Score, Probability);
    }
}
