namespace RatIlgpu.Analysis;

/// <summary>Runs of one prompt from the layer of a head on, in which that head reads another query or key.</summary>
sealed class VerifiedRun
{
    readonly Qwen2Model model;
    readonly ScoreAttribution found;
    readonly RecordingOptions options;
    readonly CancellationToken cancellation;

    /// <summary>Runs the model up to the layer.</summary>
    /// <param name="model">The model.</param>
    /// <param name="found">The explanation of the link.</param>
    /// <param name="interventions">The interventions in the run that was explained.</param>
    /// <param name="cancellation">Stops the runs.</param>
    public VerifiedRun(
        Qwen2Model model,
        ScoreAttribution found,
        ValueArray<Intervention> interventions,
        CancellationToken cancellation)
    {
        (this.model, this.found, this.cancellation) = (model, found, cancellation);
        var start = new Site(Activation.ResidualBefore, Head.Layer);
        var captures = AttentionScoreAttributor.Captures(
            Head, found.Query, [found.Key], found.TokenIds.Length, new() { SplitHeads = found.Options.SplitHeads });
        Unchanged = new Recorder(model).Record(
            found.TokenIds,
            [
                .. captures.Where(one => one.Activation is not (Activation.ResidualBefore or Activation.RotatedQuery
                    or Activation.RotatedKey)),
                .. AttentionScoreAttributor.OwnValues(Head, found.Options, interventions),
                new(Activation.ResidualBefore) { Layers = [Head.Layer] },
            ],
            new()
            {
                AttentionMask = found.AttentionMask,
                Interventions = [.. interventions.Where(one => !start.IsBefore(one.Target.ChangedSite))],
            },
            cancellation);
        options = new()
        {
            AttentionMask = found.AttentionMask,
            Interventions = [.. interventions.Where(one => start.IsBefore(one.Target.ChangedSite))],
            Start = Unchanged[start],
        };
    }

    /// <summary>Gets the run up to the stream before the layer.</summary>
    public Recording Unchanged { get; }

    HeadIndex Head => found.Head;

    /// <summary>Returns the likeliest next token at the query's position.</summary>
    /// <exception cref="ArithmeticException">A logit is not a finite number.</exception>
    public int Likeliest()
    {
        var run = new Recorder(model).Record(
            found.TokenIds, [new(Activation.Logits) { Positions = [found.Query] }], options, cancellation);
        var logits = run[Site.Logits].Row(found.Query).ToArray();
        return logits.All(float.IsFinite)
            ? logits.IndexOf(logits.Max())
            : throw new ArithmeticException("A logit is not a finite number: the weights are damaged.");
    }

    /// <summary>Measures the link, and what a direction reads of the final norm.</summary>
    /// <param name="input">The query or key that is changed; null for none.</param>
    /// <param name="added">What is added to it, <c>[headSize]</c>.</param>
    /// <param name="direction">The direction, <c>[width]</c>.</param>
    public MeasuredScore Measure(HeadInput? input, double[] added, double[] direction)
    {
        Site query = new(Activation.RotatedQuery, Head.Layer), key = new(Activation.HeadKey, Head.Layer);
        var run = new Recorder(model).Record(
            found.TokenIds,
            [
                Of(query.Activation, found.Query), Of(key.Activation, found.Key), Of(Activation.Pattern, found.Query),
                new(Activation.FinalNorm) { Positions = [found.Query] },
            ],
            options with { Interventions = [.. options.Interventions, .. Changes(input, added)] }, cancellation);
        var own = run[query].Row(found.Query, Head.Head);
        var read = run[key].Row(found.Key, Head.Head);
        var score = 0.0;
        for (var i = 0; i < own.Length; i++)
            score += (double)own[i] * read[i];
        return new(
            score / Math.Sqrt(own.Length),
            run[new(Activation.Pattern, Head.Layer)].Row(found.Query, Head.Head)[found.Key],
            RowMath.Dot(run[Site.FinalNorm].Row(found.Query), direction));

        Capture Of(Activation activation, Index position) =>
            new(activation) { Layers = [Head.Layer], Heads = [Head.Head], Positions = [position] };
    }

    IEnumerable<Intervention> Changes(HeadInput? input, double[] added)
    {
        if (input is not { } changed)
            yield break;
        var (activation, position) = changed == HeadInput.Query
            ? (Activation.RotatedQuery, found.Query)
            : (Activation.RotatedKey, found.Key);
        yield return Intervention.Add(
            InterventionTarget.At(
                model, activation, Head.Layer, [Head.Head], [position], KeyValueScope.QueryHead),
            [.. added.Select(number => (float)number)]);
    }
}
