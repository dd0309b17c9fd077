using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class HeadSelfTestTests
{
    /// <summary>Gets what is expected of the models, worked out with a float64 program of its own, to the digits that
    /// are given.</summary>
    public static TheoryData<string, string, double, double> Known => new()
    {
        { "uniform", "attention to two tokens over their availability", 1, 1e-9 },
        { "offset-1-strength-110", "1 back", 0.999911, 5e-7 },
        { "offset-1-strength-200", "1 back", 0.99999998, 5e-9 },
        { "offset-1-strength-200", "first token", 2 / 64.0, 1e-6 },
        { "offset-4-strength-200", "4 back", 1, 5e-7 },
        { "offset-4-strength-200", "offset of the largest mean", 4, 0 },
        { "offset-1-strength-100-base-million", "previous token of 64", 0.99992, 5e-6 },
        { "offset-1-strength-400-base-million", "previous token of 512", 1, 5e-7 },
        { "sink", "first token", 0.992245, 5e-7 },
        { "sink", "offset of the largest mean, which is the first token seen by the last", 127, 0 },
        { "sink", "mean at that offset", 0.9846, 5e-5 },
        { "sink", "largest mean without the first token", 0, 1e-3 },
        { "duplicate-repulsion-60", "all tokens twice", 0.99784, 5e-6 },
        { "duplicate-repulsion-0", "all tokens twice, as many copies as the query itself", 0.5, 2e-6 },
        { "duplicate-repulsion-0", "random tokens, n of n + 1", 0.63586, 5e-6 },
        { "duplicate-repulsion-150", "random tokens, pushed to far positions", 0.39, 5e-3 },
        { "successor", "six ordinals, attention to the one before", 0.9999982, 5e-8 },
        { "successor", "six other words", 0.175642, 5e-7 },
        { "successor", "permuted ordinals, attention to the predecessor minus others", 1, 1e-5 },
        { "increment", "share of ordinals whose successor is written most", 1, 0 },
        { "increment", "the same of a head that writes nothing", 0, 0 },
        { "induction", "induction", 0.966667, 5e-7 },
        { "induction", "induction of a uniform head beside it", 0.043101, 5e-7 },
        { "induction", "attention of the first repeated token to its successor", 0.5, 5e-6 },
        { "induction", "share of tokens that are copied", 14 / 15.0, 1e-9 },
        { "induction", "induction behind a token that is not repeated", 0.99999995, 5e-9 },
        { "induction", "attention of the first repeated token there", 1, 1e-7 },
        { "induction", "induction without the head that looks one back", 0.043101, 5e-7 },
        { "induction", "attention to 4 without that head at 5", 1, 1e-6 },
        { "induction", "attention to 5 without that head at 5", 0.047619, 5e-7 },
        { "induction", "attention to 6 without that head at 5", 1, 1e-6 },
        { "grouped-copy", "what head 1 writes of a token", 2, 0 },
        { "grouped-copy", "what head 3 writes of a token", -3, 0 },
        { "inhibition", "attention of the head that inhibits to the second mention", 1, 5e-5 },
        { "inhibition", "attention of head 1 to the second mention", 0.067, 5e-4 },
        { "inhibition", "attention of the head that moves names to the second mention", 0.0065, 5e-5 },
        { "inhibition", "attention of the head that inhibits to a third name in its place", 0.3336, 5e-5 },
        { "inhibition", "attention of the head that moves names to the other name's first mention", 0.497, 5e-4 },
        { "inhibition", "attention of the head that moves names to the repeated name's first mention", 0.497, 5e-4 },
        { "inhibition", "logit of the other name minus that of the repeated one", 6.02, 5e-3 },
        { "inhibition", "the same without the head that inhibits", -0.03, 5e-3 },
        { "decoy", "attention to the second mention", 1, 5e-7 },
        { "decoy", "attention to the third name", 1, 5e-7 },
        { "decoy", "what the head writes of a name", -1, 0 },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void A_case_expects_the_known_number(string checkpoint, string name, double expected, double tolerance) =>
        Assert.Equal(
            expected, HeadSelfTest.Cases.Single(one => one.Checkpoint == checkpoint && one.Name == name).Expected,
            tolerance);

    [Fact]
    public void Cases_have_names_of_their_own_and_stand_by_their_model()
    {
        Assert.Equal(
            HeadSelfTest.Cases.Length, HeadSelfTest.Cases.DistinctBy(one => (one.Checkpoint, one.Name)).Count());
        Assert.Equal(
            HeadSelfTest.Cases,
            HeadSelfTest.Cases.GroupBy(one => one.Checkpoint).SelectMany(cases => cases));
    }

    [Fact]
    public void A_number_beyond_the_tolerance_does_not_pass()
    {
        var of = HeadSelfTest.Cases[0];
        Assert.True(of.Result(of.Expected + 0.9e-4).Passes);
        Assert.False(of.Result(of.Expected + 1.1e-4).Passes);
        Assert.False(of.Result(of.Expected - 1.1e-4).Passes);
        Assert.False(of.Result(double.NaN).Passes);
    }

    [Fact]
    public void Checkpoints_stay_in_a_folder_that_is_given()
    {
        using var folder = new TemporaryFolder();
        using var device = new CpuDevice();
        var first = HeadSelfTest.Run(device, folder.Root, cancellation: TestContext.Current.CancellationToken).First();
        Assert.True(first.Passes);
        Assert.True(File.Exists(folder.Path("constructed-uniform", "model.safetensors")));
        Assert.Equal(first.Found, first.Case.Find(device, folder.Path("again")));
    }

    [Fact]
    public void Progress_is_told_of_every_case_and_a_cancelled_test_stops()
    {
        using var device = new CpuDevice();
        using var stop = new CancellationTokenSource();
        var told = new Told();
        var results = new List<SelfTestResult>();
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var result in HeadSelfTest.Run(device, progress: told, cancellation: stop.Token))
            {
                results.Add(result);
                if (results.Count == 2)
                    stop.Cancel();
            }
        });
        Assert.Equal(2, results.Count);
        Assert.Equal([1.0 / HeadSelfTest.Cases.Length, 2.0 / HeadSelfTest.Cases.Length], told.Shares);
    }

    sealed class Told : IProgress<double>
    {
        public List<double> Shares { get; } = [];

        public void Report(double value) => Shares.Add(value);
    }
}
