namespace RatIlgpu.Analysis.Tests.Atlas;

public sealed class AtlasScorerTests(AtlasScorerTests.Demo demo) : IClassFixture<AtlasScorerTests.Demo>
{
    static readonly AtlasOptions Few = new()
    {
        Documents = 4,
        TextLength = 128,
        RepeatSequences = 8,
        SuccessorPrompts = 12,
        IndirectObjectPrompts = 12,
    };

    [Fact]
    public void The_heads_of_the_demonstration_model_are_found()
    {
        var heads = demo.HeadsOf(demo.Whole);
        Assert.Equal(["L1H0", "L1H4", "L1H5", "L2H7"], With(HeadRole.PreviousToken));
        Assert.Equal(
            ["L3H0", "L3H1", "L3H2", "L3H3", "L3H4", "L3H5", "L3H6"], With(HeadRole.Induction));
        Assert.Equal(["L1H1", "L2H5", "L2H6"], With(HeadRole.Positional));
        Assert.Equal(2, heads[9].PeakOffset);
        Assert.InRange(heads[8].Scores["previous"].Raw, 0.98, 1);
        Assert.InRange(heads[9].Scores["previous"].Raw, 0, 0.02);

        IEnumerable<string> With(HeadRole role) =>
            heads.Where(head => head.Roles.Any(label => label.Role == role)).Select(head => head.Head.ToString());
    }

    [Fact]
    public void Parts_in_any_order_add_up_to_the_same_bits()
    {
        var sums = new AtlasSums(demo.Model.Config);
        foreach (var shard in (int[])[2, 0, 1])
            sums.Add(demo.Run(new(shard, 3)));
        AssertSame(demo.Whole, sums);
    }

    [Fact]
    public void A_run_that_is_stopped_goes_on_where_it_was()
    {
        var sums = new AtlasSums(demo.Model.Config);
        Assert.False(demo.Run(AtlasShard.Whole, sums, _ => false));
        Assert.NotEmpty(sums[AtlasPass.Text].Numbers);
        Assert.Empty(sums[AtlasPass.IndirectObject].Numbers);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => demo.Run(AtlasShard.Whole, sums, _ => true, cancelled.Token));
        Assert.True(demo.Run(AtlasShard.Whole, sums, _ => true));
        AssertSame(demo.Whole, sums);
    }

    [Fact]
    public void Sums_that_have_a_unit_in_common_do_not_add_up()
    {
        var error = Assert.Throws<ArgumentException>(() => demo.Run(new(0, 3)).Add(demo.Whole));
        Assert.Contains("Unit 0 of Text is in both parts", error.Message, StringComparison.Ordinal);
    }

    static void AssertSame(AtlasSums expected, AtlasSums found)
    {
        foreach (var pass in AtlasLayouts.Passes)
        {
            Assert.Equal(expected[pass].Numbers, found[pass].Numbers);
            Assert.Equal(expected[pass].Maps, found[pass].Maps);
            Assert.Equal(expected[pass].MapCounts, found[pass].MapCounts);
            Assert.Equal(expected[pass].Groups.Keys, found[pass].Groups.Keys);
            foreach (var (group, sums) in expected[pass].Groups)
            {
                Assert.Equal(sums.Heads, found[pass].Groups[group].Heads);
                Assert.Equal(sums.Data, found[pass].Groups[group].Data);
            }
        }

        Assert.Equal(
            expected.Activities.Sequences.Select(one => one.Number),
            found.Activities.Sequences.Select(one => one.Number));
        Assert.Equal(
            expected.Activities.Sequences.SelectMany(one => one.Most),
            found.Activities.Sequences.SelectMany(one => one.Most));
    }

    public sealed class Demo : IDisposable
    {
        readonly CpuDevice device = new();
        readonly AtlasPlan plan;
        readonly AtlasScorer scorer;

        public Demo()
        {
            Model = LanguageModel.Load(DemoModel.Folder, device);
            plan = new(Model.Tokenizer, Model.Config, Few);
            scorer = new(Model.Network, plan);
            Whole = Run(AtlasShard.Whole);
        }

        public LanguageModel Model { get; }

        internal AtlasSums Whole { get; }

        internal AtlasPlan Plan => plan;

        public void Dispose()
        {
            scorer.Dispose();
            Model.Dispose();
            device.Dispose();
        }

        internal AtlasSums Run(AtlasShard shard)
        {
            var sums = new AtlasSums(Model.Config);
            Assert.True(Run(shard, sums, _ => true));
            return sums;
        }

        internal bool Run(
            AtlasShard shard, AtlasSums sums, Func<AtlasUnit, bool> done, CancellationToken cancellation = default) =>
            scorer.Run(shard, sums, done, cancellation);

        internal ImmutableArray<AtlasHead> HeadsOf(AtlasSums sums) => AtlasHeads.Of(
            sums, Model.Config, Few.Profile,
            ImmutableDictionary<HeadIndex, ImmutableSortedDictionary<string, HeadScore>>.Empty);
    }
}
