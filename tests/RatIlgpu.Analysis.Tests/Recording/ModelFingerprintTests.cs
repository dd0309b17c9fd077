using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class ModelFingerprintTests
{
    static Qwen2Config Stretched => TinyQwen2.Small with
    {
        RopeScaling = new()
        {
            Kind = RopeScalingKind.Yarn,
            Factor = 2.5,
            OriginalPositions = 512,
            AttentionFactor = 1.25,
        },
    };

    [Fact]
    public void The_same_model_has_the_same_fingerprint_on_every_device_and_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        var expected = Of(Stretched);
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.Equal(expected, Of(Stretched));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Assert.Equal(expected, Of(Stretched, device: new PlainDevice()));
    }

    [Fact]
    public void Settings_tell_models_apart()
    {
        var small = TinyQwen2.Small;
        Qwen2Config[] others =
        [
            small, Stretched, Stretched with { RopeScaling = Stretched.RopeScaling! with { AttentionFactor = 1.5 } },
            small with { RopeTheta = 9999 }, small with { RmsNormEpsilon = 1e-5f },
            small with { SlidingWindow = 2, MaxWindowLayers = 0 },
            small with { SlidingWindow = 2, MaxWindowLayers = 1 },
            small with { SlidingWindow = 3, MaxWindowLayers = 0 },
            small with { HasBiases = false }, TinyQwen2.Qwen3, TinyQwen2.Llama,
            TinyQwen2.Llama with { RopeScaling = TinyQwen2.Llama.RopeScaling! with { LowFrequencyFactor = 2 } },
            TinyQwen2.Llama with { RopeScaling = TinyQwen2.Llama.RopeScaling! with { HighFrequencyFactor = 2 } },
        ];
        Assert.Equal(others.Length, others.Select(config => Of(config)).Distinct().Count());
    }

    [Fact]
    public void Weights_tell_models_apart_also_where_the_first_rows_are_the_same() => Assert.NotEqual(
        Of(TinyQwen2.Small),
        Of(TinyQwen2.Small, change: (name, numbers) =>
        {
            if (name.EndsWith("o_proj.weight", StringComparison.Ordinal))
                numbers.AsSpan(TinyQwen2.Small.HeadCount * TinyQwen2.Small.HeadSize).Clear();
        }));

    static ModelFingerprint Of(
        Qwen2Config config, Action<string, float[]>? change = null, Device? device = null)
    {
        using var on = device ?? new CpuDevice();
        using var tiny = new TinyQwen2(config, change: change);
        using var model = tiny.On(on);
        return ModelFingerprint.Of(model);
    }
}
