using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>The effect of interventions in a whole run.</summary>
public sealed class InterventionTests : IDisposable
{
    // Two orders of summation through three layers, as a share of the largest logit.
    const double Rounding = 2e-5;

    // The least change of the logits that counts as an effect.
    const double Moved = 0.01;

    readonly InterventionBench bench = new();
    readonly int[] ids, others;

    public InterventionTests() => (ids, others) = (bench.Prompt(6), bench.Prompt(6, seed: 8));

    public void Dispose() => bench.Dispose();

    [Fact]
    public void A_change_that_changes_nothing_is_none()
    {
        var own = bench.Record(ids);
        var clean = bench.Logits(ids);
        foreach (var scope in Enum.GetValues<KeyValueScope>())
            foreach (var site in InterventionBench.Sites)
            {
                var target = bench.At(site.Activation, site.Layer, scope: scope);
                Near(clean, bench.Logits(ids, Intervention.Scale(target, 1)));
                Near(clean, bench.Logits(ids, Intervention.Replace(target, own)));
                Near(clean, bench.Logits(ids, Intervention.Edit(target, (_, _, _) => { })));
                if (site.Activation != Activation.Pattern)
                    Near(clean, bench.Logits(ids, Intervention.Add(target, [.. new float[target.Width!.Value]])));
                Differ(clean, bench.Logits(ids, Intervention.Scale(target, -2)));
            }
    }

    [Fact]
    public void The_stream_of_another_run_gives_its_logits()
    {
        var other = bench.Record(others);
        foreach (var activation in (Activation[])[
            Activation.ResidualBefore, Activation.ResidualMiddle, Activation.ResidualAfter])
            for (var layer = 0; layer < 3; layer++)
                Near(
                    [.. other[Site.Logits].Values],
                    bench.Logits(ids, Intervention.Replace(bench.At(activation, layer), other)));
        Differ([.. other[Site.Logits].Values], bench.Logits(ids));
    }

    [Fact]
    public void All_heads_of_a_layer_are_its_attention_output()
    {
        var other = bench.Record(others);
        for (var layer = 0; layer < 3; layer++)
        {
            var output = bench.Logits(
                ids, Intervention.Replace(bench.At(Activation.AttentionOutput, layer), other));
            Near(output, bench.Logits(ids, Intervention.Replace(bench.At(Activation.HeadOutput, layer), other)));
            Near(output, bench.Logits(ids, [
                .. Enumerable.Range(0, 6).Select(
                    head => Intervention.Replace(bench.At(Activation.HeadOutput, layer, [head]), other))]));
            Differ(output, bench.Logits(ids));
        }
    }

    [Theory]
    [InlineData(Activation.Key)]
    [InlineData(Activation.RotatedKey)]
    [InlineData(Activation.Value)]
    public void All_query_heads_of_a_group_are_the_group(Activation activation)
    {
        var other = bench.Record(others);
        var group = bench.Logits(ids, Intervention.Replace(bench.At(activation, 1, [1]), other));
        var heads = bench.At(activation, 1, [3, 4, 5], scope: KeyValueScope.QueryHead);
        Near(group, bench.Logits(ids, Intervention.Replace(heads, other)));
        var one = bench.At(activation, 1, [3], scope: KeyValueScope.QueryHead);
        Differ(group, bench.Logits(ids, Intervention.Replace(one, other)));
        Differ(bench.Logits(ids), bench.Logits(ids, Intervention.Replace(one, other)));
    }

    [Theory]
    [InlineData(Activation.Key)]
    [InlineData(Activation.RotatedKey)]
    [InlineData(Activation.Value)]
    public void Without_groups_both_scopes_are_one(Activation activation)
    {
        using var single = new InterventionBench(TinyQwen2.Small with { KeyValueHeadCount = 6 });
        float[][] logits =
        [
            .. Enum.GetValues<KeyValueScope>().Select(scope => single.Logits(
                ids, Intervention.Scale(single.At(activation, 1, [2], [1, 3], scope), -1.5f))),
        ];
        Near(logits[0], logits[1]);
        Differ(logits[0], single.Logits(ids));
    }

    [Fact]
    public void At_one_site_changes_are_made_in_their_order()
    {
        var target = bench.At(Activation.ResidualMiddle, 1, positions: [2]);
        var (twice, more) = (Intervention.Scale(target, 2), Intervention.Add(target, [.. Enumerable.Repeat(3f, 40)]));
        var clean = Row(bench.Record(ids));
        Assert.All(clean.Zip(Row(bench.Record(ids, twice, more))), p => Assert.Equal(2 * p.First + 3, p.Second, 1e-5));
        Assert.All(clean.Zip(Row(bench.Record(ids, more, twice))), p => Assert.Equal(2 * p.First + 6, p.Second, 1e-5));

        static float[] Row(Recording run) => [.. run[new(Activation.ResidualMiddle, 1)].Row(2)];
    }

    [Fact]
    public void Changes_at_several_sites_all_count()
    {
        var (early, late) = (bench.At(Activation.MlpOutput, 0), bench.At(Activation.HeadOutput, 2, [3]));
        var run = bench.Record(ids, Intervention.Zero(late), Intervention.Zero(early));
        Assert.Equal(
            [new(Activation.MlpOutput, 0), new(Activation.HeadOutput, 2)], new HandWorkedRun(bench.Model).Changed(run));
    }

    [Fact]
    public void The_mean_is_over_all_positions_of_all_runs()
    {
        var runs = new[] { bench.Record(others), bench.Record(bench.Prompt(3, seed: 9)) };
        var site = new Site(Activation.Value, 1);
        var run = bench.Record(ids, Intervention.Mean(bench.At(Activation.Value, 1, [1], [4]), [.. runs]));
        float[][] rows = [.. runs.SelectMany(one => one[site].Positions.Select(p => one[site].Row(p, 1).ToArray()))];
        Assert.Equal(9, rows.Length);
        var found = run[site].Row(4, 1).ToArray();
        for (var i = 0; i < found.Length; i++)
            Assert.Equal(rows.Average(row => row[i]), found[i], 1e-6);
    }

    [Fact]
    public void Only_recorded_positions_are_replaced_where_none_are_named()
    {
        var part = new Recorder(bench.Model).Record(
            others, [new(Activation.MlpInput) { Positions = [1, 4], Layers = [1] }]);
        var site = new Site(Activation.MlpInput, 1);
        var run = bench.Record(ids, Intervention.Replace(bench.At(Activation.MlpInput, 1), part));
        var clean = bench.Record(ids);
        for (var position = 0; position < 6; position++)
            Assert.Equal((position is 1 or 4 ? part : clean)[site].Row(position), run[site].Row(position));
    }

    [Fact]
    public void An_edit_that_fails_leaves_the_model_as_it_was()
    {
        var clean = bench.Logits(ids);
        var failing = Intervention.Edit(
            bench.At(Activation.HeadOutput, 1), (position, _, _) => throw new InvalidOperationException($"{position}"));
        Assert.Equal("0", Assert.Throws<InvalidOperationException>(() => bench.Logits(ids, failing)).Message);
        Assert.Equal(clean, bench.Logits(ids));
    }

    [Fact]
    public void An_intervention_ends_with_its_run()
    {
        var clean = bench.Logits(ids);
        var zero = Intervention.Zero(bench.At(Activation.ResidualMiddle, 1));
        Differ(clean, bench.Logits(ids, zero));
        Assert.Equal(clean, bench.Logits(ids));
    }

    [Fact]
    public void A_run_that_starts_amid_the_model_is_changed_as_a_whole_run_is()
    {
        var clean = bench.Record(ids);
        var start = clean[new(Activation.ResidualMiddle, 1)];
        foreach (var site in InterventionBench.Sites.Where(site => !site.IsBefore(start.Site)))
        {
            var zero = Intervention.Zero(bench.At(site.Activation, site.Layer, positions: [3, 5]));
            var run = new Recorder(bench.Model).Record(
                ids, [new(Activation.Logits)], new() { Start = start, Interventions = [zero] });
            Near(bench.Logits(ids, zero), [.. run[Site.Logits].Values]);
        }
    }

    static double Difference(float[] left, float[] right)
    {
        Assert.Equal(left.Length, right.Length);
        return left.Zip(right, (a, b) => Math.Abs(a - b)).Max() / left.Max(Math.Abs);
    }

    static void Near(float[] expected, float[] found) => Assert.InRange(Difference(expected, found), 0, Rounding);

    static void Differ(float[] expected, float[] found) => Assert.True(Difference(expected, found) > Moved);
}
