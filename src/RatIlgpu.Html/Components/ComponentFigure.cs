using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>A matrix of the page of components, or several of them along further axes.</summary>
/// <param name="Id">The name in the address of the page.</param>
/// <param name="Title">The name that the reader sees.</param>
/// <param name="Note">What the numbers are.</param>
/// <param name="IsSigned">Whether a number can be negative.</param>
/// <param name="Array">The numbers; the last two axes are the rows and the columns.</param>
sealed record ComponentFigure(string Id, string Title, string Note, bool IsSigned, LabelledArray Array);

/// <summary>Makes the figures of a report.</summary>
/// <param name="report">The report.</param>
/// <param name="tokens">Returns the text of a token.</param>
sealed class ComponentFigures(ComponentReport report, Func<int, TokenText> tokens)
{
    // In characters, on an axis.
    const int LongestToken = 16;

    const int DrawnPairs = 24;

    const string Pairs = "Rows are terms of the query, columns terms of the key: the numbers of components, rest (all "
        + "other components), delta (what no component has) and bias. ";

    /// <summary>Returns the figures in the order of the page; those without a cell are left out.</summary>
    public ImmutableArray<ComponentFigure> All() =>
    [
        .. ((IEnumerable<ComponentFigure>)
        [
            .. Exact(), .. Offsets(), .. report.Matrices.SelectMany(OfMatrix), .. CoActivations(),
            new(
                "similarity", "Read similarity of values and keys",
                "The cosine of the directions that a value and a key component read, with the gain of the norm.", true,
                report.ReadSimilarity),
            .. report.Induction.Select(Induction), .. report.Matrices.Select(Weights),
        ]).Where(figure => figure.Array.Values.Length > 0),
    ];

    IEnumerable<ComponentFigure> Exact()
    {
        var scores = report.Scores;
        ArrayAxis heads = QueryHeads("head");
        ArrayAxis keys = new("key", [.. scores.Keys.Select(Token)]);
        yield return new(
            "pairs", "Score by pairs of components",
            Pairs + "All cells add up to the score of the head for the key.", true,
            new([heads, keys, scores.Values.Axes[2], scores.Values.Axes[3]], scores.Values.Values));
        yield return new(
            "scores", "Scores", "The score of each key, the sum over all pairs, before the softmax.", true,
            new([heads, keys], scores.Scores.Values));
        yield return new(
            "attention", "Attention", "The softmax of the scores over all keys that the query sees.", false,
            new([heads, keys], scores.Attention.Values));
    }

    IEnumerable<ComponentFigure> Offsets()
    {
        var array = OffsetsWithSum();
        yield return new(
            "offsets", "By weights alone: pairs of components",
            Pairs + "The score if the stream had the direction of what both components read, at a distance from key to "
            + "query; the sign is that of the mean activation.", true, array);
        yield return new(
            "offset-changes", "By weights alone: less the first distance",
            Pairs + "What the distance from key to query changes.", true,
            new(array.Axes, [.. array.Values.Select((value, place) => value - array.Values[place % Size(array, 1)])]));
        yield return Strongest(array);
        yield return Standardised();
    }

    // A head with large scores has as much weight as one with small ones.
    ComponentFigure Standardised()
    {
        var array = report.Offsets;
        var (offsets, heads, size) = (array.Axes[0].Labels.Length, array.Axes[1].Labels.Length, Size(array, 2));
        var sums = new double[offsets * size];
        for (var head = 0; head < heads; head++)
        {
            double[] own =
            [
                .. from offset in Enumerable.Range(0, offsets)
                   from cell in Enumerable.Range(0, size)
                   select array.Values[(((offset * heads) + head) * size) + cell] ?? 0,
            ];
            var mean = own.Average();
            var deviation = Math.Sqrt(own.Average(value => (value - mean) * (value - mean)));
            for (var cell = 0; cell < own.Length; cell++)
                sums[cell] += deviation > 0 ? (own[cell] - mean) / deviation / heads : 0;
        }

        return new(
            "offset-z", "By weights alone: standard scores",
            Pairs + "The score of each head less its mean over all pairs and distances, by its standard deviation; the "
            + "mean over the heads, so that each has the same weight.", true,
            new([array.Axes[0], array.Axes[2], array.Axes[3]], [.. sums.Select(sum => (double?)sum)]));
    }

    /// <summary>Returns the scores by weights alone; of the heads, their sum comes first.</summary>
    public LabelledArray OffsetsWithSum()
    {
        var array = report.Offsets;
        var (offsets, heads, size) = (array.Axes[0].Labels.Length, array.Axes[1].Labels.Length, Size(array, 2));
        var values = new List<double?>();
        for (var offset = 0; offset < offsets; offset++)
        {
            var own = array.Values.Slice(offset * heads * size, heads * size);
            for (var cell = 0; cell < size; cell++)
                values.Add(Enumerable.Range(0, heads).Sum(head => own[(head * size) + cell]));
            values.AddRange(own);
        }

        return new(
            [
                new("offset", array.Axes[0].Labels), new("head", ["sum", .. QueryHeads("head").Labels]), array.Axes[2],
                array.Axes[3],
            ],
            [.. values]);
    }

    // The pairs with the largest sum over the heads at any offset, along the offsets.
    static ComponentFigure Strongest(LabelledArray array)
    {
        var (heads, size, keys) = (array.Axes[1].Labels.Length, Size(array, 2), array.Axes[3].Labels.Length);
        var offsets = Enumerable.Range(0, array.Axes[0].Labels.Length).ToList();
        int[] pairs =
        [
            .. Enumerable.Range(0, size)
                .OrderByDescending(pair => offsets.Max(offset => Math.Abs(At(offset, 0, pair) ?? 0))).Take(DrawnPairs),
        ];
        return new(
            "offset-pairs", "By weights alone: strongest pairs",
            "The pairs of a query term and a key term with the largest sum over the heads at any distance.", true,
            new(
                [
                    array.Axes[1],
                    new("pair", [.. pairs.Select(pair =>
                        $"{array.Axes[2].Labels[pair / keys]}·{array.Axes[3].Labels[pair % keys]}")]),
                    array.Axes[0],
                ],
                [
                    .. from head in Enumerable.Range(0, heads)
                       from pair in pairs
                       from offset in offsets
                       select At(offset, head, pair),
                ]));

        double? At(int offset, int head, int pair) => array.Values[(((offset * heads) + head) * size) + pair];
    }

    static int Size(LabelledArray array, int firstAxis) =>
        array.Axes.Skip(firstAxis).Aggregate(1, (product, axis) => product * axis.Labels.Length);

    IEnumerable<ComponentFigure> OfMatrix(MatrixReport matrix)
    {
        var (name, activity) = (NameOf(matrix.Projection), report.Activity.Matrices[(int)matrix.Projection]);
        ArrayAxis components = new("component", [.. matrix.Components.Select((_, place) => matrix.NameOf(place))]);
        yield return new(
            $"norms-{name}", $"Heads of {name} components, by weights",
            "The norm of the part of each component in each head.", false,
            new([components, HeadsOf(matrix)], matrix.Norms.Values));
        yield return new(
            $"activity-{name}", $"Heads of {name} components, by activity",
            "The mean size of what the component writes in each head (outputs: what it reads of each head), over the "
            + FormattableString.Invariant($"tokens at which it is active: |a| ‖U‖ above {report.Activity.Threshold} ")
            + "of the output without bias; grey: never active.", false,
            new([components, HeadsOf(matrix)], activity.Heads.Values));
    }

    IEnumerable<ComponentFigure> CoActivations()
    {
        var groups = report.Activity.Groups;
        ArrayAxis heads = new("key/value head", [.. Enumerable.Range(0, groups.Length).Select(KeyHead)]);
        foreach (var (id, title, isSigned, number) in ((string, string, bool, Func<CoActivation, double>)[])
        [
            ("phi", "correlation φ", true, pair => pair.Phi), ("both", "count", false, pair => pair.Both),
            ("expected", "count if independent", false, pair => pair.Expected),
            ("jaccard", "Jaccard", false, pair => pair.Jaccard),
            ("value-given-key", "P(value | key)", false, pair => pair.ValueGivenKey),
            ("key-given-value", "P(key | value)", false, pair => pair.KeyGivenValue),
        ])
            yield return new(
                $"co-{id}", $"Keys and values: {title}",
                FormattableString.Invariant($"Over {report.Activity.Tokens} tokens. A component is active where its ")
                + FormattableString.Invariant($"part in the key/value head is more than {report.Activity.Threshold} ")
                + "of the output of the head without bias.", isSigned,
                new(
                    [heads, report.ReadSimilarity.Axes[0], report.ReadSimilarity.Axes[1]],
                    [.. groups.SelectMany(pairs => pairs.Select(pair => (double?)number(pair)))]));
    }

    ComponentFigure Induction(InductionDetail detail) => new(
        $"induction-{detail.Head.Head}", $"Induction of {detail.Head}: effects",
        "The induction score of each head less its score without the component at all positions: blue helps. "
        + $"Components are sorted by their effect on {detail.Head}.", true,
        new(
            [
                new("component", [.. detail.Effects.Select(effect => FormattableString.Invariant(
                    $"{NameOf(effect.Projection)} {effect.Component}"))]),
                QueryHeads("head"),
            ],
            [.. detail.Effects.SelectMany(effect => effect.Effects.Select(number => (double?)number))]));

    static ComponentFigure Weights(MatrixReport matrix) => new(
        $"weights-{NameOf(matrix.Projection)}", $"Weights of the {NameOf(matrix.Projection)} matrix",
        "With the gain of the norm before it. Each cell has the number of the largest magnitude of its block; blocks "
        + "do not cross heads, whose rows or columns are named head:number.", true, matrix.Weights);

    ArrayAxis HeadsOf(MatrixReport matrix) => matrix.Projection is AttentionProjection.Key or AttentionProjection.Value
        ? new("key/value head", [.. matrix.Norms.Axes[1].Labels.Index().Select(one => KeyHead(one.Index))])
        : QueryHeads("query head");

    ArrayAxis QueryHeads(string name) => new(
        name,
        [
            .. Enumerable.Range(0, report.Scores.Values.Axes[0].Labels.Length).Select(head =>
                new HeadIndex(report.Layer, head).ToString()),
        ]);

    string Token(int position)
    {
        var text = TokenGlyphs.Line(TokenGlyphs.Show(tokens(report.Prompt[position]), LongestToken), LongestToken);
        return FormattableString.Invariant($"{text} {position}");
    }

    static string KeyHead(int head) => FormattableString.Invariant($"kv {head}");

    static string NameOf(AttentionProjection projection) => projection.ToString().ToLowerInvariant();
}
