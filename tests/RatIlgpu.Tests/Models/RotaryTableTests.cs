using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Models;

public sealed class RotaryTableTests
{
    static readonly Qwen2Config Config = TinyQwen2.Small;

    [Theory]
    [InlineData(1, 256)]
    [InlineData(256, 256)]
    [InlineData(257, 257)]
    [InlineData(9000, 9000)]
    public void Has_the_angles_of_every_position(int positions, int rows)
    {
        using var device = new WatchedDevice();
        using var table = new RotaryTable(Config, device);
        var expected = new float[rows * Config.HeadSize];
        new RotaryEmbedding(Config).Fill(0, rows, expected);
        Assert.Equal(expected, device.Download(table.UpTo(positions)));
    }

    [Fact]
    public void Doubles_where_more_positions_are_needed_and_computes_none_twice_without_need()
    {
        using var device = new WatchedDevice();
        var table = new RotaryTable(Config, device);
        var first = table.UpTo(10);
        Assert.Same(first, table.UpTo(256));
        Assert.Equal(512, table.UpTo(300).Shape[0]);
        Assert.Equal(2000, table.UpTo(2000).Shape[0]);
        // A run may still read it.
        Assert.Equal(256 * Config.HeadSize, device.Download(first).Length);
        table.Dispose();
        Assert.Equal(0, device.LiveCount);
    }

    [Fact]
    public void Runs_of_a_model_share_its_angles()
    {
        using var tiny = new TinyQwen2();
        using var device = new WatchedDevice();
        var model = tiny.On(device);
        var before = device.Uploads;
        using (var cache = new KeyValueCache(Config, device, 40))
            foreach (var length in (ReadOnlySpan<int>)[9, 1, 30])
                model.Run(tiny.Prompt(length), new() { Cache = cache });
        model.RunAll([new([.. tiny.Prompt(3)]), new([.. tiny.Prompt(5)])], new());
        using (var stream = device.Allocate(4, Config.HiddenSize))
        {
            device.Fill(1, stream);
            model.RunFrom(new(Activation.ResidualBefore, 0), stream, new(), branches: 2);
        }

        Assert.Equal(before + 1, device.Uploads);
        model.Dispose();
        Assert.Equal(0, device.LiveCount);
    }
}
