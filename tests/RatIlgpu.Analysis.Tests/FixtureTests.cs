using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>The numbers of the reference that no other test compares.</summary>
public sealed class FixtureTests
{
    [Fact]
    public void The_model_of_the_fixture_has_the_logits_of_the_reference()
    {
        Holds(AttributionFixture.Clean, "clean_last_logits");
        Holds(AttributionFixture.Corrupted, "corrupted_last_logits");

        static void Holds(ImmutableArray<int> prompt, string name)
        {
            using var device = new PlainDevice();
            using var fixture = new AttributionFixture();
            using var model = fixture.On(device);
            var run = new Recorder(model).Record(prompt.AsSpan(), [new(Activation.Logits) { Positions = [^1] }]);
            var expected = fixture.Results.GetProperty(name).EnumerateArray().Select(one => one.GetDouble());
            Assert.All(
                expected.Zip(run[Site.Logits].Values.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }
    }

    [Fact]
    public void The_scales_of_the_first_norms_are_those_of_the_reference()
    {
        using var device = new PlainDevice();
        using var fixture = new AttributionFixture();
        using var model = fixture.On(device);
        var run = new Recorder(model).Record(
            AttributionFixture.Corrupted.AsSpan(), [new(Activation.ResidualBefore)]);
        foreach (var layer in fixture.Results.GetProperty("ln1_scale_corrupted").EnumerateObject())
            foreach (var (position, scale) in layer.Value.EnumerateArray().Index())
            {
                var site = new Site(
                    Activation.ResidualBefore, int.Parse(layer.Name, CultureInfo.InvariantCulture));
                var squares = run[site].Row(position).ToArray().Average(number => (double)number * number);
                Assert.Equal(scale.GetDouble(), Math.Sqrt(squares + 1e-6), 1e-5);
            }
    }
}
