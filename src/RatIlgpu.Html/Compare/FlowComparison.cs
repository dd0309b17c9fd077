namespace RatIlgpu.Html;

/// <summary>Compares two flows: which parts correspond, and how their shares differ. The share of a token is exact,
/// that of a step the probability of the drawn paths that take it.</summary>
sealed class FlowComparison : Comparison
{
    // In pixels. Two drawings of this height fit on a usual screen.
    const double Height = 340;

    static readonly CompareWords OfFlows = new()
    {
        Both = "flows",
        Title = "Two flows through all layers",
        Link = "Step",
        Ends = ("To", "from"),
        Stops = "bars",
        HasColumns = false,
        Widths = ["Ribbons are as wide as the probability of their path,", "to one scale in both diagrams."],
        Reading = [.. FlowWords.Reading.Split(' ')],
        Meanings =
        [
            ("Diagrams", "Each row is a token, each column a layer; the target is at the right. A ribbon is as wide as "
                + "the probability of its path, to one scale in both."),
            FlowWords.ShareMeaning,
            FlowWords.PathMeaning,
            FlowWords.StepMeaning,
            ("Counterparts", "The two texts are laid side by side so that as many equal tokens as possible meet. Steps "
                + "correspond in layers of one number, paths if the layers are the same and their tokens correspond."),
            ("Difference", "Blue has more in A, orange more in B; the stronger the shade, the larger the difference. A "
                + "token differs by its share, a step by the probability of the paths that take it. The steps of the "
                + "scale are beside the texts, in percentage points. Smaller differences have no colour."),
            ("Dashed box", "A token whose counterpart is another token, or that has none."),
            TraceWords.SignMeaning,
            ("Select", "A token, step or path lights the paths through it on both sides; once more lets it go."),
            ("Export", "SVG and PNG show both diagrams; JSON and CSV list every token, step and path."),
        ],
    };

    public FlowComparison(FlowResult a, FlowResult b)
        : base(a.Tokens, b.Tokens)
    {
        var unit = Math.Min(UnitOf(a), UnitOf(b));
        (A, B) = (new(a, unit), new(b, unit));
        Sort(CompareTokens(), CompareLinks(), ComparePaths());
    }

    /// <summary>Gets the first flow.</summary>
    public FlowView A { get; }

    /// <summary>Gets the second flow.</summary>
    public FlowView B { get; }

    /// <inheritdoc/>
    public override ComparedSide SideA => field ??= SideOf(A, true);

    /// <inheritdoc/>
    public override ComparedSide SideB => field ??= SideOf(B, false);

    /// <inheritdoc/>
    public override CompareWords Words => OfFlows;

    /// <inheritdoc/>
    public override string? Caution => string.Join(' ', Cautions()) is { Length: > 0 } text ? text : null;

    /// <inheritdoc/>
    public override bool AreEqual => ComparePage.AreEqual(A.Whole, B.Whole);

    IEnumerable<string> Cautions()
    {
        var (a, b) = (A.Whole.Options, B.Whole.Options);
        if (a.Method != b.Method)
            yield return $"The flow of A is by {FlowWords.Name(a.Method)}, that of B by {FlowWords.Name(b.Method)}: "
                + "their shares do not measure the same.";
        if (LayersOf(A) != LayersOf(B))
            yield return $"A goes through {FlowWords.Layers(a)}, B through {FlowWords.Layers(b)}: no path of one is "
                + "one of the other.";
    }

    static double UnitOf(FlowResult flow) =>
        FlowLayout.UnitOf(DrawnFlow.PlacesOf(DrawnFlow.Of(flow)), flow.Tokens.Length, Height);

    ComparedSide SideOf(FlowView view, bool isA) => new()
    {
        Tokens = view.Whole.Tokens,
        Facts = FlowWords.Facts(view.Whole),
        Notices = view.Result.Notices,
        WhyEmpty = FlowWords.WhyEmpty(view.Whole),
        Origin = TraceWords.Origin(view.Whole.Origin),
        Diagram = FlowWords.Diagram(view.Result),
        WriteRoute = (html, path) => html.Write($"<bdi>{view.Routes[path]}</bdi>"),
        EndsOf = link => (
            view.PositionOf(view.Links[link].Query), view.PositionOf(view.Links[link].Key),
            view.LayerOf(view.Links[link])),
        WriteJson = view.WriteJson,
        Draw = () => Draw(view, isA),
    };

    SideDrawing Draw(FlowView view, bool isA)
    {
        var (layout, other) = (view.Layout(), isA ? B : A);
        var figure = new SankeyFigure
        {
            Layout = layout.Drawing,
            TextOf = view.TextOf,
            Target = FlowDrawing.TargetOf(layout),
            RibbonColour = RibbonColours(isA, view.LinkOf),
            IsBoxed = position => Differs(position, isA, view.TextOf, other.TextOf),
        };
        return new(
            layout.Drawing.Width, layout.Drawing.Height,
            (to, x, y) => FlowDrawing.Write(to, layout, (x, y), figure));
    }

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
