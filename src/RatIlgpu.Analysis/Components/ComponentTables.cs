using RatIlgpu.Text;
using RatIlgpu.Tracing;
using static System.FormattableString;

namespace RatIlgpu.Analysis;

/// <summary>Puts a report on components into tables, which the page, the Markdown file and the command show.</summary>
public static class ComponentTables
{
    const int LargestPairs = 3;

    // Components that have nothing of a matrix in common with it lack all of it, and what they add.
    const double Foreign = 1;

    /// <summary>Returns what a reader must know of the components before all tables.</summary>
    /// <param name="report">The report.</param>
    public static ValueArray<string> Caveats(ComponentReport report) => report.Kind == DecompositionKind.File
        ? []
        :
        [
            "SVD baseline: the components are singular vectors of "
                + (report.Circuit, report.Kind) switch
                {
                    ({ } circuit, _) => Invariant($"the scores of {circuit.Head} at the distance {circuit.Distance}, ")
                        + "where each query component meets the key component of the same number alone; what other "
                        + "heads have of these matrices is delta, and values and outputs are those of each head. ",
                    (_, DecompositionKind.HeadSvd) => "the block of each head. ",
                    _ => "each whole matrix. ",
                }
                + "They are not determined where singular values are equal, their sign is a convention, and they are "
                + "orthogonal, which the parts of a mechanism need not be: nothing that is claimed of trained "
                + "decompositions holds for them.",
        ];

    /// <summary>Returns what makes the components doubtful, a sentence for each matrix; usually nothing.</summary>
    /// <param name="report">The report.</param>
    public static ValueArray<string> Warnings(ComponentReport report) =>
    [
        .. report.Matrices.Where(matrix => matrix.Count > 0 && matrix.DeltaShare >= Foreign).Select(matrix =>
            Invariant($"The components lack {Percent(matrix.DeltaShare)} of the {Lower(matrix.Projection)} ")
            + "matrix: they may be of another model, or the metadata of their file may not say its layout."),
    ];

    /// <summary>Returns the tables.</summary>
    /// <param name="report">The report.</param>
    /// <param name="tokens">Returns the text of a token.</param>
    /// <param name="most">The most rows of a table.</param>
    /// <param name="hasStories">Whether there is a table of each query component that says what it looks for.</param>
    public static ImmutableArray<ReportTable> Of(
        ComponentReport report, Func<int, TokenText> tokens, int most = 10, bool hasStories = true) =>
    [
        Matrices(report), RoleTable.Of(report, most),
        .. report.Matrices.Where(matrix => matrix.Count > 0).Select(matrix =>
            OfMatrix(matrix, report.Activity, most)),
        Scores(report, tokens),
        .. report.Induction.SelectMany(detail =>
            (IEnumerable<ReportTable>)[InductionTables.Effects(detail, most), InductionTables.Feeders(detail)]),
        .. hasStories ? StoryTables.Of(report, most) : [],
    ];

    /// <summary>Returns a number with the digits of its column.</summary>
    internal static string Number(double? number) => number is { } some ? Invariant($"{some:0.000}") : "–";

    /// <summary>Returns a share in percent.</summary>
    internal static string Percent(double? share) => share switch
    {
        null => "–",
        // Of a decomposition that is not of this matrix, in few letters.
        >= 1e4 => Invariant($"{share * 100:0.0e+0} %"),
        { } some => Invariant($"{some * 100:0.0} %"),
    };

    static ReportTable Matrices(ComponentReport report) => new(
        Invariant($"Matrices of layer {report.Layer}"),
        [
            "A component counts by its importance where the file has it, else while 95 % of the energy is not "
                + "reached. Delta is what the components do not have of the matrix, as a share of its norm.",
            .. Warnings(report),
        ],
        ["matrix", "heads", "components", "that count", "reported", "their energy", "delta"],
        [
            .. report.Matrices.Select(matrix => (ValueArray<string>)
            [
                Lower(matrix.Projection), Invariant($"{matrix.Norms.Axes[1].Labels.Length}"),
                Invariant($"{matrix.Count}"), Invariant($"{matrix.AliveCount}"),
                Invariant($"{matrix.Components.Length}"),
                Percent(matrix.EnergyShares.Sum()), Percent(matrix.DeltaShare),
            ]),
        ]);

    static ReportTable OfMatrix(MatrixReport matrix, ComponentActivity activity, int most)
    {
        var own = activity.Matrices[(int)matrix.Projection];
        var heads = matrix.Projection is AttentionProjection.Key or AttentionProjection.Value
            ? "key/value heads"
            : "query heads";
        return new(
            $"Components of the {Lower(matrix.Projection)} matrix",
            [
                Invariant($"Spread over {matrix.Norms.Axes[1].Labels.Length} {heads}, with the entropy in nats. ")
                    + Invariant($"Active: |a| ‖U‖ above {activity.Threshold} of the output without bias, over ")
                    + Invariant($"{activity.Tokens} tokens."),
            ],
            [
                "component", "energy", "importance", "entropy", "of ln(heads)", "heads that take part", "largest in",
                "active", "mean |a| ‖U‖", .. matrix.FiringDensities is null ? [] : (string[])["active in training"],
            ],
            [
                .. matrix.Components.Take(most).Select((_, place) => (ValueArray<string>)
                [
                    matrix.NameOf(place), Percent(matrix.EnergyShares[place]),
                    Number(matrix.Importances?[place]),
                    Number(matrix.Spreads[place].Entropy), Number(matrix.Spreads[place].Relative),
                    Number(matrix.Spreads[place].Participation), Invariant($"{matrix.Spreads[place].Dominant}"),
                    Percent((double)own.Active[place] / activity.Tokens), Number(own.MeanSize[place]),
                    .. matrix.FiringDensities is { } fires ? (string[])[Percent(fires[place])] : [],
                ]),
            ]);
    }

    static ReportTable Scores(ComponentReport report, Func<int, TokenText> tokens)
    {
        var (scores, values) = (report.Scores, report.Scores.Values);
        return new(
            Invariant($"Scores of the query at {scores.Query}, {Token(scores.Query)}"),
            [
                "Of each head the key with the most attention, and the pairs of a query term and a key term with the "
                    + "largest parts of its score. With rest, delta and bias all pairs add up to the score; the "
                    + Invariant($"largest difference from the run is {scores.LargestError:0.0e+0} of ‖q‖ ‖k‖ / √d."),
            ],
            ["head", "key", "attention", "score", "largest parts"],
            [
                .. Enumerable.Range(0, values.Axes[0].Labels.Length).Select(head =>
                {
                    var key = Enumerable.Range(0, scores.Keys.Length).MaxBy(place => scores.Attention[head, place]);
                    return (ValueArray<string>)
                    [
                        new HeadIndex(scores.Layer, head).ToString(),
                        Invariant($"{scores.Keys[key]} {Token(scores.Keys[key])}"),
                        Percent(scores.Attention[head, key]), Number(scores.Scores[head, key]),
                        string.Join(", ", Largest(values, head, key)),
                    ];
                }),
            ]);

        string Token(int position) => PathText.Token(tokens(report.Prompt[position]));
    }

    static IEnumerable<string> Largest(LabelledArray values, int head, int key)
    {
        var (queries, keys) = (values.Axes[2].Labels, values.Axes[3].Labels);
        return
            (from query in Enumerable.Range(0, queries.Length)
             from other in Enumerable.Range(0, keys.Length)
             let part = values[head, key, query, other] ?? 0
             orderby Math.Abs(part) descending
             select $"{queries[query]}·{keys[other]} {Number(part)}").Take(LargestPairs);
    }

    /// <summary>Returns a matrix as it stands in a sentence.</summary>
    internal static string Lower(AttentionProjection projection) => projection.ToString().ToLowerInvariant();
}
