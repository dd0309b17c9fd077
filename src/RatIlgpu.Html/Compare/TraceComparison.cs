namespace RatIlgpu.Html;

/// <summary>Compares two traces: which parts correspond, and how their shares differ.</summary>
sealed class TraceComparison : Comparison
{
    public TraceComparison(TraceResult a, TraceResult b)
        : base(a.Tokens, b.Tokens)
    {
        (WholeA, WholeB) = (a, b);
        (A, B) = (DrawnTrace.Of(a), DrawnTrace.Of(b));
        Sort(CompareTokens(), CompareLinks(), ComparePaths());
    }

    /// <summary>Gets the first trace, with every path that was found.</summary>
    public TraceResult WholeA { get; }

    /// <summary>Gets the second trace, with every path that was found.</summary>
    public TraceResult WholeB { get; }

    /// <summary>Gets the first trace, with the paths that are drawn.</summary>
    public TraceResult A { get; }

    /// <summary>Gets the second trace, with the paths that are drawn.</summary>
    public TraceResult B { get; }

    /// <inheritdoc/>
    public override bool AreEqual => (WholeA with { Notices = [] }).Equals(WholeB with { Notices = [] });

    IEnumerable<ShareDifference> CompareTokens()
    {
        var (sharesA, sharesB) = (SharesOfTokens(A), SharesOfTokens(B));
        for (var a = 0; a < A.Tokens.Length; a++)
        {
            var b = Alignment.BOfA[a];
            if (sharesA.ContainsKey(a) || sharesB.ContainsKey(b))
                yield return new(a, b, sharesA.GetValueOrDefault(a), sharesB.GetValueOrDefault(b));
        }

        foreach (var (b, share) in sharesB.Where(token => Alignment.AOfB[token.Key] == Alignment.None))
            yield return new(Alignment.None, b, 0, share);
    }

    IEnumerable<ShareDifference> CompareLinks() => Pair(
        LinksOf(A), LinksOf(B), ends => (Alignment.BOfA[ends.Source], Alignment.BOfA[ends.Target]));

    IEnumerable<ShareDifference> ComparePaths() => Pair(PathsOf(A), PathsOf(B));

    static ImmutableArray<((int Source, int Target) Ends, double Share)> LinksOf(TraceResult trace) =>
        [.. trace.Sankey.Links.Select(link => ((link.Source, link.Target), trace.ShareOf(link)))];

    static PathSet PathsOf(TraceResult trace) =>
        new([.. trace.Paths.Select(path => path.Positions)], trace.PathWeights);

    static Dictionary<int, double> SharesOfTokens(TraceResult trace)
    {
        var shares = new Dictionary<int, double>();
        foreach (var (path, weight) in trace.Paths.Zip(trace.PathWeights))
            foreach (var position in path.Positions)
                shares[position] = shares.GetValueOrDefault(position) + weight;
        return shares;
    }
}
