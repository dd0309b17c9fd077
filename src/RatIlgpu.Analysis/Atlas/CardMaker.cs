namespace RatIlgpu.Analysis;

/// <summary>Makes the full cards of heads: mean maps, example sequences by decile of activity, and the main directions
/// of their vectors.</summary>
/// <param name="model">The model.</param>
/// <param name="sums">The sums of the atlas.</param>
sealed class CardMaker(LanguageModel model, AtlasSums sums)
{
    const int Deciles = 10;
    const int VectorTexts = 25;
    const int VectorPositions = 16;

    static readonly ImmutableArray<HeadVectorKind> Kinds = [.. Enum.GetValues<HeadVectorKind>()];

    readonly ImmutableArray<SequenceActivity> sample = [.. sums.Activities.Sequences];

    /// <summary>Returns the heads whose cards are made: the most confident one of each role in turn, then the second,
    /// until there are enough.</summary>
    /// <param name="heads">All heads, with their roles.</param>
    /// <param name="count">The most cards.</param>
    public static ImmutableArray<HeadIndex> Choose(ImmutableArray<AtlasHead> heads, int count) =>
    [
        .. heads.SelectMany(head => head.Roles.Select(label => (label.Role, label.Confidence, head.Head)))
            .GroupBy(one => one.Role)
            .SelectMany(role => role.OrderByDescending(one => one.Confidence).ThenBy(one => one.Head).Index())
            .OrderBy(one => one.Index).ThenBy(one => one.Item.Role).Select(one => one.Item.Head).Distinct().Take(count),
    ];

    /// <summary>Returns the cards, with the sequences and positions that they have in common.</summary>
    /// <param name="heads">The heads, in the order of the cards.</param>
    /// <param name="progress">Is told the share that is done; null for nobody.</param>
    /// <param name="cancellation">Stops.</param>
    public CardResult Make(
        ImmutableArray<HeadIndex> heads, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        if (heads.IsEmpty)
            return new([], [], []);
        var examples = heads.ToDictionary(head => head, ExamplesOf);
        var points = sample.Take(VectorTexts).ToDictionary(one => one.Number, PositionsOf);
        var texts = sample.Where(one =>
            points.ContainsKey(one.Number) || examples.Values.Any(all => all.Any(of => of.Sequence == one)))
            .OrderBy(one => one.Number).ToList();
        var (shown, vectors) = (new Dictionary<(HeadIndex, long), (short[] Keys, float[] Attention)>(), Empty(heads));
        foreach (var (place, text) in texts.Index())
        {
            HeadIndex[] seen = [.. heads.Where(head => examples[head].Any(of => of.Sequence == text))];
            var probe = new CardProbe(model.Config, seen, heads, points.GetValueOrDefault(text.Number, []));
            model.Network.Run(text.Ids.AsSpan(), new()
            {
                Probe = probe,
                StopAfter = new(Activation.HeadOutput, heads.Max(head => head.Layer)),
                LogitCount = 0,
                Cancellation = cancellation,
            });
            foreach (var head in seen)
                shown[(head, text.Number)] = probe.Attention[head];
            foreach (var (key, rows) in probe.Vectors)
                vectors[key].AddRange(rows);
            progress?.Invoke((place + 1.0) / texts.Count);
        }

        return new([.. heads.Select(Card)], TokensOf(texts), PointsOf(texts, points));

        HeadCard Card(HeadIndex head) => new(head)
        {
            Maps = MapsOf(head),
            Examples =
            [
                .. examples[head].Select(one => Example(
                    head, one.Decile, one.Sequence, texts.IndexOf(one.Sequence), shown[(head, one.Sequence.Number)])),
            ],
            BiasScores = [.. BiasScores.Of(model.Network, head, PassLayout.Offsets)],
            Vectors = [.. Kinds.Select(kind => Directions.Of(kind, vectors[(head, kind)]))],
        };
    }

    ImmutableArray<AtlasText> TokensOf(IEnumerable<SequenceActivity> texts) =>
    [
        .. texts.Select(text => new AtlasText(text.Number, [.. text.Ids.Select(id => model.Tokenizer.Token(id))])),
    ];

    static ImmutableArray<VectorPoint> PointsOf(
        IEnumerable<SequenceActivity> texts, Dictionary<long, int[]> points) =>
    [
        .. texts.Index().SelectMany(text => points.GetValueOrDefault(text.Item.Number, [])
            .Select(position => new VectorPoint(text.Index, position))),
    ];

    static Dictionary<(HeadIndex, HeadVectorKind), List<float[]>> Empty(ImmutableArray<HeadIndex> heads) =>
        heads.SelectMany(head => Kinds.Select(kind => (head, kind)))
            .ToDictionary(key => key, _ => new List<float[]>());

    // The positions of the smallest hashes, ascending.
    static int[] PositionsOf(SequenceActivity sequence) =>
    [
        .. Enumerable.Range(0, sequence.Ids.Length)
            .OrderBy(position => SeededRandom.Mix(SeededRandom.Mix((ulong)sequence.Number) + (ulong)position))
            .Take(VectorPositions).Order(),
    ];

    // The sequence at the end of each decile, by the nearest rank; one that ends several stands for the highest.
    List<(int Decile, SequenceActivity Sequence)> ExamplesOf(HeadIndex head)
    {
        var place = PlaceOf(head);
        // Sequences are in the order of their hashes, and equal ones stay in it.
        SequenceActivity[] sorted = [.. sample.OrderBy(sequence => sequence.Most[place])];
        return
        [
            .. Enumerable.Range(1, Deciles).Reverse().Where(_ => sorted.Length > 0)
                .Select(decile => (Decile: decile, Sequence: sorted[RankOf(decile, sorted.Length)]))
                .DistinctBy(one => one.Sequence),
        ];
    }

    static int RankOf(int decile, int count) => (((decile * count) + Deciles - 1) / Deciles) - 1;

    int PlaceOf(HeadIndex head) => (head.Layer * model.Config.HeadCount) + head.Head;

    HeadExample Example(
        HeadIndex head,
        int decile,
        SequenceActivity sequence,
        int text,
        (short[] Keys, float[] Attention) shown) => new(
            decile, text, sequence.Most[PlaceOf(head)], sequence.Peaks[PlaceOf(head)],
            ImmutableCollectionsMarshal.AsImmutableArray(shown.Keys),
            ImmutableCollectionsMarshal.AsImmutableArray(shown.Attention));

    ImmutableArray<MeanMap> MapsOf(HeadIndex head) =>
    [
        .. from pass in AtlasLayouts.Passes
           where sums[pass].Numbers.Count > 0
           let statistics = new PassStatistics(sums[pass], model.Config)
           from map in Enumerable.Range(0, statistics.Layout.Maps.Length)
           select new MeanMap(
               statistics.Layout.Maps[map],
               ImmutableCollectionsMarshal.AsImmutableArray(statistics.MapOf(head, map))),
    ];
}

/// <summary>Cards, and what they have in common.</summary>
/// <param name="Cards">The cards.</param>
/// <param name="Texts">The sequences.</param>
/// <param name="Points">The positions of vectors.</param>
sealed record CardResult(
    ImmutableArray<HeadCard> Cards, ImmutableArray<AtlasText> Texts, ImmutableArray<VectorPoint> Points);
