using System.Runtime.InteropServices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Tests.Tensors;

public sealed class HostTensorTests
{
    [Fact]
    public void A_part_of_the_numbers_can_be_read_and_written()
    {
        using var tensor = HostTensor.Of(new Shape(2, 3), [0, 1, 2, 3, 4, 5]);
        tensor.AsSpan<float>(1, 3)[2] = 7;
        Assert.Equal([1, 2, 7, 4], tensor.AsSpan<float>(1, 4));
    }

    [Theory]
    [InlineData(DataType.F16)]
    [InlineData(DataType.BF16)]
    [InlineData(DataType.F64)]
    public void Bytes_are_counted_in_bytes(DataType type)
    {
        using var tensor = HostTensor.Allocate(new Shape(5), type);
        Assert.Equal(5 * type.Size(), tensor.AsSpan<byte>(0, 5 * type.Size()).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.AsSpan<byte>(1, 5 * type.Size()).Length);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(0, 7)]
    [InlineData(7, 0)]
    [InlineData(long.MaxValue, 1)]
    public void A_part_beyond_the_numbers_is_refused(long start, int length)
    {
        using var tensor = HostTensor.Allocate(new Shape(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.AsSpan<float>(start, length).Length);
    }

    [Fact]
    public void Sizes_that_no_number_counts_are_told_with_their_shape()
    {
        const int Most = int.MaxValue;
        Assert.Equal(
            "The shape [2147483647, 2147483647, 3] holds more than 9223372036854775807 numbers; make one of its axes "
            + "shorter.",
            Assert.Throws<OverflowException>(() => new Shape(Most, Most, 3)).Message);
        Assert.Equal(2L * Most * Most, new Shape(Most, Most, 2).Count);
        Assert.Equal(0, new Shape(Most, 0, Most, Most, Most).Count);
        var vast = new Shape(Most, Most, 2);
        Assert.Throws<OutOfMemoryException>(() => HostTensor.Allocate(vast, DataType.F64));
        using var memory = new NativeBytes(24);
        Assert.Throws<ArgumentOutOfRangeException>(() => HostTensor.Over(vast, DataType.F32, memory));
    }

    [Fact]
    public void A_type_of_another_size_is_refused()
    {
        using var tensor = HostTensor.Allocate(new Shape(6), DataType.BF16);
        var error = Assert.Throws<InvalidOperationException>(() => tensor.AsSpan<float>(0, 1).Length);
        Assert.Equal("The numbers are BF16, of 2 bytes; Single has 4.", error.Message);
    }

    [Fact]
    public void Memory_allocated_elsewhere_is_used_in_place()
    {
        using var memory = new NativeBytes(24);
        using var tensor = HostTensor.Over(new Shape(2, 2), DataType.F32, memory, 8);
        tensor.Floats.Fill(3);
        memory.Write(12, 5f);
        Assert.Equal([3, 5, 3, 3], tensor.Floats);
    }

    [Theory]
    [InlineData(-4)]
    [InlineData(12)]
    [InlineData(28)]
    [InlineData(long.MaxValue)]
    public void Numbers_beyond_the_memory_are_refused(long offset)
    {
        using var memory = new NativeBytes(24);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => HostTensor.Over(new Shape(4), DataType.F32, memory, offset));
    }

    [Fact]
    public void Numbers_that_are_not_aligned_are_refused()
    {
        using var memory = new NativeBytes(24);
        Assert.Throws<ArgumentException>(() => HostTensor.Over(new Shape(2), DataType.F32, memory, 2));
    }

    [Fact]
    public void A_tensor_over_disposed_memory_and_its_views_cannot_be_used()
    {
        var memory = new NativeBytes(24);
        var tensor = HostTensor.Over(new Shape(4), DataType.F32, memory);
        var view = (HostTensor)tensor.Slice(1, 2);
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => tensor.Floats.Length);
        Assert.Throws<ObjectDisposedException>(() => view.Floats.Length);
        Assert.Throws<ObjectDisposedException>(() => HostTensor.Over(new Shape(4), DataType.F32, memory));
    }

    [Fact]
    public void Disposing_a_tensor_leaves_memory_that_was_allocated_elsewhere()
    {
        using var memory = new NativeBytes(24);
        HostTensor.Over(new Shape(4), DataType.F32, memory).Dispose();
        Assert.False(memory.IsClosed);
    }

    sealed class NativeBytes : SafeBuffer
    {
        public NativeBytes(int bytes)
            : base(ownsHandle: true)
        {
            SetHandle(Marshal.AllocHGlobal(bytes));
            Initialize((ulong)bytes);
        }

        protected override bool ReleaseHandle()
        {
            Marshal.FreeHGlobal(handle);
            return true;
        }
    }
}
