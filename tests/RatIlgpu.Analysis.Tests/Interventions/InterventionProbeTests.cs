using RatIlgpu.Tensors;

namespace RatIlgpu.Analysis.Tests;

public sealed class InterventionProbeTests : IDisposable
{
    readonly InterventionBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void A_prompt_of_another_length_than_the_one_to_replace_from_is_refused_in_a_run_of_ones_own()
    {
        var change = Intervention.Replace(bench.At(Activation.HeadOutput, 1), bench.Record(bench.Prompt(4)));
        var probe = new InterventionProbe(bench.Model, change);
        var refusal = Assert.Throws<ArgumentException>(
            () => bench.Model.Forward(bench.Prompt(6), new() { Probe = probe }));
        Assert.StartsWith(
            $"{change}: the prompt has 6 tokens, the recording to replace from 4;", refusal.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_probe_that_was_not_told_of_the_run_says_so()
    {
        var probe = new Silent(new(bench.Model, Intervention.Zero(bench.At(Activation.ResidualMiddle, 1))));
        Assert.Contains(
            "passes Begin on",
            Assert.Throws<InvalidOperationException>(
                () => bench.Model.Forward(bench.Prompt(3), new() { Probe = probe })).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public void A_run_of_another_number_of_branches_is_refused(int branches)
    {
        // Of 6 positions: as many rows as 3 branches could have.
        var change = Intervention.Zero(bench.At(Activation.HeadOutput, 1, [0], [2]));
        using var probe = InterventionProbe.OfBranches(bench.Model, [change], [], [change]);
        using var stream = bench.Model.Device.Allocate(6 * branches, bench.Model.Config.HiddenSize);
        bench.Model.Device.Fill(1, stream);
        Assert.Equal(
            $"The probe has interventions for 3 branches, but the run has {branches}: OfBranches takes one list for "
            + "each branch of the run, empty for none.",
            Assert.Throws<ArgumentException>(
                () => Run(new ProbePair(probe, new Testing.RecordingProbe(_ => false)))).Message);
        Assert.Contains(
            "passes BeginBranches on",
            Assert.Throws<InvalidOperationException>(() => Run(new Deaf(probe))).Message, StringComparison.Ordinal);

        void Run(IProbe asked) =>
            bench.Model.RunFrom(new(Activation.ResidualBefore, 0), stream, new() { Probe = asked }, branches);
    }

    // One branch of many would else be changed as if it were the only one.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_probe_of_one_branch_that_was_not_told_of_branches_says_so(int branches)
    {
        using var probe = new InterventionProbe(
            bench.Model, Intervention.Zero(bench.At(Activation.HeadOutput, 1, [0], [2])));
        using var stream = bench.Model.Device.Allocate(6 * branches, bench.Model.Config.HiddenSize);
        bench.Model.Device.Fill(1, stream);
        Assert.Contains(
            "passes BeginBranches on",
            Assert.Throws<InvalidOperationException>(() => bench.Model.RunFrom(
                new(Activation.ResidualBefore, 0), stream, new() { Probe = new Deaf(probe) }, branches)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Activation.FinalNorm)]
    [InlineData(Activation.Logits)]
    public void Rows_of_any_positions_are_changed_at_the_position_asked(Activation activation)
    {
        var probe = new InterventionProbe(bench.Model, Intervention.Zero(bench.At(activation, positions: [3, 5])));
        var seen = new Testing.RecordingProbe(site => site == Site.Logits);
        bench.Model.RunAll(
            [new([.. bench.Prompt(10)]) { Probe = new ProbePair(probe, seen), LogitPositions = [3, 9] }], new());
        var logits = seen[Site.Logits];
        Assert.All(logits[..(logits.Length / 2)], logit => Assert.Equal(0, logit));
        Assert.Contains(logits[(logits.Length / 2)..], logit => logit != 0);
    }

    [Fact]
    public void Blocks_of_positions_are_changed_as_all_at_once()
    {
        var ids = bench.Prompt(600);
        foreach (var site in InterventionBench.Sites)
            foreach (var positions in (ImmutableArray<int>?[])[null, [3, 255, 256, 300, 599]])
            {
                var target = bench.At(site.Activation, site.Layer, positions: positions);
                Assert.Equal(Run(target, takesBlocks: false), Run(target, takesBlocks: true));
            }

        float[] Run(InterventionTarget target, bool takesBlocks)
        {
            var probe = new InterventionProbe(bench.Model, Intervention.Scale(target, 0.5f));
            using var logits = bench.Model.Forward(
                ids, new() { Probe = probe, ProbeTakesBlocks = takesBlocks, LogitCount = 9 });
            return bench.Model.Device.Download(logits);
        }
    }

    [Fact]
    public void A_probe_that_was_not_told_of_the_rows_of_logits_says_so()
    {
        var probe = new Begun(new(bench.Model, Intervention.Zero(bench.At(Activation.Logits))));
        Assert.Contains(
            "passes BeginLogits on",
            Assert.Throws<InvalidOperationException>(
                () => bench.Model.Forward(bench.Prompt(3), new() { Probe = probe })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_intervention_behind_the_last_site_recorded_is_refused()
    {
        var change = Intervention.Zero(bench.At(Activation.HeadOutput, 2));
        Assert.Equal(
            "zero HeadOutput of layer 2, heads 0, 1, 2, 3, 4, 5: the run ends after Pattern of layer 0, the last site "
            + "recorded, before it comes there; record a later site, or leave the intervention out.",
            Assert.Throws<ArgumentException>(() => new Recorder(bench.Model).Record(
                bench.Prompt(3),
                [new(Activation.Pattern) { Layers = [0] }],
                new() { Interventions = [change] })).Message);
    }

    [Fact]
    public void A_stream_of_another_model_or_prompt_is_refused_as_a_start()
    {
        using var other = new InterventionBench(Testing.TinyQwen2.Small with { RopeTheta = 5000 });
        Site start = new(Activation.ResidualBefore, 1);
        Says("ResidualBefore of layer 1 was recorded of another model: ", other.Record(bench.Prompt(5))[start]);
        Says("ResidualBefore of layer 1 was recorded of another prompt than the one that is to run.",
            bench.Record(bench.Prompt(5, seed: 8))[start]);

        void Says(string message, RecordedActivation from) => Assert.StartsWith(
            message,
            Assert.Throws<ArgumentException>(() => new Recorder(bench.Model).Record(
                bench.Prompt(5), [new(Activation.Logits)], new() { Start = from })).Message,
            StringComparison.Ordinal);
    }

    sealed class Begun(InterventionProbe inner) : IProbe
    {
        public void Begin(int firstPosition, int positionCount) => inner.Begin(firstPosition, positionCount);

        public void BeginBranches(int branches) => inner.BeginBranches(branches);

        public bool Wants(Site site) => inner.Wants(site);

        public void Show(Site site, Tensor activation, Device device) => inner.Show(site, activation, device);
    }

    sealed class Silent(InterventionProbe inner) : IProbe
    {
        public void Begin(int firstPosition, int positionCount)
        {
        }

        public bool Wants(Site site) => inner.Wants(site);

        public void Show(Site site, Tensor activation, Device device) => inner.Show(site, activation, device);
    }

    // Does not pass on how many branches there are.
    sealed class Deaf(InterventionProbe probe) : IProbe
    {
        public bool Wants(Site site) => probe.Wants(site);

        public void Begin(int firstPosition, int positionCount) => probe.Begin(firstPosition, positionCount);

        public void Show(Site site, Tensor activation, Device device) => probe.Show(site, activation, device);
    }
}
