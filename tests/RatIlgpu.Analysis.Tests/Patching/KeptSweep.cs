namespace RatIlgpu.Analysis.Tests;

/// <summary>A sweep of some kind over two pairs, few rows at once, so that a layer has several batches.</summary>
sealed class KeptSweep(PatchingCase on, string kind)
{
    const int Rows = 24;

    static readonly ActivationPatchingOptions FewRows = new() { MaxBatchRows = Rows };
    static readonly DirectPathOptions Direct = new() { MaxBatchRows = Rows };

    /// <summary>Gets the sweeps by their names.</summary>
    public static IReadOnlyDictionary<string, Sweep> Kinds { get; } = new Dictionary<string, Sweep>
    {
        ["stream by position"] = Activations(new(Activation.ResidualBefore, PatchAxes.Position)),
        ["MLP as a whole"] = Activations(new(Activation.MlpOutput, PatchAxes.Layer)),
        ["outputs by head"] = Activations(new(Activation.HeadOutput, PatchAxes.Head)),
        ["outputs by position and head"] = Activations(
            new(Activation.HeadOutput, PatchAxes.Position | PatchAxes.Head)),
        ["keys by group"] = Activations(new(Activation.Key, PatchAxes.Head)),
        ["keys by query head"] = Activations(new(Activation.Key, PatchAxes.Head, KeyValueScope.QueryHead)),
        ["patterns by position and key"] = Activations(
            new(Activation.Pattern, PatchAxes.Position | PatchAxes.Key)),
        ["some layers, positions and heads"] = Activations(
            new(Activation.Value, PatchAxes.Position | PatchAxes.Head),
            FewRows with { Layers = [0, 2], Positions = [3, 5, ^1], Heads = [1] }),
        ["paths into queries"] = Paths(HeadInput.Query, Direct),
        ["paths into keys of groups"] = Paths(HeadInput.Key, Direct with { Scope = KeyValueScope.KeyValueGroup }),
        ["paths into whole layers"] = Paths(HeadInput.Value, Direct with { Axes = PatchAxes.Layer }),
        ["some paths"] = Paths(
            HeadInput.Value, Direct with { DestinationLayers = [2], DestinationHeads = [4, 1], Positions = [3, ^1] },
            [new(0, 5), new(1, 1), new(0, 2), new(2, 0)]),
    };

    /// <summary>Runs a sweep over some pairs.</summary>
    public delegate List<Grid> Sweep(
        PatchingCase on,
        PatchCase[] cases,
        PartialPatches? kept,
        IProgress<SweepProgress>? progress,
        CancellationToken cancellation);

    /// <summary>Runs the sweep.</summary>
    public List<Grid> Run(
        PartialPatches? kept, IProgress<SweepProgress>? progress = null, CancellationToken cancellation = default)
    {
        PatchCase[] cases =
        [
            new(on.Pair, PatchingCase.Metric), new(on.Pair.Swapped(), new LogitMetric.Logit(new(3, 4), ^1)),
        ];
        return Kinds[kind](on, cases, kept, progress, cancellation);
    }

    /// <summary>Checks that grids have the same bits.</summary>
    public static void Same(List<Grid> expected, List<Grid> found)
    {
        Assert.Equal(expected.Count, found.Count);
        foreach (var (one, other) in expected.Zip(found))
        {
            Assert.Equal(Bits(one.Clean), Bits(other.Clean));
            Assert.Equal(Bits(one.Corrupted), Bits(other.Corrupted));
            Assert.Equal(one.Values.Select(Bits), other.Values.Select(Bits));
        }

        static long? Bits(double? value) => value is { } some ? BitConverter.DoubleToInt64Bits(some) : null;
    }

    static Sweep Activations(PatchTarget target, ActivationPatchingOptions? options = null) =>
        (on, cases, kept, progress, cancellation) =>
        [
            .. new ActivationPatching(on.Model) { Progress = progress }
                .SweepPairs(cases, target, options ?? FewRows, kept, cancellation).Grids.Select(Grid.Of),
        ];

    static Sweep Paths(HeadInput input, DirectPathOptions options, ValueArray<HeadIndex>? sources = null) =>
        (on, cases, kept, progress, cancellation) =>
        [
            .. new DirectPathPatching(on.Model) { Progress = progress }
                .SweepPairs(cases, sources, input, options, kept, cancellation)
                .SelectMany(source => source.Grids).Select(Grid.Of),
        ];

    /// <summary>The numbers of a grid.</summary>
    public sealed record Grid(double Clean, double Corrupted, double?[] Values)
    {
        /// <summary>Returns those of a grid.</summary>
        public static Grid Of<T>(PatchGrid<T> grid) =>
            new(grid.CleanMetric, grid.CorruptedMetric, grid.Values.ToArray());
    }
}
