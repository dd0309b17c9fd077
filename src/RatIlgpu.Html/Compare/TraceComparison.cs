namespace RatIlgpu.Html;

/// <summary>Compares two traces: which parts correspond, and how their shares differ.</summary>
sealed class TraceComparison : Comparison
{
    // Two drawings of this height fit on a usual screen.
    const double MostPixels = 150;

    static readonly CompareWords OfTraces = new()
    {
        Both = "traces",
        Title = "Two attention traces",
        Link = "Link",
        Ends = ("Query", "attends to key"),
        Stops = "tokens",
        HasColumns = true,
        Widths = ["Bars and ribbons are as high as their share of path weight,", "to one scale in both diagrams."],
        Reading = ["Read from right to left:", "the target attends", "to the tokens on its left."],
        Meanings =
        [
            ("Diagrams", "Paths start at the target, at the right; each step goes to an earlier token that is attended "
                + "to. Bars and ribbons are as high as their share of path weight, to one scale in both."),
            ("Counterparts", "The two texts are laid side by side so that as many equal tokens as possible meet. Links "
                + "and paths correspond when their tokens do."),
            ("Difference", "Blue has more share in A, orange more in B; the stronger the shade, the larger the "
                + "difference. The scale follows the largest difference of the page; its steps are beside the texts, "
                + "in percentage points of share. Smaller differences have no colour."),
            ("Dashed box", "A token whose counterpart is another token, or that has none."),
            TraceWords.ShareMeaning,
            TraceWords.SignMeaning,
            ("Paths", "One colour for each path of a trace, by rank. After seven they repeat, dashed; after fourteen, "
                + "dotted."),
            ("Columns", "Hops counts the steps left to the target; Position is the order in the text."),
            ("Select", "A token, link or path lights the paths through it on both sides; once more lets it go."),
            ("Export", "SVG and PNG show both diagrams; JSON and CSV list every token, link and path with its shares."),
        ],
    };

    static readonly (string What, string Meaning) PartsMeaning = (
        "Parts of scores", "Of each link that both traces explain, the whole score and the pairs that either keeps. "
        + "± is what a pair adds at most that a trace does not keep; the difference is then at least the one that is "
        + "shown.");

    public TraceComparison(TraceResult a, TraceResult b)
        : base(a.Tokens, b.Tokens)
    {
        (WholeA, WholeB) = (a, b);
        // The page shows explanations in a table of their own.
        (A, B) = (DrawnTrace.Of(a with { Explanations = [] }), DrawnTrace.Of(b with { Explanations = [] }));
        Sort(CompareTokens(), CompareLinks(), ComparePaths());
        Parts = a.Explanations.IsEmpty || b.Explanations.IsEmpty ? null : PartDifference.Of(a, b, Alignment);
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
    public override bool AreEqual => ComparePage.AreEqual(WholeA, WholeB);

    /// <inheritdoc/>
    public override ComparedSide SideA => field ??= SideOf(A, WholeA, WholeB, true);

    /// <inheritdoc/>
    public override ComparedSide SideB => field ??= SideOf(B, WholeB, WholeA, false);

    /// <inheritdoc/>
    public override CompareWords Words => Parts is null
        ? OfTraces
        : OfTraces with { Meanings = [.. OfTraces.Meanings, PartsMeaning, TraceWords.PairMeaning] };

    /// <inheritdoc/>
    public override ImmutableArray<PartDifference>? Parts { get; }

    /// <inheritdoc/>
    public override string? WhyNoParts => ComparePage.WhyNoParts(WholeA, WholeB);

    /// <inheritdoc/>
    public override string? Caution => A.Options.Weights == B.Options.Weights
        ? null
        : "The links of A and B have different weights: shares can be compared, scores cannot.";

    /// <summary>Returns the pixels per share of both drawings: those that the fuller drawing has room for.</summary>
    public double UnitOf(ColumnMode mode)
    {
        var (a, b) = (new TraceView(A).Drawn, new TraceView(B).Drawn);
        return Math.Min(
            MostPixels / Math.Max(a.Total, b.Total),
            Math.Min(SankeyLayout.UnitOf(a, mode), SankeyLayout.UnitOf(b, mode)));
    }

    ComparedSide SideOf(TraceResult trace, TraceResult whole, TraceResult beside, bool isA) => new()
    {
        Tokens = trace.Tokens,
        Facts = TraceWords.Facts(whole, beside),
        Notices = trace.Notices,
        WhyEmpty = TraceWords.WhyEmpty(whole),
        Origin = TraceWords.Origin(whole),
        Diagram = TraceWords.Diagram(whole),
        WriteRoute = new TraceRoutes(trace).Write,
        EndsOf = link => (trace.Sankey.Links[link].Target, trace.Sankey.Links[link].Source, null),
        WriteJson = json => new TraceView(trace, UnitOf).WriteJson(json),
        Draw = () => Draw(trace, isA),
    };

    SideDrawing Draw(TraceResult trace, bool isA)
    {
        var unit = UnitOf(ColumnMode.Hops);
        var view = new TraceView(trace, _ => unit);
        var other = new TraceView(isA ? B : A);
        var tokens = Tokens.ToLookup(pair => isA ? pair.A : pair.B, Scale.ColourOf);
        var figure = new SankeyFigure
        {
            Layout = view.LayoutOf(ColumnMode.Hops),
            TextOf = view.TextOf,
            Target = trace.TargetPosition,
            RibbonColour = RibbonColours(isA, view.LinkOf),
            BarColour = position => tokens[position].FirstOrDefault(),
            IsBoxed = position => Differs(position, isA, view.TextOf, other.TextOf),
        };
        return new(figure.Layout.Width, figure.Layout.Height, figure.WriteTo);
    }

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
