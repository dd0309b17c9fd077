using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu.Tests;

public sealed class StagingTests
{
    static readonly DataType[] Formats = [DataType.F32, DataType.F16, DataType.BF16];

    [Fact]
    public void Tensors_of_every_size_arrive_through_two_small_pieces()
    {
        using var accelerator = new CPUDevice(2, 1, 1).CreateAccelerator(Accelerators.Context);
        using var staging = new Staging(accelerator, 32);
        var sent = new List<(byte[] Bytes, MemoryBuffer Buffer)>();
        for (var count = 1; count <= 257; count++)
            foreach (var format in Formats)
            {
                using var tensor = Tensor(count, format);
                var bytes = tensor.AsSpan<byte>(0, count * format.Size()).ToArray();
                var buffer = accelerator.AllocateRaw(bytes.Length, 1);
                staging.Send(tensor, new(buffer, 0, bytes.Length));
                sent.Add((bytes, buffer));
            }

        Assert.True(staging.IsBusy);
        staging.Finish();
        Assert.False(staging.IsBusy);
        foreach (var (bytes, buffer) in sent)
        {
            var arrived = new byte[bytes.Length];
            new ILGPU.ArrayView<byte>(buffer, 0, bytes.Length).CopyToCPU(ref arrived[0], arrived.Length);
            Assert.Equal(bytes, arrived);
            buffer.Dispose();
        }
    }

    [Theory]
    [InlineData(DataType.F32)]
    [InlineData(DataType.F16)]
    [InlineData(DataType.BF16)]
    public void A_weight_larger_than_both_pieces_is_read_after_it_has_arrived(DataType format)
    {
        using var device = (IlgpuDevice)GroupedOnCpu.Open<WarpReduction>();
        var perPiece = (16 << 20) / format.Size();
        using var source = Tensor(2 * perPiece + 12_345, format);
        int[] rows = [0, 1, perPiece - 1, perPiece, 2 * perPiece - 1, 2 * perPiece, source.Shape[0] - 1];
        using var plain = new Devices.PlainDevice();
        using HostTensor expected = HostTensor.Allocate(new(rows.Length, 1));
        plain.Gather(source.Reshape(source.Shape[0], 1), rows, expected);

        using var weight = device.Load((HostTensor)source.Reshape(source.Shape[0], 1));
        using var found = device.Allocate(rows.Length, 1);
        Assert.Equal(0, device.Synchronizations);
        device.Gather(weight, rows, found);
        device.Gather(weight, rows, found);
        Assert.Equal(1, device.Synchronizations);
        Assert.Equal(expected.Floats.ToArray(), device.Download(found));
        Assert.Equal(7, expected.Floats.ToArray().Distinct().Count());
    }

    [Fact]
    public void A_weight_that_nobody_read_can_be_freed_and_so_can_its_device()
    {
        var device = GroupedOnCpu.Open<WarpReduction>();
        using var source = Tensor(33, DataType.F32);
        using (device.Load(source))
        using (device.Allocate(5))
        {
        }

        using var late = device.Load(source);
        device.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Outbox.Capacity / 4)]
    [InlineData(Outbox.Capacity / 4 + 1)]
    public void The_host_waits_only_where_what_it_sends_finds_no_room(int count)
    {
        using var device = (IlgpuDevice)GroupedOnCpu.Open<WarpReduction>();
        var numbers = Enumerable.Range(0, count).Select(i => (float)i).ToArray();
        using Tensors.Tensor first = device.Allocate(count), second = device.Allocate(count);
        device.Upload(numbers, first);
        numbers[0] = 7;
        device.Upload(numbers, second);
        var waits = count switch
        {
            1 => 0,
            Outbox.Capacity / 4 => 1,
            _ => 2,
        };
        Assert.Equal((2, waits), (device.HostCopies, device.Synchronizations));
        Assert.Equal(0, device.Download(first)[0]);
        Assert.Equal(numbers, device.Download(second));
        Assert.Equal((4, waits + 2), (device.HostCopies, device.Synchronizations));
    }

    // Numbers that differ from their neighbours and from those a piece away.
    static HostTensor Tensor(int count, DataType format)
    {
        var tensor = HostTensor.Allocate(new Shape(count), format);
        for (var i = 0; i < count; i++)
        {
            if (format == DataType.F32)
                tensor.AsSpan<float>(i, 1)[0] = i * 1.5f - 7;
            else
                tensor.AsSpan<ushort>(i, 1)[0] = (ushort)(0x3000 + i % 4093);
        }

        return tensor;
    }
}
