namespace RatIlgpu.Tracing;

/// <summary>The end of a path that is being searched; the steps before it are shared between paths.</summary>
sealed class Step
{
    // Keeps the logarithm of a vanishing attention finite.
    const double SmallestAttention = 1e-12;

    readonly Step? previous;
    readonly double attention;

    /// <summary>Starts a path.</summary>
    public Step(int target) => Position = target;

    Step(Step previous, Edge edge)
    {
        this.previous = previous;
        attention = edge.Attention;
        Position = edge.Key;
        EdgeCount = previous.EdgeCount + 1;
        RawScore = previous.RawScore + LogOf(attention);
    }

    /// <summary>Gets the position the path has reached.</summary>
    public int Position { get; }

    int EdgeCount { get; }

    double RawScore { get; }

    /// <summary>Returns what a step adds to the raw score.</summary>
    public static double LogOf(double attention) => Math.Log(Math.Max(attention, SmallestAttention));

    /// <summary>Makes a path one step longer.</summary>
    public Step To(Edge edge) => new(this, edge);

    /// <summary>Returns the score of the path, normalised by length.</summary>
    public double Score(LengthNormalization normalization) => normalization.Apply(RawScore, EdgeCount);

    /// <summary>Returns the whole path.</summary>
    public BeamPath ToPath(LengthNormalization normalization)
    {
        var positions = new int[EdgeCount + 1];
        var attentions = new double[EdgeCount];
        var step = this;
        for (var i = EdgeCount; i > 0; i--, step = step.previous!)
            (positions[i], attentions[i - 1]) = (step.Position, step.attention);
        positions[0] = step.Position;
        return new([.. positions], [.. attentions], RawScore, Score(normalization));
    }
}
