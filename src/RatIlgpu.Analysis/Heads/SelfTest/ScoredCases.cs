namespace RatIlgpu.Analysis;

/// <summary>The cases of scores that the detectors give.</summary>
static class ScoredCases
{
    const int Tokens = 128, SinkKappa = 9, Half = ConstructedShape.Vocabulary, End = 14;

    static readonly HeadIndex Uniform = new(0, 0), Offset = new(0, PositionalModels.OffsetHead);

    static readonly PassLayout Text = Layout(AtlasPass.Text), Repeats = Layout(AtlasPass.Repeats);
    static readonly PassLayout Successors = Layout(AtlasPass.Successors), Names = Layout(AtlasPass.IndirectObject);

    /// <summary>Gets the cases.</summary>
    public static IEnumerable<ScoredCase> All =>
    [
        .. OfUniform(), .. OfOffsets(), .. OfSink(), .. OfDuplicates(), .. OfInduction(), .. OfSuccessors(),
        .. OfNames(),
    ];

    static IEnumerable<ScoredCase> OfUniform()
    {
        var ids = PositionalCases.Prompt(Tokens);
        yield return Case("previous token", PreviousTokenDetector.OnText, ClosedForms.UniformOffset(Tokens, 1));
        yield return Case("first token", PositionalDetector.FirstToken, ClosedForms.UniformFirst(Tokens));
        yield return Case("duplicate token", DuplicateTokenDetector.OnText, ClosedForms.UniformDuplicate(ids));
        yield return Of("delimiters over their chance level", 1, (text, head) =>
            text.Of(DelimiterDetector.Any, head) is { } score ? score.Raw / score.Chance : null);
        yield return Of("mean at a distance of 10", ClosedForms.UniformOffset(Tokens, 10), (text, head) =>
            text.ProfileOf(head)[10]);
        yield return Of("entropy over its largest", 1, (text, head) =>
            text.EntropyOf(head) is var (mean, uniform, _) ? mean / uniform : null) with
        { NeedsRun = true };
        foreach (var score in Text.Scores)
            yield return Of($"{score}, excess", 0, (text, head) => text.Of(score, head)?.Excess);

        ScoredCase Case(string name, HeadScoreDefinition score, double expected) =>
            Of(name, expected, (text, head) => text.Of(score, head)?.Raw);

        ScoredCase Of(string name, double expected, Func<PassStatistics, HeadIndex, double?> read) => new(
            "uniform", name, PositionalModels.Uniform, Uniform, Text, expected, read,
            (TextOf(ids), ClosedForms.Pattern(Tokens, (_, _) => 0)));
    }

    static IEnumerable<ScoredCase> OfOffsets()
    {
        var ids = PositionalCases.Prompt(Tokens);
        foreach (var offset in (int[])[1, 4])
        {
            var pattern = PositionalCases.Pattern(
                Tokens, offset, CircuitModels.PreviousStrength, ConstructedShape.Reference);
            yield return Of("previous token", PatternScores.Offset(pattern, 1), (text, head) =>
                text.Of(PreviousTokenDetector.OnText, head)?.Raw);
            yield return Of("first token", PatternScores.First(pattern), (text, head) =>
                text.Of(PositionalDetector.FirstToken, head)?.Raw);
            yield return Of("largest mean over a distance", PatternScores.Offset(pattern, offset, 1), (text, head) =>
                text.PeakOf(head)?.Score.Raw, firstKey: 1);
            yield return Of("its distance", offset, (text, head) => text.PeakOf(head)?.Offset, firstKey: 1);

            ScoredCase Of(
                string name, double expected, Func<PassStatistics, HeadIndex, double?> read, int firstKey = 0) => new(
                FormattableString.Invariant($"offset-{offset}-strength-200"), name,
                () => PositionalModels.Offset(offset, CircuitModels.PreviousStrength), Offset, Text, expected, read,
                (TextOf(ids, firstKey), pattern));
        }
    }

    static IEnumerable<ScoredCase> OfSink()
    {
        var ids = PositionalCases.SinkPrompt(Tokens);
        var pattern = ClosedForms.Pattern(Tokens, (_, key) => key == 0 ? SinkKappa : 0);
        yield return Of("first token", ClosedForms.Sink(SinkKappa, Tokens), (text, head) =>
            text.Of(PositionalDetector.FirstToken, head)?.Raw);
        // Every later key has as much attention as the others: what the first leaves is uniform.
        yield return Of("previous token without the first", WithoutFirst(), (text, head) =>
            text.Of(PreviousTokenDetector.OnText, head)?.WithoutFirst);
        // The single cell from the last token to the first is no mean, and the first key does not count.
        yield return Of("largest mean over a distance", 1 / Math.Exp(SinkKappa), (text, head) =>
            text.PeakOf(head)?.Score.Raw, firstKey: 1, tolerance: 1e-3);

        double WithoutFirst()
        {
            var later = Enumerable.Range(1, Tokens - 1).ToArray();
            return later.Sum(query => query == 1 ? 0 : pattern[query][query - 1])
                / later.Sum(query => 1 - pattern[query][0]);
        }

        ScoredCase Of(
            string name, double expected, Func<PassStatistics, HeadIndex, double?> read, int firstKey = 0,
            double tolerance = 0) => new(
            "sink", name, () => PositionalModels.KeySelective(SinkKappa, 0), Uniform, Text, expected, read,
            (TextOf(ids, firstKey), pattern))
            { Slack = tolerance };
    }

    static IEnumerable<ScoredCase> OfDuplicates()
    {
        foreach (var (name, ids, repulsion) in ((string, ImmutableArray<int>, int)[])
            [("all tokens twice", MatchingCases.Twice, 60), ("random tokens", MatchingCases.Random, 0)])
        {
            var pattern = MatchingCases.DuplicatePattern(ids, repulsion);
            yield return new(
                FormattableString.Invariant($"duplicate-repulsion-{repulsion}"), $"duplicate token, {name}",
                () => MatchingModels.Duplicate(MatchingCases.DuplicateKappa, repulsion),
                new(0, MatchingModels.DuplicateHead), Text, PatternScores.Duplicate(pattern, ids),
                (text, head) => text.Of(DuplicateTokenDetector.OnText, head)?.Raw, (TextOf([.. ids]), pattern));
        }
    }

    static IEnumerable<ScoredCase> OfInduction()
    {
        var ids = MatchingCases.Twice;
        var facts = new RepeatFacts(ids, 1, 0, Half);
        var pattern = CircuitCases.Pattern(ids);
        yield return Of("induction", CircuitModels.Inductor, PatternScores.Induction(pattern, Half), pattern);
        yield return Of(
            "induction of a uniform head beside it", new(CircuitModels.Inductor.Layer, 0),
            ClosedForms.UniformInduction(Half), ClosedForms.Pattern(ids.Length, (_, _) => 0));

        ScoredCase Of(string name, HeadIndex head, double expected, double[][] own) => new(
            "induction", name, CircuitModels.Induction, head, Repeats, expected,
            (repeats, index) => repeats.Of(InductionDetector.OnRandom, index)?.Raw,
            (new(ids, SequenceMarks.OfRepeats(Repeats, facts)), own));
    }

    static IEnumerable<ScoredCase> OfSuccessors()
    {
        var (run, control, permuted) = (MatchingCases.Run, MatchingCases.Fillers, MatchingCases.Permuted);
        var signal = PatternScores.Succession(MatchingCases.SuccessorPattern(run))
            - PatternScores.Succession(MatchingCases.SuccessorPattern(control));
        yield return Of("successor", MatchingModels.SuccessorHead, signal, SuccessorDetector.InOrder);
        yield return Of("successor, any order", MatchingModels.SuccessorHead, 1, SuccessorDetector.Permuted) with
        {
            Slack = 1e-5,
        };
        // Any head that looks at positions alone.
        yield return Of("successor of a uniform head", 0, 0, SuccessorDetector.InOrder);
        yield return Of("successor, any order, of a uniform head", 0, 0, SuccessorDetector.Permuted);

        ScoredCase Of(string name, int head, double expected, HeadScoreDefinition score) => new(
            "successor", name, () => MatchingModels.Successor(MatchingCases.SuccessorKappa), new(0, head), Successors,
            expected, (found, index) => found.Of(score, index)?.Raw,
            Sequence(run, head, rows => Mark(run, isControl: false, rows)),
            Sequence(control, head, rows => Mark(run, isControl: true, rows)),
            Sequence(permuted, head, rows => SuccessorDetector.MarkPermuted(
                ElementsOf(permuted), [.. ElementsOf(permuted).Select(place => permuted[place])], rows)));

        static void Mark(ImmutableArray<int> run, bool isControl, ScoreRows rows) => SuccessorDetector.Mark(
            ElementsOf(run), [.. ElementsOf(run).Select(place => run[place])], isControl, rows);

        static int[] ElementsOf(ImmutableArray<int> ids) =>
            [.. Enumerable.Range(0, (ids.Length + 1) / 2).Select(place => 2 * place)];

        static (UnitSequence Sequence, double[][] Pattern) Sequence(
            ImmutableArray<int> ids, int head, Action<ScoreRows> mark) => (
            Marked(Successors, ids, mark),
            head == MatchingModels.SuccessorHead
                ? MatchingCases.SuccessorPattern(ids)
                : ClosedForms.Pattern(ids.Length, (_, _) => 0));
    }

    static IEnumerable<ScoredCase> OfNames()
    {
        var (sentence, control) = (new NameForms(NameModels.Sentence), new NameForms(NameModels.Control));
        var (own, third) = (sentence.InhibitorRow(), control.InhibitorRow());
        yield return Of(
            "inhibition", "repeated name", NameModels.Inhibition, NameModels.Inhibitor,
            own[NameModels.SecondPosition] - third[NameModels.SecondPosition], IndirectObjectDetector.Contrast, own,
            third);
        yield return Of(
            "inhibition", "second place of the repeated name", NameModels.Inhibition, NameModels.Inhibitor,
            own[NameModels.SecondPosition], IndirectObjectDetector.ToSecond, own, third);
        var mover = sentence.MoverRow();
        yield return Of(
            "inhibition", "other name, of the head that moves names", NameModels.Inhibition, NameModels.Mover,
            mover[NameModels.IndirectPosition], IndirectObjectDetector.ToObject, mover, control.MoverRow());
        var row = PositionalCases.Pattern(
            NameModels.Sentence.Length, End - NameModels.SecondPosition, CircuitModels.PreviousStrength,
            ConstructedShape.Reference)[End];
        // The published rule takes this head for one that inhibits.
        yield return Of(
            "decoy", "repeated name", NameModels.Decoy, Offset, 0, IndirectObjectDetector.Contrast, row, row);
        yield return Of(
            "decoy", "second place of the repeated name", NameModels.Decoy, Offset, row[NameModels.SecondPosition],
            IndirectObjectDetector.ToSecond, row, row);

        static ScoredCase Of(
            string checkpoint, string name, Func<ConstructedModel> make, HeadIndex head, double expected,
            HeadScoreDefinition score, double[] last, double[] lastOfControl) => new(
            checkpoint, name, make, head, Names, expected, (found, index) => found.Of(score, index)?.Raw,
            (Marked(Names, NameModels.Sentence, rows => IndirectObjectDetector.Mark(
                End, NameModels.IndirectPosition, NameModels.SubjectPosition, NameModels.SecondPosition, rows)),
                WithLast(last)),
            (Marked(Names, NameModels.Control, rows =>
                IndirectObjectDetector.MarkControl(End, NameModels.SecondPosition, rows)), WithLast(lastOfControl)));

        // The last row alone is scored.
        static double[][] WithLast(double[] row) =>
            [.. Enumerable.Range(1, row.Length - 1).Select(keys => new double[keys]), row];
    }

    static UnitSequence TextOf(int[] ids, int firstKey = 0) => new(
        [.. ids],
        SequenceMarks.OfText(
            Text,
            new(
                [.. ids], 0, [.. ids.Select(id => id % 3 == 0 ? id / 3 % DelimiterDetector.OfClass.Length : -1)],
                [.. ids.Select(id => id % 2 == 0)], [.. ids.Select(id => id == 5)]),
            firstKey));

    static UnitSequence Marked(PassLayout layout, ImmutableArray<int> ids, Action<ScoreRows> mark)
    {
        var rows = new ScoreRows(layout, ids.Length);
        mark(rows);
        return new(ids, rows.ToCells());
    }

    static PassLayout Layout(AtlasPass pass) => AtlasLayouts.Of(pass, PositionalModels.Uniform().Config);
}
