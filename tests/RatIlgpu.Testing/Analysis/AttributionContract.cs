using System.Text.Json;
using RatIlgpu.Analysis;
using RatIlgpu.Models;

namespace RatIlgpu.Testing;

/// <summary>Holds attribution and logit lens on a device to the numbers of the float64 reference.</summary>
public abstract class AttributionContract : IClassFixture<ClassFixture>
{
    /// <summary>A row of an F32 run through three layers against that of one in F64, as a share of it.</summary>
    const double Relative = 1e-4;

    /// <summary>Half the distance of an F32 near 1 to the next: a row whose terms cancel is no surer than this share of
    /// the largest row. The smallest row by source is 5e-5 beside one of 0.27, and differs by 9.5e-9 where sums are
    /// made in eight lanes.</summary>
    const double Rounding = 1.0 / (1 << 24);

    /// <summary>What such runs differ by in a logit and in the scale of the final stream, which are below 10, and what
    /// the rows may miss of a logit.</summary>
    const double Absolute = 1e-5;

    public static TheoryData<string> Targets => ["dla_diff", "dla_single"];

    protected abstract Device Create();

    AttributionFixture Fixture { get; } = ClassFixture.Shared(() => new AttributionFixture());

    Qwen2Model Model => ClassFixture.Shared(() => Fixture.On(ClassFixture.Shared(Create)));

    [Theory]
    [MemberData(nameof(Targets))]
    public void Sublayers_are_those_of_the_reference(string target) =>
        Close(Rows(target, "component"), WithoutRounding(Attribute(target, AttributionUnit.Sublayer)));

    [Theory]
    [MemberData(nameof(Targets))]
    public void Heads_are_those_of_the_reference(string target) =>
        Close(Rows(target, "head"), WithoutRounding(Attribute(target, AttributionUnit.Head)));

    [Theory]
    [MemberData(nameof(Targets))]
    public void Streams_are_those_of_the_reference(string target) =>
        Close(Rows(target, "accumulated"), Labelled(Attribute(target, AttributionUnit.CumulativeLayer)));

    [Theory]
    [MemberData(nameof(Targets))]
    public void Sources_of_heads_are_those_of_the_reference(string target)
    {
        var found = WithoutRounding(Attribute(target, AttributionUnit.HeadBySource));
        var expected =
            from head in Dla(target, "by_source").EnumerateArray()
            from source in head[1].EnumerateArray().Select((value, index) => (Value: value.GetDouble(), Index: index))
            select ($"{head[0].GetString()} <- {source.Index}", source.Value);
        Close([.. expected, Rows(target, "head")[^1]], found);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Value_biases_are_those_of_the_reference(string target)
    {
        var (heads, biases) = (Rows(target, "head"), Rows(target, "value_bias"));
        var separate = Attribute(target, AttributionUnit.Head, ValueBiasTreatment.Separate);
        var perLayer = biases.Chunk(AttributionFixture.Config.HeadCount)
            .Select((layer, index) => ($"{index}_value_bias", layer.Sum(bias => bias.Value)));
        Assert.All(perLayer, layer => Assert.True(Math.Abs(layer.Item2) > 0.01));
        Close(
            [.. heads.Zip(biases, (head, bias) => (head.Label, head.Value - bias.Value)), .. perLayer, heads[^1]],
            WithoutRounding(separate));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Neurons_of_a_layer_sum_to_its_mlp(string target)
    {
        var rows = Attribute(target, AttributionUnit.Neuron).Terms;
        Assert.Equal((3 * 24) + 2, rows.Length);
        var perLayer = rows.Where(row => row.Term is ResidualTerm.Neuron)
            .GroupBy(row => ((ResidualTerm.Neuron)row.Term).Layer)
            .Select(layer => ($"{layer.Key}_mlp_out", layer.Sum(row => row.Value)));
        Close([.. Rows(target, "component").Where(row => row.Label.Contains("mlp_out"))], [.. perLayer]);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_state_under_the_lens_is_that_of_the_reference(string target)
    {
        var options = new LensOptions { Tokens = [AttributionFixture.Answer, AttributionFixture.Foil] };
        var states = new LogitLens(Model).Read(AttributionFixture.Clean.AsSpan(), ^1, options);
        var hasFoil = TargetOf(target).Foil is not null;
        Close(
            Rows(target, "lens"),
            [.. states.Select(s => (s.State.Label, s.Tokens[0].Logit - (hasFoil ? s.Tokens[1].Logit : 0)))]);
    }

    [Fact]
    public void Entropy_and_divergence_of_every_state_are_those_of_the_reference()
    {
        var states = new LogitLens(Model).Read(AttributionFixture.Clean.AsSpan(), ^1);
        var expected = Fixture.Results.GetProperty("lens_spread").EnumerateArray().ToList();
        Assert.Equal(expected.Count, states.Length);
        foreach (var (row, state) in expected.Zip(states))
        {
            Assert.Equal(row[0].GetString(), state.State.Label);
            Assert.Equal(row[1].GetDouble(), state.Entropy, Absolute);
            Assert.Equal(row[2].GetDouble(), state.KlDivergence, Absolute);
        }
    }

    [Fact]
    public void What_is_measured_is_what_the_reference_gives()
    {
        var expected = Fixture.Results.GetProperty("metric_clean").GetDouble();
        Assert.Equal(expected, Attribute("dla_diff", AttributionUnit.Sublayer).Measured, Absolute);
        double[] logits = [.. Numbers("clean_last_logits")];
        var answer = logits[AttributionFixture.Answer];
        Assert.Equal(answer, Attribute("dla_single", AttributionUnit.Sublayer).Measured, Absolute);
        var centred = Attribute("dla_single", AttributionUnit.Head, reference: LogitReference.VocabularyMean);
        Assert.Equal(answer - logits.Average(), centred.Measured, Absolute);
        Assert.InRange(Math.Abs(logits.Average()), 0.01, double.MaxValue);
        Assert.Equal(centred.Measured, centred.Terms.SkipLast(1).Sum(term => term.Value), Absolute);
    }

    [Fact]
    public void The_scales_of_the_final_stream_are_those_of_the_reference()
    {
        var run = new Recorder(Model).Record(
            AttributionFixture.Clean.AsSpan(), LogitAttributor.Captures(AttributionUnit.Sublayer));
        Index[] all = [.. Enumerable.Range(0, AttributionFixture.Clean.Length)];
        var found = new LogitAttributor(Model).Attribute(run, TargetOf("dla_diff"), all);
        Assert.All(
            Numbers("final_scale_clean").Zip(found),
            pair => Assert.Equal(pair.First, pair.Second.FinalScale, Absolute));
    }

    LogitAttribution Attribute(
        string target,
        AttributionUnit unit,
        ValueBiasTreatment bias = ValueBiasTreatment.InHeads,
        LogitReference reference = LogitReference.Raw) =>
        new LogitAttributor(Model).Attribute(
            AttributionFixture.Clean.AsSpan(),
            TargetOf(target),
            ^1,
            new() { Unit = unit, ValueBias = bias, Reference = reference });

    static LogitTarget TargetOf(string name) =>
        new(AttributionFixture.Answer, name == "dla_diff" ? AttributionFixture.Foil : null);

    JsonElement Dla(string target, string table) => Fixture.Results.GetProperty(target).GetProperty(table);

    IEnumerable<double> Numbers(string name) =>
        Fixture.Results.GetProperty(name).EnumerateArray().Select(number => number.GetDouble());

    (string Label, double Value)[] Rows(string target, string table) =>
        [.. Dla(target, table).EnumerateArray().Select(row => (row[0].GetString()!, row[1].GetDouble()))];

    static (string Label, double Value)[] Labelled(LogitAttribution found) =>
        [.. found.Terms.Select(row => (row.Term.Label, row.Value))];

    static (string Label, double Value)[] WithoutRounding(LogitAttribution found)
    {
        Assert.Equal("rounding", found.Terms[^1].Term.Label);
        Assert.Equal(found.Measured, found.Terms.Sum(row => row.Value), 1e-12);
        Assert.InRange(Math.Abs(found.Terms[^1].Value), 0, Absolute);
        return Labelled(found)[..^1];
    }

    static void Close((string Label, double Value)[] expected, (string Label, double Value)[] found)
    {
        Assert.Equal(expected.Select(row => row.Label), found.Select(row => row.Label));
        var largest = expected.Max(row => Math.Abs(row.Value));
        Assert.True(largest > 0.1);
        foreach (var ((label, value), row) in expected.Zip(found))
        {
            var allowed = Relative * Math.Abs(value) + Rounding * largest;
            Assert.True(Math.Abs(value - row.Value) <= allowed, $"{label}: {row.Value}, expected {value}");
        }
    }
}
