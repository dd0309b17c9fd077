namespace RatIlgpu.Html;

/// <summary>Compares two flows: which parts correspond, and how their shares differ. The share of a token is exact,
/// that of a step the probability of the drawn paths that take it.</summary>
sealed class FlowComparison : Comparison
{
    public FlowComparison(FlowResult a, FlowResult b, double? unit = null)
        : base(a.Tokens, b.Tokens)
    {
        (A, B) = (new(a, unit), new(b, unit));
        Sort(CompareTokens(), CompareLinks(), ComparePaths());
    }

    /// <summary>Gets the first flow.</summary>
    public FlowView A { get; }

    /// <summary>Gets the second flow.</summary>
    public FlowView B { get; }

    /// <inheritdoc/>
    public override bool AreEqual => A.Whole with { Notices = [] } == B.Whole with { Notices = [] };

    IEnumerable<ShareDifference> CompareTokens()
    {
        var (ofA, ofB) = (A.Whole.Shares, B.Whole.Shares);
        for (var a = 0; a < A.Whole.Tokens.Length; a++)
            if (Alignment.BOfA[a] is var b && (a < ofA.Length || (b != Alignment.None && b < ofB.Length)))
                yield return new(a, b, ShareAt(ofA, a), ShareAt(ofB, b));
        for (var b = 0; b < ofB.Length; b++)
            if (Alignment.AOfB[b] == Alignment.None)
                yield return new(Alignment.None, b, 0, ofB[b]);

        static double ShareAt(ValueArray<double> shares, int position) =>
            position >= 0 && position < shares.Length ? shares[position] : 0;
    }

    // Steps correspond in layers of one number.
    IEnumerable<ShareDifference> CompareLinks() => Pair(
        StepsOf(A), StepsOf(B), step => (step.Layer, Alignment.BOfA[step.From], Alignment.BOfA[step.To]));

    IEnumerable<ShareDifference> ComparePaths()
    {
        var (ofA, ofB) = (PathsOf(A), PathsOf(B));
        return LayersOf(A) == LayersOf(B)
            ? Pair(ofA, ofB)
            : [
                .. ofA.Weights.Select((share, path) => new ShareDifference(path, Alignment.None, share, 0)),
                .. ofB.Weights.Select((share, path) => new ShareDifference(Alignment.None, path, 0, share)),
            ];
    }

    static (int From, int To) LayersOf(FlowView view) =>
        (view.Whole.Options.FromLayer.Value, view.Whole.Options.ToLayer.Value);

    static PathSet PathsOf(FlowView view) =>
        new([.. view.Result.Paths.Select(path => path.Positions)], view.Drawn.Weights);

    static ImmutableArray<((int Layer, int From, int To) Ends, double Share)> StepsOf(FlowView view) =>
    [
        .. view.Links.Select(link => (
            (view.LayerOf(link), view.PositionOf(link.Key), view.PositionOf(link.Query)),
            link.Paths.Sum(path => view.Drawn.Weights[path]))),
    ];
}
