using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>A group of drawings of the page of components.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Note">What the numbers are.</param>
/// <param name="Charts">The drawings, at least one.</param>
/// <param name="Keys">What the colours of lines mean, by their hue.</param>
sealed record ChartGroup(
    string Title, string Note, ImmutableArray<Chart> Charts, ImmutableArray<string> Keys = default);

/// <summary>Draws what is read from a report as dots, bars and lines rather than as matrices.</summary>
/// <param name="report">The report.</param>
/// <param name="scores">The scores by weights alone, <c>[offset, head, query term, key term]</c>, of which the first
/// head is the sum.</param>
sealed class ComponentCharts(ComponentReport report, LabelledArray scores)
{
    const int MostLines = 7, MostFaint = 120, MostPairs = 6, MostDots = 300;

    /// <summary>Returns the groups that have something to draw.</summary>
    public ImmutableArray<ChartGroup> All() =>
    [
        .. ((IEnumerable<ChartGroup>)[Strengths(), Spreads(), Sums(), Distances(), Pairs(), Heads(), Stories()])
            .Where(group => !group.Charts.IsEmpty),
    ];

    // Of each matrix, on both scales: a few large numbers hide all others on the plain one.
    ChartGroup Strengths() => new(
        "Strength of components",
        "Every component, the strongest first: its mean importance where the file has it, else the norm of U Vᵀ with "
        + "the gain, for singular vectors the singular value. Filled: reported. Dashed: those before it count.",
        [
            .. report.Matrices.Where(matrix => matrix.Count > 0).SelectMany(matrix =>
            {
                var name = matrix.Importances is null ? "norm" : "mean importance";
                return (IEnumerable<Chart>)
                [
                    Strength(matrix, ChartAxis.Of(name, matrix.Strengths), ""),
                    Strength(matrix, ChartAxis.Logarithmic(name, matrix.Strengths), ", powers of ten"),
                ];
            }),
        ]);

    static Chart Strength(MatrixReport matrix, ChartAxis up, string scale)
    {
        var chart = new Chart(
            $"{NameOf(matrix.Projection)}{scale}", ChartAxis.Of("rank", [matrix.Count]), up);
        chart.Border(matrix.AliveCount).Dots(
            matrix.Strengths.Select((number, place) => (place + 0.5, number)).Skip(matrix.Components.Length));
        foreach (var (place, component) in matrix.Components.Index())
            chart.Dot(place + 0.5, matrix.Strengths[place], $"{component}: {Number(matrix.Strengths[place])}");
        return chart;
    }

    ChartGroup Spreads() => new(
        "Spread over heads",
        "The entropy of the parts of each component in the heads, in nats; dashed: evenly in all heads. The stronger "
        + "the colour, the larger the norm over all heads.",
        [
            .. report.Matrices.Where(matrix => matrix.Components.Length > 0 && matrix.Spreads[0].Heads > 1)
                .Select(Spread),
        ]);

    static Chart Spread(MatrixReport matrix)
    {
        var ceiling = matrix.Spreads[0].Ceiling;
        var chart = new Chart(
            NameOf(matrix.Projection), ChartAxis.Of("rank of the component", [matrix.Components.Length]),
            ChartAxis.Of("entropy", [ceiling * 1.05]));
        double[] norms =
        [
            .. matrix.Components.Select((_, place) =>
                Enumerable.Range(0, matrix.Spreads[place].Heads).Sum(head => matrix.Norms[place, head] ?? 0)),
        ];
        foreach (var (place, component) in matrix.Components.Index())
            if (matrix.Spreads[place].Entropy is { } entropy)
                chart.Bar(
                    place + 0.5, 0.8, entropy, $"{component}: {Number(entropy)}",
                    $"shade-{Math.Clamp((int)Math.Ceiling(5 * norms[place] / norms.Max()), 1, 5)}");
        return chart.Level(ceiling);
    }

    // The equality that the report rests on, and what is lost without the terms that belong to no component.
    ChartGroup Sums()
    {
        var exact = report.Scores;
        double[] numbers =
        [
            .. exact.RunScores.Values.Concat(exact.Scores.Values).Select(value => value ?? 0),
            .. Places().Select(at => NamedSum(at.Head, at.Key)),
        ];
        var (across, up) = (ChartAxis.Of("score of the run", numbers), ChartAxis.Of("sum of the parts", numbers));
        return new(
            "Sums of parts and scores of the run",
            FormattableString.Invariant($"Each dot is a head and a key of the query at {exact.Query}. With rest, ")
            + "delta and bias the sums are the scores; the named components alone are not.",
            [
                Drawn("All terms", (head, key) => exact.Scores[head, key] ?? 0),
                Drawn("Named components alone", NamedSum),
            ]);

        Chart Drawn(string title, Func<int, int, double> sum)
        {
            var chart = new Chart(title, across, up)
                .Line([(across.Low, across.Low), (across.High, across.High)], "level");
            foreach (var (head, key) in Places())
                chart.Dot(
                    exact.RunScores[head, key] ?? 0, sum(head, key),
                    FormattableString.Invariant(
                        $"{new HeadIndex(report.Layer, head)}, key {exact.Keys[key]}: {Number(sum(head, key))} of ")
                    + Number(exact.RunScores[head, key] ?? 0));
            return chart;
        }

        IEnumerable<(int Head, int Key)> Places() =>
            from head in Enumerable.Range(0, exact.Scores.Axes[0].Labels.Length)
            from key in Enumerable.Range(0, exact.Keys.Length)
            select (head, key);

        // The last three terms are no components.
        double NamedSum(int head, int key) =>
            (from query in Enumerable.Range(0, exact.Values.Axes[2].Labels.Length - 3)
             from other in Enumerable.Range(0, exact.Values.Axes[3].Labels.Length - 3)
             select exact.Values[head, key, query, other] ?? 0).Sum();
    }

    ChartGroup Distances()
    {
        int[] pairs = [.. Strongest(MostFaint)];
        var chart = Empty("All heads", pairs.SelectMany(pair => Line(0, pair)))
            .Lines(pairs.Skip(MostLines).Select(pair => Line(0, pair)), "faint");
        foreach (var (place, pair) in pairs.Take(MostLines).Index())
            chart.Line(Line(0, pair), $"line hue-{place}", NameOf(pair));
        return new(
            "Scores by weights alone over distances",
            "The pairs of a query term and a key term with the largest sum over the heads at any distance; others are "
            + "grey.",
            scores.Axes[0].Labels.Length > 1 && pairs.Length > 0 ? [chart] : [],
            [.. pairs.Take(MostLines).Select(NameOf)]);
    }

    // The strongest pairs, each with its heads.
    ChartGroup Pairs() => new(
        "The strongest pairs, head by head",
        "Thick: the sum over the heads. Thin: each head.",
        scores.Axes[0].Labels.Length < 2
            ? []
            :
            [
                .. Strongest(MostPairs).Select(pair =>
                {
                    int[] heads = [.. Enumerable.Range(1, HeadCount)];
                    var chart = Empty(NameOf(pair), heads.Prepend(0).SelectMany(head => Line(head, pair)));
                    foreach (var head in heads)
                        chart.Line(Line(head, pair), "faint", scores.Axes[1].Labels[head]);
                    return chart.Line(Line(0, pair), "line hue-0", "sum");
                }),
            ]);

    ChartGroup Heads()
    {
        int[] pairs = [.. Strongest(MostDots)];
        int[] heads = [.. Enumerable.Range(1, HeadCount)];
        var across = ChartAxis.Of("sum over the heads", pairs.Select(pair => At(0, 0, pair)));
        return new(
            "Each head and the sum over the heads",
            "Scores by weights alone at the first distance; each dot is a pair of a query term and a key term.",
            pairs.Length == 0
                ? []
                :
                [
                    .. heads.Select(head => new Chart(
                        scores.Axes[1].Labels[head], across,
                        ChartAxis.Of("this head", heads.SelectMany(one => pairs.Select(pair => At(0, one, pair)))))
                        .Dots(pairs.Select(pair => (At(0, 0, pair), At(0, head, pair))))),
                ]);
    }

    // Bars of the keys that a query component looks for and avoids.
    ChartGroup Stories() => new(
        "What query components look for",
        "Key components with the largest scores by weights alone, summed over the heads, each at the distance where "
        + "its score is largest. The name is the key component and the distance.",
        [
            .. report.Stories.Where(story => !story.LooksFor.IsEmpty || !story.Avoids.IsEmpty).Select(story =>
            {
                StoryKey[] keys = [.. story.LooksFor, .. story.Avoids.Reverse()];
                var chart = new Chart(
                    FormattableString.Invariant($"Query component {story.Component}"),
                    new("key component (tokens back)", 0, keys.Length)
                    {
                        Names = [.. keys.Select(key => FormattableString.Invariant($"{key.Component} ({key.Offset})"))],
                    },
                    ChartAxis.Of("score", keys.Select(key => key.Peak)));
                foreach (var (place, key) in keys.Index())
                    chart.Bar(
                        place + 0.5, 0.8, key.Peak,
                        FormattableString.Invariant($"key {key.Component}, {key.Offset} back: {Number(key.Peak)}"),
                        key.Peak > 0 ? "shade-5" : "negative");
                return chart;
            }),
        ]);

    int HeadCount => scores.Axes[1].Labels.Length - 1;

    int PairCount => scores.Axes[2].Labels.Length * scores.Axes[3].Labels.Length;

    Chart Empty(string title, IEnumerable<(double X, double Y)> places) => new(
        title, ChartAxis.Of("distance", scores.Axes[0].Labels.Select(Offset)),
        ChartAxis.Of("score", places.Select(one => one.Y)));

    IEnumerable<int> Strongest(int most) => Enumerable.Range(0, PairCount).OrderByDescending(pair =>
        Enumerable.Range(0, scores.Axes[0].Labels.Length).Max(offset => Math.Abs(At(offset, 0, pair)))).Take(most);

    IEnumerable<(double X, double Y)> Line(int head, int pair) =>
        scores.Axes[0].Labels.Select((label, offset) => (Offset(label), At(offset, head, pair)));

    double At(int offset, int head, int pair) =>
        scores.Values[(((offset * (HeadCount + 1)) + head) * PairCount) + pair] ?? 0;

    string NameOf(int pair)
    {
        var keys = scores.Axes[3].Labels;
        return $"{scores.Axes[2].Labels[pair / keys.Length]}·{keys[pair % keys.Length]}";
    }

    static double Offset(string label) => double.Parse(label, CultureInfo.InvariantCulture);

    static string Number(double number) => PatchWords.Number(number);

    static string NameOf(AttentionProjection projection) => $"{projection} matrix";
}
