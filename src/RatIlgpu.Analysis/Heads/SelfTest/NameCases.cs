namespace RatIlgpu.Analysis;

/// <summary>The cases of sentences with names.</summary>
static class NameCases
{
    const int End = 14;

    static readonly HeadIndex Decoy = new(0, PositionalModels.OffsetHead);

    /// <summary>Gets the cases.</summary>
    public static IEnumerable<SelfTestCase> All => [.. OfAttention(), .. OfLogits(), .. OfDecoy()];

    static IEnumerable<SelfTestCase> OfAttention()
    {
        var (forms, control) = (new NameForms(NameModels.Sentence), new NameForms(NameModels.Control));
        yield return Second("of the head that inhibits", NameModels.Inhibitor, forms.InhibitorRow());
        yield return Second("of the head that moves names", NameModels.Mover, forms.MoverRow());
        double[] uniform = [.. Enumerable.Repeat(1.0 / NameModels.Sentence.Length, NameModels.Sentence.Length)];
        foreach (var head in (int[])[1, 3])
            yield return Second(FormattableString.Invariant($"of head {head}"), new(2, head), uniform);
        yield return Case("attention of the head that inhibits to a third name in its place",
            control.InhibitorRow()[NameModels.SecondPosition],
            run => run.Pattern(NameModels.Control, NameModels.Inhibitor)[End][NameModels.SecondPosition]);
        foreach (var (name, position) in
            ((string, int)[])[("other", NameModels.IndirectPosition), ("repeated", NameModels.SubjectPosition)])
            yield return Case($"attention of the head that moves names to the {name} name's first mention",
                forms.MoverRow()[position],
                run => run.Pattern(NameModels.Sentence, NameModels.Mover)[End][position]);

        static SelfTestCase Second(string whose, HeadIndex head, double[] row) => Case(
            $"attention {whose} to the second mention", row[NameModels.SecondPosition],
            run => run.Pattern(NameModels.Sentence, head)[End][NameModels.SecondPosition]);
    }

    static IEnumerable<SelfTestCase> OfLogits()
    {
        var forms = new NameForms(NameModels.Sentence);
        yield return Case("logit of the other name minus that of the repeated one", forms.Difference(true),
            run => Difference(run));
        yield return Case("the same without the head that inhibits", forms.Difference(false),
            run => Difference(run, run.Zero(NameModels.Inhibitor)));

        static double Difference(ConstructedRun run, params ImmutableArray<Intervention> changes)
        {
            var logits = run.Logits(NameModels.Sentence, changes)[End];
            return logits[NameModels.IndirectObject] - logits[NameModels.Subject];
        }
    }

    static IEnumerable<SelfTestCase> OfDecoy()
    {
        var row = PositionalCases.Pattern(
            NameModels.Sentence.Length, End - NameModels.SecondPosition, CircuitModels.PreviousStrength,
            ConstructedShape.Reference)[End];
        foreach (var (name, ids) in ((string, ImmutableArray<int>)[])
            [("second mention", NameModels.Sentence), ("third name", NameModels.Control)])
            yield return Of($"attention to the {name}", row[NameModels.SecondPosition],
                run => run.Pattern(ids, Decoy)[End][NameModels.SecondPosition]);
        yield return Of("attention to the second mention minus that to the third name", 0,
            run => run.Pattern(NameModels.Sentence, Decoy)[End][NameModels.SecondPosition]
                - run.Pattern(NameModels.Control, Decoy)[End][NameModels.SecondPosition]);
        yield return Of("what the head writes of a name", -1, run => run.Copy(Decoy, NameModels.Names));

        static SelfTestCase Of(string name, double expected, Func<ConstructedRun, double> find) =>
            new("decoy", name, NameModels.Decoy, expected, find);
    }

    static SelfTestCase Case(string name, double expected, Func<ConstructedRun, double> find) =>
        new("inhibition", name, NameModels.Inhibition, expected, find);
}
