using RatIlgpu.Analysis;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class HeadAtlasTests
{
    const double Rounding = 1e-3;

    [Fact]
    public void An_atlas_is_that_of_the_processor()
    {
        using var folder = new TemporaryFolder();
        CircuitModels.Induction().Save(folder.Root);
        using var cpu = new CpuDevice();
        using var ilgpu = Found.Open("ilgpu-cpu");
        var (expected, found) = (Read(folder.Root, cpu), Read(folder.Root, ilgpu));
        var (previous, inductor) = (expected[CircuitModels.Previous], expected[CircuitModels.Inductor]);
        Assert.Contains(previous.Roles, role => role.Role == HeadRole.PreviousToken);
        Assert.Contains(inductor.Roles, role => role.Role == HeadRole.Induction);
        Assert.Equal(CircuitModels.Previous, inductor.Feeders[0].Source);
        Assert.NotEmpty(inductor.Effects);
        Assert.Equal(16, expected.Points.Length / expected.Texts.Length);
        foreach (var (one, other) in expected.Heads.Zip(found.Heads))
        {
            Assert.Equal(one.Roles.Select(role => (role.Role, role.Verdict)),
                other.Roles.Select(role => (role.Role, role.Verdict)));
            Assert.Equal(one.Feeders.Select(Key), other.Feeders.Select(Key));
            AssertClose(one.Feeders.Select(feeder => feeder.Effect), other.Feeders.Select(feeder => feeder.Effect));
            AssertClose(one.Effects.Select(effect => effect.Effect), other.Effects.Select(effect => effect.Effect));
            AssertClose(one.Scores.Values.Select(score => score.Raw), other.Scores.Values.Select(score => score.Raw));
        }

        foreach (var (one, other) in expected.Cards.Zip(found.Cards))
            AssertClose(
                one.Examples.SelectMany(example => example.Attention).Select(number => (double)number),
                other.Examples.SelectMany(example => example.Attention).Select(number => (double)number));
        Assert.NotEmpty(expected.Cards);
    }

    static (HeadIndex, HeadInput) Key(HeadFeeder feeder) => (feeder.Source, feeder.Input);

    static void AssertClose(IEnumerable<double> expected, IEnumerable<double> found)
    {
        var pairs = expected.Zip(found).ToList();
        Assert.Equal(expected.Count(), found.Count());
        Assert.All(pairs, pair => Assert.Equal(pair.First, pair.Second, Rounding));
    }

    static HeadAtlas Read(string folder, Device device)
    {
        using var model = LanguageModel.Load(folder, device);
        return new HeadAtlasReader(model, new()
        {
            Documents = 4,
            TextLength = 48,
            RepeatSequences = 6,
        }).Read();
    }
}
