namespace RatIlgpu.Analysis;

/// <summary>Makes the units of an atlas for a model, one by one.</summary>
sealed class AtlasPlan
{
    // The tokens that are left out where rare ones are asked for.
    const int FrequentTokens = 50;

    /// <summary>The most sequences of a document: its number and theirs are one number.</summary>
    public const int MostParts = 1 << 20;

    readonly AtlasOptions options;
    readonly TextSequences texts;
    readonly RepeatedSequences? repeats;
    readonly SuccessorPrompts successors;
    readonly IoiPrompts names;
    readonly DelimiterClasses delimiters;
    readonly HashSet<int> frequent;
    readonly ImmutableSortedDictionary<AtlasPass, PassLayout> layouts;

    /// <summary>Plans an atlas.</summary>
    /// <param name="tokenizer">The tokenizer of the model.</param>
    /// <param name="config">The model.</param>
    /// <param name="options">On what heads are scored.</param>
    public AtlasPlan(Tokenizer tokenizer, Qwen2Config config, AtlasOptions options)
    {
        options.Check();
        this.options = options;
        var vocabulary = config.VocabularySize;
        layouts = AtlasLayouts.Passes.ToImmutableSortedDictionary(
            pass => pass, pass => AtlasLayouts.Of(pass, config));
        texts = new(tokenizer, vocabulary, new()
        {
            Most = options.TextLength,
            Seed = options.Seed,
            StartsWithEndOfText = options.StartsWithEndOfText,
        });
        successors = new(tokenizer, vocabulary, options.Seed);
        names = new(tokenizer, vocabulary, options.Seed);
        delimiters = DelimiterClasses.Of(tokenizer, vocabulary);
        frequent = FrequentOf(tokenizer);
        var warnings = texts.Warnings.AddRange(successors.Warnings).AddRange(names.Warnings);
        if (TokenPool.Of(tokenizer, vocabulary).Count >= 2)
        {
            repeats = new(tokenizer, vocabulary, new()
            {
                Seed = options.Seed,
                Repeats = options.Repeats,
                StartsWithEndOfText = options.StartsWithEndOfText,
            });
            warnings = warnings.AddRange(repeats.Warnings);
        }

        Warnings = [.. warnings.Distinct()];
    }

    /// <summary>Gets what the user must know of the sequences.</summary>
    public ImmutableArray<string> Warnings { get; }

    /// <summary>Gets the ordered families, for scores of weights.</summary>
    public SuccessorPrompts Successors => successors;

    /// <summary>Gets the sentences with names.</summary>
    public IoiPrompts Names => names;

    /// <summary>Gets the repeated random tokens; null where the model has too few tokens.</summary>
    public RepeatedSequences? Repeats => repeats;

    /// <summary>Returns the layout of a pass.</summary>
    public PassLayout LayoutOf(AtlasPass pass) => layouts[pass];

    /// <summary>Returns the number of units of a pass in all shards; null of texts, which are not counted before they
    /// are read.</summary>
    public int? CountOf(AtlasPass pass) => pass switch
    {
        AtlasPass.Repeats => repeats is null ? 0 : options.RepeatSequences,
        AtlasPass.Successors => successors.Families.IsEmpty ? 0 : options.SuccessorPrompts,
        AtlasPass.IndirectObject => names.TemplateCount == 0 ? 0 : options.IndirectObjectPrompts,
        _ => null,
    };

    /// <summary>Makes the units of a shard, pass by pass.</summary>
    public IEnumerable<AtlasUnit> Units(AtlasShard shard, CancellationToken cancellation = default) =>
        AtlasLayouts.Passes.SelectMany(pass => UnitsOf(pass, shard, cancellation));

    /// <summary>Makes the units of one pass of a shard, one by one.</summary>
    public IEnumerable<AtlasUnit> UnitsOf(
        AtlasPass pass, AtlasShard shard, CancellationToken cancellation = default) => pass switch
        {
            AtlasPass.Text => TextUnits(shard, cancellation),
            AtlasPass.Repeats => Numbered(pass, RepeatUnit, shard),
            AtlasPass.Successors => Numbered(pass, SuccessorUnit, shard),
            AtlasPass.IndirectObject => Numbered(pass, NameUnit, shard),
            _ => [],
        };

    /// <summary>Returns a sequence of repeated random tokens with the cells of a layout.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="layout">The layout: that of the pass over repeats, or one with fewer parts.</param>
    /// <param name="firstQuery">The first query that is scored.</param>
    public static UnitSequence RepeatOf(RepeatedSequence sequence, PassLayout layout, int firstQuery)
    {
        // Short copies, of a model with few tokens, have no later queries.
        var first = Math.Min(firstQuery, sequence.HalfLength / 2);
        var facts = new RepeatFacts(sequence.Ids.Items, first, sequence.Start, sequence.HalfLength);
        return new(sequence.Ids, SequenceMarks.OfRepeats(layout, facts));
    }

    // A corpus of millions of short lines is long to read before one of them is a unit.
    IEnumerable<AtlasUnit> TextUnits(AtlasShard shard, CancellationToken cancellation)
    {
        foreach (var sequence in texts.Read(
            options.Corpus, shard.Index, shard.Count, _ => cancellation.ThrowIfCancellationRequested()))
        {
            cancellation.ThrowIfCancellationRequested();
            if (options.Documents is { } most && sequence.Document >= most)
                yield break;
            if (sequence.Part >= (options.PartsOfDocument ?? MostParts))
                continue;
            var cells = SequenceMarks.OfText(
                layouts[AtlasPass.Text], FactsOf(sequence), options.FirstProfileKey);
            yield return new(
                AtlasPass.Text, ((long)sequence.Document * MostParts) + sequence.Part,
                (sequence.Document + sequence.Part) % PassSums.GroupCount, [new(sequence.Ids, cells)]);
        }
    }

    TextFacts FactsOf(TextSequence sequence)
    {
        var ids = sequence.Ids.Items;
        return new(
            ids,
            Math.Min(sequence.Start + options.FirstQuery, ids.Length),
            [.. ids.Select(id => (int)delimiters[id] - 1)],
            [.. ids.Select((id, place) => place == 0 || !delimiters.ContinuesWord(ids[place - 1], id))],
            [.. ids.Select(frequent.Contains)]);
    }

    AtlasUnit RepeatUnit(int number) =>
        Unit(
            AtlasPass.Repeats, number,
            RepeatOf(repeats!.Make(number), layouts[AtlasPass.Repeats], options.FirstQuery));

    AtlasUnit SuccessorUnit(int number)
    {
        var prompt = successors.Make(number);
        var elements = prompt.Elements.Items.AsSpan().ToArray();
        var (run, permuted) = (
            prompt.RunOrdinals.Items.AsSpan().ToArray(), prompt.PermutedOrdinals.Items.AsSpan().ToArray());
        return Unit(
            AtlasPass.Successors, number,
            Sequence(prompt.Ids, rows => SuccessorDetector.Mark(elements, run, isControl: false, rows)),
            Sequence(prompt.ControlIds, rows => SuccessorDetector.Mark(elements, run, isControl: true, rows)),
            Sequence(prompt.PermutedIds, rows => SuccessorDetector.MarkPermuted(elements, permuted, rows)));

        UnitSequence Sequence(ValueArray<int> ids, Action<ScoreRows> mark) =>
            Marked(AtlasPass.Successors, ids, mark);
    }

    AtlasUnit NameUnit(int number)
    {
        var prompt = names.Make(number);
        return Unit(
            AtlasPass.IndirectObject, number,
            Marked(AtlasPass.IndirectObject, prompt.Ids, rows =>
                IndirectObjectDetector.Mark(prompt.End, prompt.Io, prompt.S1, prompt.S2, rows)),
            Marked(AtlasPass.IndirectObject, prompt.ControlIds, rows =>
                IndirectObjectDetector.MarkControl(prompt.End, prompt.S2, rows)));
    }

    UnitSequence Marked(AtlasPass pass, ValueArray<int> ids, Action<ScoreRows> mark)
    {
        var rows = new ScoreRows(layouts[pass], ids.Length);
        mark(rows);
        return new(ids, rows.ToCells());
    }

    IEnumerable<AtlasUnit> Numbered(AtlasPass pass, Func<int, AtlasUnit> make, AtlasShard shard)
    {
        for (var number = shard.Index; number < CountOf(pass); number += shard.Count)
            yield return make(number);
    }

    static AtlasUnit Unit(AtlasPass pass, int number, params ImmutableArray<UnitSequence> sequences) =>
        new(pass, number, number % PassSums.GroupCount, sequences);

    static HashSet<int> FrequentOf(Tokenizer tokenizer) => !tokenizer.EncodesTexts
        ? []
        :
        [
            .. TextCorpus.BuiltIn.Documents().SelectMany(document => tokenizer.Encode(document.Text).Ids)
                .CountBy(id => id).OrderByDescending(count => count.Value).ThenBy(count => count.Key)
                .Take(FrequentTokens).Select(count => count.Key),
        ];
}
