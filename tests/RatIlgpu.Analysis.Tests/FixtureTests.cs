using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class FixtureTests
{
    [Fact]
    public void The_model_of_the_fixture_has_the_logits_of_the_reference()
    {
        using var device = new PlainDevice();
        using var fixture = new AttributionFixture();
        using var model = fixture.On(device);
        var run = new Recorder(model).Record(
            AttributionFixture.Clean.AsSpan(), [new(Activation.Logits) { Positions = [^1] }]);
        var expected = fixture.Results.GetProperty("clean_last_logits").EnumerateArray().Select(e => e.GetDouble());
        Assert.All(
            expected.Zip(run[Site.Logits].Values.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }
}
