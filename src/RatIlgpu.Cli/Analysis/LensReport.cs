namespace RatIlgpu.Cli.Analysis;

/// <summary>Prints the predictions of the states of the residual stream.</summary>
static class LensReport
{
    /// <summary>Prints, for each prompt and position, a line for each state; then the mean over the prompts.</summary>
    public static void Print(
        LensBatch batch,
        ImmutableArray<PromptRun> runs,
        ImmutableArray<HeadIndex> ablated,
        MetricOptions metric,
        ImmutableArray<int> layers,
        Session session)
    {
        var output = session.Report;
        ReportHead.PrintModel(output, session.Model);
        ReportHead.PrintAblated(output, ablated);
        foreach (var (reading, run) in batch.Prompts.Zip(runs))
        {
            ReportHead.PrintPrompt(session, run.Prompt, run.Ids);
            if (metric.HintOf(run.Prompt, session.Model, () => run.LogitsAt(run.Positions[^1])) is { } hint)
                output.WriteLine(ReportHead.Line("Note", hint));
            PrintStates(reading.States.Where(state => IsChosen(state.State)), run.Ids, session.Model, output);
        }

        if (batch.Prompts.Length > 1)
            PrintMean(batch.Mean.Where(state => IsChosen(state.State)), batch.Prompts.Length, output);

        bool IsChosen(ResidualTerm term) => IsShown(term, layers, session.Model.Config.LayerCount);
    }

    /// <summary>Tells whether a state belongs to chosen layers; the stream after the last layer does to that
    /// layer.</summary>
    /// <param name="term">The state.</param>
    /// <param name="layers">The layers; default for all.</param>
    /// <param name="count">The number of layers of the model.</param>
    public static bool IsShown(ResidualTerm term, ImmutableArray<int> layers, int count) =>
        layers.IsDefault
        || layers.Contains(term is ResidualTerm.FinalStream ? count - 1 : RowChoice.PlaceOf(term).Layer);

    static void PrintStates(
        IEnumerable<LensState> states, ImmutableArray<int> ids, LanguageModel model, TextWriter output)
    {
        var all = states.ToList();
        var width = all.Select(state => state.State.Label.Length).DefaultIfEmpty(0).Max();
        foreach (var position in all.GroupBy(state => state.Position))
        {
            output.WriteLine();
            output.WriteLine($"After {TokenLabel.Of(model.Tokenizer.Token(ids[position.Key]))} at {position.Key}");
            foreach (var state in position)
            {
                var line = string.Join("  ", state.Top.Select(Likely)
                    .Concat(state.Tokens.Select(Followed)).Concat(state.Projections.Select(Projected))
                    .Append(Spread(state)));
                output.WriteLine($"  {state.State.Label.PadRight(width)}  {line}");
            }
        }

        static string Spread(LensState state) => string.Create(
            CultureInfo.InvariantCulture, $"[entropy {state.Entropy:F3}, KL {state.KlDivergence:F3}]");

        string Text(LensToken token) => TokenLabel.Of(model.Tokenizer.Token(token.Id));

        string Likely(LensToken token) =>
            string.Create(CultureInfo.InvariantCulture, $"{Text(token)} {token.Probability * 100:F1} %");

        string Followed(LensToken token) => string.Create(
            CultureInfo.InvariantCulture, $"[{Text(token)} rank {token.Rank}, {token.Probability * 100:G3} %]");

        string Projected(LensProjection one) => string.Create(
            CultureInfo.InvariantCulture, $"[{OneLine.Escape(one.Direction.Name)} {one.Value:+0.000;-0.000;0.000}]");
    }

    static void PrintMean(IEnumerable<LensMean> states, int prompts, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"Over all {prompts} prompts, mean ± spread:");
        var all = states.ToList();
        var width = all.Select(state => state.State.Label.Length).DefaultIfEmpty(0).Max();
        foreach (var state in all)
            output.WriteLine($"  {state.State.Label.PadRight(width)}  " + string.Join("  ", state.Followed.Select(Token)
                .Concat(state.Projections.Select(Number)).Append(Spread(state))));

        static string Spread(LensMean state) => string.Create(
            CultureInfo.InvariantCulture,
            $"[entropy {state.Entropy.Mean:F3} ± {state.Entropy.Spread:F3}, "
            + $"KL {state.KlDivergence.Mean:F3} ± {state.KlDivergence.Spread:F3}]");

        static string Token(LensTokenMean token) => string.Create(
            CultureInfo.InvariantCulture,
            $"[rank {token.Rank.Mean:F1} ± {token.Rank.Spread:F1}, {token.Probability.Mean * 100:F1} ± "
            + $"{token.Probability.Spread * 100:F1} %]");

        static string Number(MeanAndSpread one) =>
            string.Create(CultureInfo.InvariantCulture, $"[{one.Mean:+0.000;-0.000;0.000} ± {one.Spread:F3}]");
    }
}
