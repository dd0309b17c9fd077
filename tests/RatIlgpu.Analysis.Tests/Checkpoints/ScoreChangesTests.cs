namespace RatIlgpu.Analysis.Tests.Checkpoints;

public sealed class ScoreChangesTests
{
    [Fact]
    public void A_change_is_the_difference_of_the_excess_and_counts_where_intervals_do_not_meet()
    {
        var changes = ScoreChanges.Of(
            Atlas(new HeadScore(0.5, 4) { Chance = 0.2, Low = 0.3, High = 0.5 }),
            Atlas(new HeadScore(0.75, 4) { Chance = 0.5, Low = 0.5, High = 0.6 }));
        var change = Assert.Single(changes.Changes);
        Assert.Equal(0.5 - 0.375, change.Difference, 1e-12);
        Assert.False(change.Differs);
        Assert.True((change with { B = change.B with { Low = 0.51 } }).Differs);
        Assert.True((change with { A = change.B with { Low = 0.51 }, B = change.A }).Differs);
        Assert.Null((change with { B = change.B with { Low = null } }).Differs);
    }

    [Fact]
    public void Swapped_atlases_have_the_opposite_changes()
    {
        var (a, b) = (
            Atlas(new(0.5, 4), new RoleLabel(HeadRole.Induction, "one", 0.4)),
            Atlas(new(0.75, 4), new RoleLabel(HeadRole.FirstToken, "one", 0.6)));
        var (there, back) = (ScoreChanges.Of(a, b), ScoreChanges.Of(b, a));
        Assert.Equal(there.Changes[0].Difference, -back.Changes[0].Difference);
        Assert.Equal(
            [(HeadRole.Induction, false), (HeadRole.FirstToken, true)],
            there.Roles.Select(role => (role.Label.Role, role.IsGained)));
        Assert.Equal(
            [(HeadRole.FirstToken, false), (HeadRole.Induction, true)],
            back.Roles.Select(role => (role.Label.Role, role.IsGained)));
    }

    [Fact]
    public void A_role_that_both_have_is_no_change()
    {
        var atlas = Atlas(new(0.5, 4), new RoleLabel(HeadRole.Induction, "one", 0.4));
        Assert.Empty(ScoreChanges.Of(atlas, Atlas(new(0.75, 4), new RoleLabel(HeadRole.Induction, "one", 0.7))).Roles);
    }

    [Fact]
    public void A_score_that_one_atlas_does_not_have_is_left_out()
    {
        var bare = Atlas(new(0.5, 4)) with { Scores = [], Heads = [new(new(0, 0), 0) { Scores = Empty }] };
        Assert.Empty(ScoreChanges.Of(Atlas(new(0.5, 4)), bare).Changes);
        Assert.Empty(ScoreChanges.Of(bare, Atlas(new(0.5, 4))).Scores);
    }

    [Fact]
    public void Scores_that_one_atlas_has_alone_are_counted()
    {
        var atlas = Atlas(new(0.5, 4));
        var more = atlas with
        {
            Scores = [.. atlas.Scores, new("two", "Two", "Means two.", AtlasPass.Text)],
            Heads = [atlas.Heads[0] with { Scores = Empty.Add("one", new(0.5, 4)).Add("two", new(0.1, 4)) }],
        };
        Assert.Equal(
            ["The atlas of B alone has the score 'two' of L0H0: it is not compared."],
            ScoreChanges.Of(atlas, more).Warnings);
        var bare = atlas with { Heads = [atlas.Heads[0] with { Scores = Empty }] };
        Assert.Equal(
            ["2 scores of heads are in the atlas of A alone, the first 'one' of L0H0: they are not compared."],
            ScoreChanges.Of(more, bare).Warnings);
        Assert.Empty(ScoreChanges.Of(more, more).Warnings);
    }

    [Fact]
    public void Atlases_of_other_sequences_or_rules_are_refused()
    {
        var atlas = Atlas(new(0.5, 4));
        foreach (var (other, what) in new (AtlasManifest Manifest, string What)[]
        {
            (atlas.Manifest with { Seed = 7 }, "has 0 as seed and that of B 7"),
            (atlas.Manifest with { Profile = ScoreProfile.Pr403 }, "has robust as rules and that of B pr403"),
            (atlas.Manifest with { TextsHash = "ab" }, "has none as hash of texts and that of B ab"),
            (atlas.Manifest with { Units = atlas.Manifest.Units.Add(AtlasPass.Text, 3) }, "and that of B 3 of text"),
        })
        {
            var fault = Assert.Throws<ArgumentException>(
                () => ScoreChanges.Of(atlas, atlas with { Manifest = other }));
            Assert.Contains(what, fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Atlases_of_other_devices_are_compared_with_a_warning()
    {
        var atlas = Atlas(new(0.5, 4));
        var other = atlas with { Manifest = atlas.Manifest with { Device = "cuda" } };
        Assert.Contains("last digits", Assert.Single(ScoreChanges.Of(atlas, other).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void An_atlas_of_one_model_alone_is_refused()
    {
        using var pair = new TinyPair();
        Assert.Contains("an atlas of A alone", Assert.Throws<ArgumentException>(
            () => pair.Read(new() { AtlasA = Atlas(new(0.5, 4)) })).Message, StringComparison.Ordinal);
        Assert.Contains("one of the two", Assert.Throws<ArgumentException>(() => pair.Read(new()
        {
            AtlasA = Atlas(new(0.5, 4)),
            AtlasB = Atlas(new(0.5, 4)),
            Scores = new(),
        })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_texts_to_run_on_are_refused()
    {
        using var pair = new TinyPair();
        Assert.Contains("Documents is 0, expected 1 or more", Assert.Throws<ArgumentOutOfRangeException>(
            () => pair.Read(new() { Documents = 0 })).Message, StringComparison.Ordinal);
    }

    // Such as a file that was edited: its fingerprint is that of the model.
    [Fact]
    public void An_atlas_with_more_heads_than_its_model_is_refused_before_anything_is_run()
    {
        using var pair = new TinyPair();
        var (one, diff) = (Atlas(new(0.5, 4)), pair.Read());
        HeadAtlas Of(DiffModel model) => one with { Manifest = one.Manifest with { Fingerprint = model.Fingerprint } };
        DiffOptions options = new() { AtlasA = Of(diff.A), AtlasB = Of(diff.B) };
        var differ = new CheckpointDiffer(pair.A, pair.B);
        foreach (var run in (Func<object>[])[() => differ.Read(options), () => differ.Outline(options)])
            Assert.StartsWith(
                FormattableString.Invariant($"The atlas of A has 1 layer of 1 head that reads 1, expected ")
                + FormattableString.Invariant($"{pair.Config.LayerCount} of {pair.Config.HeadCount} that read "),
                Assert.Throws<ArgumentException>(run).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Atlases_of_another_model_are_refused_with_its_name_before_the_size_of_a_page_is_told()
    {
        using var pair = new TinyPair();
        var atlas = Atlas(new(0.5, 4));
        var fault = Assert.Throws<ArgumentException>(() =>
            new CheckpointDiffer(pair.A, pair.B).Outline(new() { AtlasA = atlas, AtlasB = atlas }));
        Assert.StartsWith("The atlas of A is of m (f), expected one of ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("make it with 'ratilgpu heads --model'", fault.Message, StringComparison.Ordinal);
    }

    static ImmutableSortedDictionary<string, HeadScore> Empty => ImmutableSortedDictionary<string, HeadScore>.Empty;

    static HeadAtlas Atlas(HeadScore score, params ValueArray<RoleLabel> roles) => new()
    {
        Manifest = new()
        {
            Model = "m",
            Fingerprint = "f",
            LayerCount = 1,
            HeadCount = 1,
            KeyValueHeadCount = 1,
        },
        Scores = [new("one", "One", "Means one.", AtlasPass.Text)],
        Heads = [new(new(0, 0), 0) { Scores = Empty.Add("one", score), Roles = roles }],
    };
}
