using RatIlgpu.Analysis;

namespace RatIlgpu.Testing;

/// <summary>Holds constructed models on a device to the formulas of what their heads do.</summary>
public abstract class SelfTestContract : IClassFixture<ClassFixture>
{
    /// <summary>Probabilities whose scores reach 150: a rounding to F32 may move one by 10⁻⁵.</summary>
    const double Rounding = 1e-4;

    const int Tokens = 64;

    /// <summary>Opens the device.</summary>
    protected abstract Device Create();

    static ImmutableArray<int> Prompt { get; } = [.. PositionalCases.Prompt(Tokens)];

    Device Device => ClassFixture.Shared(Create);

    [Fact]
    public void Every_case_is_found()
    {
        var results = HeadSelfTest.Run(Device, cancellation: TestContext.Current.CancellationToken).ToList();
        Assert.Equal(HeadSelfTest.Cases, results.Select(one => one.Case));
        Assert.All(results, one => Assert.True(
            one.Passes, FormattableString.Invariant($"{one.Case}, found {one.Found}")));
    }

    [Fact]
    public void Every_cell_of_a_head_that_looks_back_is_that_of_the_formula()
    {
        foreach (var (offset, strength) in ((int, double)[])[(1, 110), (4, 200)])
            using (var run = new Loaded(PositionalModels.Offset(offset, strength), Device))
            {
                Same(
                    PositionalCases.Pattern(Tokens, offset, strength, ConstructedShape.Reference),
                    run.Found.Pattern(Prompt, new(0, PositionalModels.OffsetHead)));
                Same(ClosedForms.Pattern(Tokens, (_, _) => 0), run.Found.Pattern(Prompt, new(0, 0)));
            }
    }

    [Fact]
    public void Every_cell_of_a_head_that_looks_for_tokens_is_that_of_the_formula()
    {
        foreach (var repulsion in (double[])[0, 60, 150])
            using (var run = new Loaded(MatchingModels.Duplicate(MatchingCases.DuplicateKappa, repulsion), Device))
                Same(
                    MatchingCases.DuplicatePattern(MatchingCases.Random, repulsion),
                    run.Found.Pattern(MatchingCases.Random, new(0, MatchingModels.DuplicateHead)));
        using var successor = new Loaded(MatchingModels.Successor(15), Device);
        Same(
            MatchingCases.SuccessorPattern(MatchingCases.Permuted),
            successor.Found.Pattern(MatchingCases.Permuted, new(0, MatchingModels.SuccessorHead)));
    }

    [Fact]
    public void Every_cell_of_a_circuit_of_two_layers_is_that_of_the_formula()
    {
        using var run = new Loaded(CircuitModels.Induction(), Device);
        foreach (var ids in (ImmutableArray<int>[])[MatchingCases.Twice, CircuitCases.WithFirst])
            Same(CircuitCases.Pattern(ids), run.Found.Pattern(ids, CircuitModels.Inductor));
        Same(
            CircuitCases.Pattern(MatchingCases.Twice, key => key == 5),
            run.Found.Pattern(
                MatchingCases.Twice, CircuitModels.Inductor, run.Found.Zero(CircuitModels.Previous, 5)));
    }

    [Fact]
    public void Patterns_of_a_batch_are_those_of_each_prompt_in_any_order()
    {
        using var run = new Loaded(CircuitModels.Induction(), Device);
        ImmutableArray<int>[] prompts = [MatchingCases.Twice, Prompt, CircuitCases.WithFirst, NameModels.Sentence];
        Capture[] captures = [new(Activation.Pattern)];
        var recorder = new Recorder(run.Found.Network);
        var alone = prompts.Select(ids => Values(recorder.Record(ids.AsSpan(), [.. captures]))).ToList();
        Assert.Equal(alone, All(prompts));
        Assert.Equal(alone, All(prompts.Reverse()).Reverse());

        IEnumerable<float[]> All(IEnumerable<ImmutableArray<int>> some) =>
            recorder.RecordAll([.. some.Select(ids => new RecordedPrompt(ids))], [.. captures]).Select(Values).ToList();

        static float[] Values(Recording one) => [.. one.Sites.SelectMany(site => one[site].Values.ToArray())];
    }

    static void Same(double[][] expected, double[][] found)
    {
        Assert.Equal(expected.Length, found.Length);
        foreach (var (query, row) in expected.Index())
            foreach (var (key, share) in row.Index())
                Assert.True(
                    Math.Abs(share - found[query][key]) <= Rounding,
                    FormattableString.Invariant($"A[{query}, {key}]: {share} expected, {found[query][key]} found"));
    }

    sealed class Loaded : IDisposable
    {
        readonly TemporaryFolder folder = new();

        public Loaded(ConstructedModel model, Device device) =>
            Found = ConstructedRun.Load(model, folder.Root, device);

        public ConstructedRun Found { get; }

        public void Dispose()
        {
            Found.Dispose();
            folder.Dispose();
        }
    }
}
