using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Verification;
using RatIlgpu.Weights;

namespace RatIlgpu.Tests.Verification;

/// <summary>Sound runs of deep models and long prompts pass; one small fault in one place does not.</summary>
public sealed class PlantedFaultTests : IDisposable
{
    // As many times the bound as a fault shows.
    const double Plain = 10;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(12, 64)]
    [InlineData(24, 24)]
    [InlineData(3, 200)]
    public void A_sound_run_of_any_depth_and_length_passes(int layers, int length)
    {
        DoubleQwen2.Write(folder, TinyQwen2.Small with { LayerCount = layers }, length);
        using var device = new CpuDevice();

        Assert.All(new Verifier(device).Verify(folder.Root).Runs, run => Assert.True(run.Passed, $"{run}"));
    }

    [Theory]
    [InlineData(false, 12, 64)]
    [InlineData(true, 12, 64)]
    [InlineData(true, 3, 200)]
    public void A_sound_run_without_biases_passes_with_and_without_normed_heads(bool norms, int layers, int length)
    {
        var config = TinyQwen2.Small with { LayerCount = layers, HasBiases = false, NormsHeads = norms, HeadSize = 14 };
        DoubleQwen2.Write(folder, config, length);
        using var device = new CpuDevice();

        Assert.All(new Verifier(device).Verify(folder.Root).Runs, run => Assert.True(run.Passed, $"{run}"));
    }

    [Fact]
    public void A_deep_model_may_round_more_than_a_golden_folder()
    {
        DoubleQwen2.Write(folder, TinyQwen2.Small with { LayerCount = 24 }, 64);
        using var device = new CpuDevice();

        var run = new Verifier(device).Verify(folder.Root).Runs[0];

        Assert.True(run.Passed, $"{run}");
        Assert.True(run.AttentionError > 2e-5, $"{run}");
    }

    [Theory]
    [InlineData("self_attn.q_proj.bias")]
    [InlineData("self_attn.k_proj.bias")]
    [InlineData("self_attn.v_proj.bias")]
    public void A_bias_that_is_dropped_shows(string name)
    {
        DoubleQwen2.Write(folder, TinyQwen2.Small with { LayerCount = 4 }, 60);

        Drop(Qwen2Layout.NameOf(2, name), 0);
    }

    [Theory]
    [InlineData("self_attn.q_norm.weight")]
    [InlineData("self_attn.k_norm.weight")]
    public void A_gain_of_heads_that_is_dropped_shows(string name)
    {
        DoubleQwen2.Write(folder, TinyQwen2.Qwen3 with { LayerCount = 4 }, 60);

        Drop(Qwen2Layout.NameOf(2, name), 1);
    }

    void Drop(string dropped, float otherwise)
    {
        using (var checkpoint = Checkpoint.Open(folder.Root))
        {
            var config = Qwen2Config.Read(folder.Root);
            var weights = Qwen2Layout.Tensors(config).Select(one => SafetensorsTensor.Of(
                one.Name,
                DataType.F32,
                one.Shape,
                one.Name == dropped
                    ? [.. Enumerable.Repeat(otherwise, (int)one.Shape.Count)]
                    : checkpoint.Tensor(one.Name).Floats.ToArray()));
            SafetensorsWriter.Write(folder.Path("model.safetensors"), [.. weights]);
        }

        Shows(new PlainDevice());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(58)]
    public void An_angle_that_is_wrong_at_one_position_shows(int position)
    {
        DoubleQwen2.Write(folder, TinyQwen2.Small with { LayerCount = 4 }, 60);

        Shows(new WrongAngle(position));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    [InlineData(58)]
    public void A_key_that_is_off_by_one_shows(int key)
    {
        DoubleQwen2.Write(folder, TinyQwen2.Small with { LayerCount = 4 }, 60);

        Shows(new WrongKey(key));
    }

    void Shows(Device device)
    {
        var run = new Verifier(device).Verify(folder.Root).Runs[0];
        Assert.False(run.Passed);
        Assert.True(run.AttentionError > Plain * run.Bounds.Attention, $"{run}");
    }

    // Turns one position by the angles of the next.
    sealed class WrongAngle(int position) : WatchedDevice
    {
        protected override void RotateCore(Tensor x, Tensor angles, Tensor result)
        {
            var numbers = ((HostTensor)angles).Floats.ToArray();
            var width = angles.Shape[1];
            numbers.AsSpan((position + 1) * width, width).CopyTo(numbers.AsSpan(position * width));
            base.RotateCore(x, HostTensor.Of(angles.Shape, numbers), result);
        }
    }

    // Scores one key as the key before it.
    sealed class WrongKey(int key) : WatchedDevice
    {
        protected override void PatternCore(Tensor query, Tensor keys, Visibility visibility, Tensor result)
        {
            var numbers = ((HostTensor)keys).Floats.ToArray();
            var width = keys.Shape[1] * keys.Shape[2];
            numbers.AsSpan((key - 1) * width, width).CopyTo(numbers.AsSpan(key * width));
            base.PatternCore(query, HostTensor.Of(keys.Shape, numbers), visibility, result);
        }
    }
}
