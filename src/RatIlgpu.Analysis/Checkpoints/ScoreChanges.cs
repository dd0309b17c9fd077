namespace RatIlgpu.Analysis;

/// <summary>How the scores and roles of heads differ between two models, by an atlas of each on the same
/// sequences.</summary>
public sealed record ScoreChanges
{
    /// <summary>Gets the definitions of the scores that both atlases have.</summary>
    public required ValueArray<HeadScoreDefinition> Scores { get; init; }

    /// <summary>Gets the changes, by head, then in the order of <see cref="Scores"/>; a head without the score in one
    /// of the atlases has none.</summary>
    public required ValueArray<ScoreChange> Changes { get; init; }

    /// <summary>Gets the roles that heads gained or lost, by head.</summary>
    public required ValueArray<RoleChange> Roles { get; init; }

    /// <summary>Gets what the reader must know of both atlases together; usually nothing.</summary>
    public ValueArray<string> Warnings { get; init; } = [];

    /// <summary>Compares two atlases.</summary>
    /// <param name="a">The atlas of the first model.</param>
    /// <param name="b">The atlas of the second model.</param>
    /// <exception cref="ArgumentException">They are of models of different shapes, or of other sequences or
    /// rules.</exception>
    public static ScoreChanges Of(HeadAtlas a, HeadAtlas b)
    {
        Check(a.Manifest, b.Manifest);
        var known = b.Scores.Select(score => score.Id).ToHashSet();
        ImmutableArray<HeadScoreDefinition> scores = [.. a.Scores.Where(score => known.Contains(score.Id))];
        return new()
        {
            Scores = scores,
            Changes =
            [
                .. from head in a.Heads
                   let other = b[head.Head]
                   from score in scores
                   where head.Scores.ContainsKey(score.Id) && other.Scores.ContainsKey(score.Id)
                   select new ScoreChange(head.Head, score.Id, head.Scores[score.Id], other.Scores[score.Id]),
            ],
            Roles =
            [
                .. from head in a.Heads
                   let other = b[head.Head]
                   from change in RoleChange.Of(head, other)
                   select change,
            ],
            Warnings = [.. Machines(a.Manifest, b.Manifest), .. Alone(a, b, "A"), .. Alone(b, a, "B")],
        };
    }

    static ImmutableArray<string> Machines(AtlasManifest a, AtlasManifest b) =>
        a.Device == b.Device && a.Version == b.Version
            ? []
            :
            [
                $"The atlases are of {Made(a)} and of {Made(b)}: their last digits differ without a change of the "
                + "model.",
            ];

    // What is not compared would look like what did not change.
    static ImmutableArray<string> Alone(HeadAtlas one, HeadAtlas other, string which)
    {
        List<(HeadIndex Head, string Id)> alone =
        [
            .. from head in one.Heads
               from id in head.Scores.Keys
               where !other[head.Head].Scores.ContainsKey(id)
               select (head.Head, id),
        ];
        return alone switch
        {
            [] => [],
            [var (head, id)] =>
                [$"The atlas of {which} alone has the score {OneLine.Quote(id)} of {head}: it is not compared."],
            [var (head, id), ..] =>
            [
                Text($"{alone.Count} scores of heads are in the atlas of {which} alone, the first ")
                + $"{OneLine.Quote(id)} of {head}: they are not compared.",
            ],
        };
    }

    static void Check(AtlasManifest a, AtlasManifest b)
    {
        (string What, string A, string B)[] settings =
        [
            ("layers", Text($"{a.LayerCount}"), Text($"{b.LayerCount}")),
            ("heads of a layer", Text($"{a.HeadCount}"), Text($"{b.HeadCount}")),
            ("key/value heads of a layer", Text($"{a.KeyValueHeadCount}"), Text($"{b.KeyValueHeadCount}")),
            ("rules", AnalysisJson.Name(a.Profile), AnalysisJson.Name(b.Profile)),
            ("seed", Text($"{a.Seed}"), Text($"{b.Seed}")),
            ("hash of texts", Or(a.TextsHash), Or(b.TextsHash)),
            ("sequences", Units(a), Units(b)),
        ];
        foreach (var (what, one, other) in settings)
            if (one != other)
                throw new ArgumentException(
                    $"The atlas of A has {one} as {what} and that of B {other}, expected the same: scores are compared "
                    + "on the same sequences; make both with the same options of 'ratilgpu heads'.");

        static string Or(string text) => text.Length > 0 ? text : "none";
    }

    static string Units(AtlasManifest manifest) => string.Join(
        ", ", manifest.Units.Select(unit => Text($"{unit.Value} of {AnalysisJson.Name(unit.Key)}")));

    static string Made(AtlasManifest manifest) => $"{manifest.Device} with version {manifest.Version}";

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>One score of one head in two models.</summary>
/// <param name="Head">The head.</param>
/// <param name="ScoreId">The id of the score.</param>
/// <param name="A">The score in the first model.</param>
/// <param name="B">The score in the second model.</param>
public sealed record ScoreChange(HeadIndex Head, string ScoreId, HeadScore A, HeadScore B)
{
    /// <summary>Gets how much larger the excess over chance is in the second model.</summary>
    public double Difference => B.Excess - A.Excess;

    /// <summary>Gets whether the 95 % intervals of both do not meet; null where one has none.</summary>
    public bool? Differs => (A.Low, A.High, B.Low, B.High) is
        ({ } lowA, { } highA, { } lowB, { } highB)
            ? highA < lowB || highB < lowA
            : null;
}

/// <summary>A role that a head has in one of two models alone.</summary>
/// <param name="Head">The head.</param>
/// <param name="Label">The role, as the model that has it gives it.</param>
/// <param name="IsGained">Whether the second model has it; otherwise the first.</param>
public sealed record RoleChange(HeadIndex Head, RoleLabel Label, bool IsGained)
{
    /// <summary>Returns the roles that one of two heads has alone, those that are lost first.</summary>
    internal static IEnumerable<RoleChange> Of(AtlasHead a, AtlasHead b) =>
    [
        .. Without(a, b).Select(label => new RoleChange(a.Head, label, false)),
        .. Without(b, a).Select(label => new RoleChange(b.Head, label, true)),
    ];

    static IEnumerable<RoleLabel> Without(AtlasHead one, AtlasHead other) =>
        one.Roles.Where(label => other.Roles.All(known => known.Role != label.Role));
}
