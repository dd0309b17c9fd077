using RatIlgpu.Analysis;
using RatIlgpu.Models;

namespace RatIlgpu.Testing;

/// <summary>Interventions on a device change what they should, and nothing else.</summary>
public abstract class InterventionContract : IClassFixture<ClassFixture>
{
    /// <summary>The tolerance of a row computed by hand, as a share of its largest number: two roundings of F32, four
    /// where it is rotated back and forth.</summary>
    const double Rounding = 2e-6;

    // Keys are rotated and stretched: the inverse must shorten them.
    static readonly Qwen2Config Stretched = TinyQwen2.Small with
    {
        RopeScaling = new() { Kind = RopeScalingKind.Yarn, Factor = 4, OriginalPositions = 64, AttentionFactor = 1.3 },
    };

    static readonly Capture[] Everything = [.. Enum.GetValues<Activation>().Select(one => new Capture(one))];

    protected abstract Device Create();

    /// <summary>Gets whether the model norms each head of queries and keys, as Qwen3 does.</summary>
    protected virtual bool NormsHeads => false;

    TinyQwen2 Tiny => ClassFixture.Shared(
        () => new TinyQwen2(Stretched with { NormsHeads = NormsHeads, HasBiases = !NormsHeads }));

    Qwen2Model Model => ClassFixture.Shared(() => Tiny.On(ClassFixture.Shared(Create)));

    [Fact]
    public void Every_kind_changes_what_it_is_told_to_everywhere_and_the_rest_follows()
    {
        var (clean, other) = (Record(7), Record(8));
        var hand = new HandWorkedRun(Model);
        Assert.Empty(hand.Changed(clean));
        foreach (var activation in Enum.GetValues<Activation>())
            foreach (var kind in TriedChange.All.Where(kind => kind.Fits(activation)))
            {
                var site = new Site(activation, new Site(activation, 0).IsInLayer ? 1 : 0);
                var hasHeads = !clean[site].Heads.IsEmpty;
                var target = InterventionTarget.At(
                    Model, activation, site.Layer, hasHeads ? [1] : null, [2, 4]);
                var run = Record(7, kind.Make(target, other));
                Assert.Equal([site], hand.Changed(run));
                foreach (var before in clean.Sites.Where(one => one.IsBefore(site)))
                    Assert.Equal(clean[before].Values, run[before].Values);
                foreach (var position in clean[site].Positions)
                    foreach (var head in hasHeads ? clean[site].Heads : [0])
                        if (position is 2 or 4 && head == (hasHeads ? 1 : 0))
                            Near(Left(kind, clean, other, site, position, head), Row(run, site, position, head));
                        else
                            Assert.Equal(Row(clean, site, position, head), Row(run, site, position, head));
            }
    }

    [Theory]
    [InlineData(Activation.Key, Activation.HeadKey)]
    [InlineData(Activation.RotatedKey, Activation.HeadKey)]
    [InlineData(Activation.Value, Activation.HeadValue)]
    public void A_key_or_value_is_changed_for_one_query_head_alone(Activation activation, Activation seen)
    {
        const int Head = 4;
        var shared = Head / Stretched.GroupSize;
        var (clean, other) = (Record(7), Record(8));
        var (site, changed) = (new Site(activation, 1), new Site(seen, 1));
        var hand = new HandWorkedRun(Model);
        var isNormed = NormsHeads && activation == Activation.Key;
        foreach (var kind in TriedChange.All.Where(kind => kind.Name != "edit" && !(isNormed && kind.NeedsLength)))
        {
            var target = InterventionTarget.At(
                Model, activation, 1, [Head], [1, 3], KeyValueScope.QueryHead);
            var run = Record(7, kind.Make(target, other));
            Assert.Equal([changed], hand.Changed(run));
            foreach (var position in clean[changed].Positions)
                for (var head = 0; head < Stretched.HeadCount; head++)
                {
                    var isTarget = head == Head && position is (1 or 3);
                    if (!isTarget)
                        Assert.Equal(Row(clean, changed, position, head), Row(run, changed, position, head));
                    else if (activation == Activation.Key)
                        Near(
                            hand.SeenKey(1, Left(kind, clean, other, site, position, shared), position),
                            Row(run, changed, position, head));
                    else
                        Near(Left(kind, clean, other, site, position, shared), Row(run, changed, position, head));
                    if (head != Head)
                        Assert.Equal(Row(clean, Mix, position, head), Row(run, Mix, position, head));
                }

            Assert.NotEqual(Row(clean, Mix, 5, Head), Row(run, Mix, 5, Head));
        }
    }

    static Site Mix { get; } = new(Activation.HeadOutput, 1);

    Recording Record(int seed, params Intervention[] interventions) => new Recorder(Model).Record(
        Tiny.Prompt(6, seed), [.. Everything], new() { Interventions = [.. interventions] });

    static float[] Left(TriedChange kind, Recording clean, Recording other, Site site, int position, int head) =>
        kind.Left(
            Row(clean, site, position, head),
            position,
            head,
            [.. other[site].Positions.Select(one => Row(other, site, one, head))]);

    static float[] Row(Recording run, Site site, int position, int head) =>
        run[site].Heads.IsEmpty ? run[site].Row(position).ToArray() : run[site].Row(position, head).ToArray();

    static void Near(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        var allowed = Rounding * (1 + expected.Max(Math.Abs));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, allowed));
    }
}
