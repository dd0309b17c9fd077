using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Compares two results of one kind: which parts correspond, and how their shares differ.</summary>
/// <param name="a">The tokens of the first result.</param>
/// <param name="b">The tokens of the second result.</param>
abstract class Comparison(ImmutableArray<TokenText> a, ImmutableArray<TokenText> b)
{
    /// <summary>Gets the pairs of corresponding tokens.</summary>
    public Alignment Alignment { get; } = Alignment.Of(a, b);

    /// <summary>Gets the tokens that either result shows, by position, the largest difference first.</summary>
    public ImmutableArray<ShareDifference> Tokens { get; private set; }

    /// <summary>Gets the links of both results, by index, the largest difference first.</summary>
    public ImmutableArray<ShareDifference> Links { get; private set; }

    /// <summary>Gets the paths of both results, by rank, the largest difference first. Paths correspond if all their
    /// tokens do.</summary>
    public ImmutableArray<ShareDifference> Paths { get; private set; }

    /// <summary>Gets the shades of the differences.</summary>
    public DifferenceScale Scale { get; private set; }

    /// <summary>Gets whether the results are equal, apart from their notices.</summary>
    public abstract bool AreEqual { get; }

    /// <summary>Gets the first result, as the page shows it.</summary>
    public abstract ComparedSide SideA { get; }

    /// <summary>Gets the second result, as the page shows it.</summary>
    public abstract ComparedSide SideB { get; }

    /// <summary>Gets the words of the page.</summary>
    public abstract CompareWords Words { get; }

    /// <summary>Gets a sentence about what can be compared; null if all can.</summary>
    public abstract string? Caution { get; }

    /// <summary>Gets the parts of the scores of links that both results explain, the largest difference first; null
    /// where one of them explains none.</summary>
    public virtual ImmutableArray<PartDifference>? Parts => null;

    /// <summary>Gets a sentence that says why scores are not compared; null where nobody would look for them.</summary>
    public virtual string? WhyNoParts => null;

    /// <summary>Sets the differences.</summary>
    protected void Sort(
        IEnumerable<ShareDifference> tokens, IEnumerable<ShareDifference> links, IEnumerable<ShareDifference> paths)
    {
        (Tokens, Links, Paths) = (Sorted(tokens), Sorted(links), Sorted(paths));
        Scale = DifferenceScale.Of([.. Tokens, .. Links, .. Paths]);
    }

    /// <summary>Returns the function that colours the ribbons of a side by their difference.</summary>
    protected Func<Ribbon, (string Light, string Dark)> RibbonColours(bool isA, Func<Ribbon, int> linkOf)
    {
        var links = Links.ToLookup(pair => isA ? pair.A : pair.B, Scale.ColourOf);
        return ribbon => links[linkOf(ribbon)].FirstOrDefault() ?? Palette.Named["surface-2"];
    }

    /// <summary>Tells whether the counterpart of a token is another token, or missing.</summary>
    protected bool Differs(int position, bool isA, Func<int, string> textOf, Func<int, string> otherTextOf)
    {
        var there = (isA ? Alignment.BOfA : Alignment.AOfB)[position];
        return there == Alignment.None || textOf(position) != otherTextOf(there);
    }

    /// <summary>Pairs the links of both results.</summary>
    /// <param name="ofA">The ends of each link of A, and its share.</param>
    /// <param name="ofB">The ends of each link of B, and its share.</param>
    /// <param name="counterpart">Returns the ends in B of a link of A.</param>
    protected static IEnumerable<ShareDifference> Pair<T>(
        IReadOnlyList<(T Ends, double Share)> ofA, IReadOnlyList<(T Ends, double Share)> ofB, Func<T, T> counterpart)
        where T : notnull
    {
        var left = ofB.Index().ToDictionary(link => link.Item.Ends, link => link.Index);
        foreach (var (index, link) in ofA.Index())
            yield return left.Remove(counterpart(link.Ends), out var b)
                ? new(index, b, link.Share, ofB[b].Share)
                : new(index, Alignment.None, link.Share, 0);
        foreach (var b in left.Values)
            yield return new(Alignment.None, b, 0, ofB[b].Share);
    }

    /// <summary>Pairs the paths of both results.</summary>
    /// <param name="ofA">The positions and the share of each path of A.</param>
    /// <param name="ofB">The positions and the share of each path of B.</param>
    protected IEnumerable<ShareDifference> Pair(PathSet ofA, PathSet ofB)
    {
        var left = new SortedSet<int>(Enumerable.Range(0, ofB.Paths.Length));
        for (var a = 0; a < ofA.Paths.Length; a++)
        {
            var counterpart = ofA.Paths[a].Select(position => Alignment.BOfA[position]).ToArray();
            var b = left.FirstOrDefault(path => ofB.Paths[path].SequenceEqual(counterpart), Alignment.None);
            left.Remove(b);
            yield return new(a, b, ofA.Weights[a], b == Alignment.None ? 0 : ofB.Weights[b]);
        }

        foreach (var b in left)
            yield return new(Alignment.None, b, 0, ofB.Weights[b]);
    }

    static ImmutableArray<ShareDifference> Sorted(IEnumerable<ShareDifference> differences) =>
        [.. differences.OrderByDescending(pair => Math.Abs(pair.Difference))
            .ThenBy(pair => pair.A == Alignment.None).ThenBy(pair => pair.A).ThenBy(pair => pair.B)];
}
