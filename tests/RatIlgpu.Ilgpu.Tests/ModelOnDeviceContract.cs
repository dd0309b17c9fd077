using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>A model on a device shows a probe the activations that it shows on the CPU, also after the probe has
/// overwritten one.</summary>
public abstract class ModelOnDeviceContract : IClassFixture<ClassFixture>, IDisposable
{
    /// <summary>The difference between two orders of summation after three layers, as a share of the largest
    /// number.</summary>
    const float Rounding = 2e-5f;

    readonly Dictionary<string, TinyQwen2> checkpoints =
        TinyQwen2.Families.ToDictionary(family => family.Key, family => new TinyQwen2(family.Value));

    readonly CpuDevice cpu = new();

    public static TheoryData<string> Families => [.. TinyQwen2.Families.Keys];

    protected abstract Device Create();

    Device Device => ClassFixture.Shared(Create);

    public void Dispose()
    {
        cpu.Dispose();
        foreach (var checkpoint in checkpoints.Values)
            checkpoint.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_probe_sees_every_activation(string family)
    {
        var (actual, expected) = (Shown(family, Device, null), Shown(family, cpu, null));
        Assert.Equal(
            expected.Select(shown => (shown.Site, shown.Shape)), actual.Select(shown => (shown.Site, shown.Shape)));
        foreach (var (here, there) in actual.Zip(expected))
            Near(there.Numbers, here.Numbers, $"{here.Site}");
    }

    [Fact]
    public void Weights_in_F64_are_those_in_F32()
    {
        using var doubles = new ModelVariant(tensor => [tensor with { Format = Tensors.DataType.F64 }]);
        using var singles = new ModelVariant();
        using var model = doubles.Load(Device);
        using var expected = singles.Load(Device);

        // The copies in F32 must live as long as the device reads them.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(ModelVariant.Logits(expected), ModelVariant.Logits(model));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void What_a_probe_overwrites_is_what_follows(string family)
    {
        var site = new Site(Activation.HeadOutput, 1);
        void Ablate(Site shown, Tensors.Tensor activation, Device on)
        {
            if (shown == site)
                on.Fill(0, activation.Slice(1, 3));
        }

        var untouched = Shown(family, cpu, null);
        var (actual, expected) = (Shown(family, Device, Ablate), Shown(family, cpu, Ablate));
        Assert.NotEqual(untouched[^1].Numbers, expected[^1].Numbers);
        Near(expected[^1].Numbers, actual[^1].Numbers, "logits");
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Prompts_that_run_together_are_shown_what_they_are_shown_alone(string family)
    {
        var checkpoint = checkpoints[family];
        using var model = checkpoint.On(Device);
        int[] lengths = [9, 1, 4, 30];
        RecordingProbe[] probes = [.. lengths.Select(_ => new RecordingProbe(_ => true))];
        var batch = lengths.Zip(
            probes, (length, probe) => new BatchPrompt([.. checkpoint.Prompt(length)]) { Probe = probe });
        model.RunAll([.. batch], new());
        foreach (var (length, together) in lengths.Zip(probes))
        {
            var alone = new RecordingProbe(_ => true);
            model.Run(checkpoint.Prompt(length), new() { Probe = alone });
            Assert.Equal(
                alone.Shown.Select(one => (one.Site, one.Shape)),
                together.Shown.Select(one => (one.Site, one.Shape)));
            foreach (var (here, there) in together.Shown.Zip(alone.Shown))
                Near(there.Numbers, here.Numbers, $"{here.Site}");
        }
    }

    List<(Site Site, Tensors.Shape Shape, float[] Numbers)> Shown(
        string family, Device on, Action<Site, Tensors.Tensor, Device>? change)
    {
        var probe = new RecordingProbe(_ => true, change);
        using var model = checkpoints[family].On(on);
        using var logits = model.Forward(checkpoints[family].Prompt(9), new ForwardOptions { Probe = probe });
        return probe.Shown;
    }

    static void Near(float[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var allowed = Rounding * expected.Max(Math.Abs);
        // Not the largest difference: a maximum ignores NaN.
        Assert.True(expected.Zip(actual).All(pair => Math.Abs(pair.First - pair.Second) <= allowed), what);
    }
}
