namespace RatIlgpu.Html;

/// <summary>Compares two traces: which parts correspond, and how their shares differ.</summary>
sealed class TraceComparison
{
    public TraceComparison(TraceResult a, TraceResult b)
    {
        (WholeA, WholeB) = (a, b);
        // The page does not show explanations.
        (A, B) = (DrawnTrace.Of(a with { Explanations = [] }), DrawnTrace.Of(b with { Explanations = [] }));
        Alignment = Alignment.Of(a.Tokens, b.Tokens);
        Tokens = Sorted(CompareTokens());
        Links = Sorted(CompareLinks());
        Paths = Sorted(ComparePaths());
        Scale = DifferenceScale.Of([.. Tokens, .. Links, .. Paths]);
    }

    /// <summary>Gets the first trace, with every path that was found.</summary>
    public TraceResult WholeA { get; }

    /// <summary>Gets the second trace, with every path that was found.</summary>
    public TraceResult WholeB { get; }

    /// <summary>Gets the first trace, with the paths that are drawn.</summary>
    public TraceResult A { get; }

    /// <summary>Gets the second trace, with the paths that are drawn.</summary>
    public TraceResult B { get; }

    /// <summary>Gets the shades of the differences.</summary>
    public DifferenceScale Scale { get; }

    /// <summary>Gets whether the traces are equal, apart from their notices and what explains their
    /// links.</summary>
    public bool AreEqual => ComparePage.AreEqual(WholeA, WholeB);

    /// <summary>Gets the pairs of corresponding tokens.</summary>
    public Alignment Alignment { get; }

    /// <summary>Gets the tokens on the paths of either trace, by position, the largest difference first.</summary>
    public ImmutableArray<ShareDifference> Tokens { get; }

    /// <summary>Gets the links of both traces, by index, the largest difference first.</summary>
    public ImmutableArray<ShareDifference> Links { get; }

    /// <summary>Gets the paths of both traces, by rank, the largest difference first. Paths correspond if all their
    /// tokens do.</summary>
    public ImmutableArray<ShareDifference> Paths { get; }

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

    IEnumerable<ShareDifference> CompareLinks()
    {
        var left = B.Sankey.Links.Index()
            .ToDictionary(link => (link.Item.Source, link.Item.Target), link => link.Index);
        foreach (var (index, link) in A.Sankey.Links.Index())
        {
            var counterpart = (Alignment.BOfA[link.Source], Alignment.BOfA[link.Target]);
            yield return left.Remove(counterpart, out var b)
                ? new(index, b, A.ShareOf(link), B.ShareOf(B.Sankey.Links[b]))
                : new(index, Alignment.None, A.ShareOf(link), 0);
        }

        foreach (var b in left.Values)
            yield return new(Alignment.None, b, 0, B.ShareOf(B.Sankey.Links[b]));
    }

    IEnumerable<ShareDifference> ComparePaths()
    {
        var left = new SortedSet<int>(Enumerable.Range(0, B.Paths.Length));
        for (var a = 0; a < A.Paths.Length; a++)
        {
            var counterpart = A.Paths[a].Positions.Select(position => Alignment.BOfA[position]).ToArray();
            var b = left.FirstOrDefault(path => B.Paths[path].Positions.SequenceEqual(counterpart), Alignment.None);
            left.Remove(b);
            yield return new(a, b, A.PathWeights[a], b == Alignment.None ? 0 : B.PathWeights[b]);
        }

        foreach (var b in left)
            yield return new(Alignment.None, b, 0, B.PathWeights[b]);
    }

    static Dictionary<int, double> SharesOfTokens(TraceResult trace)
    {
        var shares = new Dictionary<int, double>();
        foreach (var (path, weight) in trace.Paths.Zip(trace.PathWeights))
            foreach (var position in path.Positions)
                shares[position] = shares.GetValueOrDefault(position) + weight;
        return shares;
    }

    static ImmutableArray<ShareDifference> Sorted(IEnumerable<ShareDifference> differences) =>
        [.. differences.OrderByDescending(pair => Math.Abs(pair.Difference))
            .ThenBy(pair => pair.A == Alignment.None).ThenBy(pair => pair.A).ThenBy(pair => pair.B)];
}

/// <summary>The share of a token, a link or a path in two traces.</summary>
/// <param name="A">Its index in A; −1 if A does not have it.</param>
/// <param name="B">Its index in B; −1 if B does not have it.</param>
/// <param name="ShareA">The sum of the weights of the paths through it in A, in [0, 1]; 0 if A does not have
/// it.</param>
/// <param name="ShareB">The same in B.</param>
readonly record struct ShareDifference(int A, int B, double ShareA, double ShareB)
{
    /// <summary>The smallest difference that is not called equal: a smaller one would be shown as 0.00
    /// points.</summary>
    public const double Least = 0.00005;

    // Below one point, two decimals tell differences apart.
    const double Fine = 0.01;

    /// <summary>Gets the share in A minus the share in B.</summary>
    public double Difference => ShareA - ShareB;

    /// <summary>Gets the difference without its sign.</summary>
    public double Size => Math.Abs(Difference);

    /// <summary>Gets the difference in words, in percentage points, such as <c>A +12.5 points</c>.</summary>
    public string Words => Size < Least
        ? "equal"
        : Size < Fine ? Points("F2") : Points("F1");

    /// <summary>Gets the side with the larger share.</summary>
    public char Side => Difference > 0 ? 'a' : 'b';

    string Points(string format) =>
        $"{char.ToUpperInvariant(Side)} +{(Size * 100).ToString(format, CultureInfo.InvariantCulture)} points";
}
