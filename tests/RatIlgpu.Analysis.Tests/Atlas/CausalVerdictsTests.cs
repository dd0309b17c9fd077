using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Atlas;

public sealed class CausalVerdictsTests(CausalVerdictsTests.Verdicts verdicts)
    : IClassFixture<CausalVerdictsTests.Verdicts>
{
    [Fact]
    public void The_induction_heads_of_the_demonstration_model_are_causal_together()
    {
        var role = verdicts.Result.RoleEffects.Single(one => one.Role == HeadRole.Induction);
        Assert.Equal(
            ["L3H0", "L3H1", "L3H2", "L3H3", "L3H4", "L3H5", "L3H6"], role.Heads.Select(head => head.ToString()));
        Assert.All(role.Effects, effect => Assert.Equal(CausalVerdict.Causal, effect.Verdict));
        Assert.All(role.Effects, effect => Assert.False(effect.IsSameLayer));
        Assert.All(role.Effects, effect => Assert.InRange(effect.Effect, 5, 8));
        Assert.All(role.Heads, head => Assert.Equal(CausalVerdict.Causal, VerdictOf(head, HeadRole.Induction)));
    }

    [Theory]
    [InlineData(1, 0, CausalVerdict.Causal)]
    [InlineData(1, 4, CausalVerdict.Redundant)]
    [InlineData(2, 7, CausalVerdict.Redundant)]
    public void Of_the_heads_that_look_one_back_one_feeds_induction(int layer, int head, CausalVerdict expected) =>
        Assert.Equal(expected, VerdictOf(new(layer, head), HeadRole.PreviousToken));

    [Fact]
    public void A_role_without_a_sequence_for_it_is_left_out_with_a_warning()
    {
        using var device = new CpuDevice();
        using var folder = new TemporaryFolder();
        CircuitModels.Induction().Save(folder.Root);
        using var model = LanguageModel.Load(folder.Root, device);
        var head = new AtlasHead(new(0, 0), 0)
        {
            Scores = ImmutableSortedDictionary<string, HeadScore>.Empty,
            Roles = [new(HeadRole.SInhibition, "s-inhibition", 1), new(HeadRole.Delimiter, "delimiter", 1)],
        };
        var result = new CausalVerdicts(model, new()).Of([head]);
        Assert.Empty(result.Behaviours);
        Assert.Null(result.Heads[0].Roles[0].Verdict);
        Assert.Equal(
            [
                "The difference of two names cannot be measured with this tokenizer: no head was taken away.",
                "The loss on text cannot be measured with this tokenizer: no head was taken away.",
            ],
            result.Warnings);
    }

    CausalVerdict? VerdictOf(HeadIndex head, HeadRole role) =>
        verdicts.Result.Heads.Single(one => one.Head == head).Roles.Single(label => label.Role == role).Verdict;

    public sealed class Verdicts : IDisposable
    {
        readonly AtlasScorerTests.Demo demo = new();

        public Verdicts()
        {
            Result = new CausalVerdicts(demo.Model, new()).Of(demo.HeadsOf(demo.Whole));
        }

        internal VerdictResult Result { get; }

        public void Dispose() => demo.Dispose();
    }
}
