using System.Runtime.CompilerServices;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Tensors;

public sealed class TensorMemoryTests
{
    const int Least = 64;

    readonly ManualClock clock = new();
    readonly TensorMemory memory;

    public TensorMemoryTests() => memory = new(Least, clock);

    [Theory]
    [InlineData(800, 800, true)]
    [InlineData(900, 800, true)]
    [InlineData(901, 800, false)]
    [InlineData(800, 801, false)]
    [InlineData(63, 63, false)]
    public void A_block_is_given_again_if_little_of_it_is_left_over(int first, int second, bool isGiven)
    {
        memory.Give(memory.Take(first));
        var before = memory.Allocations;
        var kept = memory.KeptBytes;
        memory.Give(memory.Take(second));
        Assert.Equal(isGiven, memory.Allocations == before && kept > 0);
    }

    [Fact]
    public void A_block_that_is_due_while_the_clock_is_read_is_freed_too()
    {
        var (first, second) = (memory.Take(100), memory.Take(200));
        memory.Give(first);
        clock.Advance(TimeSpan.FromMilliseconds(5));
        memory.Give(second);
        clock.Reading = TimeSpan.FromMilliseconds(2);
        clock.Advance(2 * TensorMemory.KeepTime);
        Assert.Equal(0, memory.KeptBytes);
    }

    [Fact]
    public void The_smallest_block_that_fits_is_given()
    {
        MemoryBlock[] blocks = [.. new[] { 104, 100, 108 }.Select(bytes => memory.Take(bytes))];
        foreach (var block in blocks)
            memory.Give(block);
        Assert.Equal(blocks[0], memory.Take(101));
        Assert.Equal(blocks[1], memory.Take(100));
        Assert.Equal(blocks[2], memory.Take(100));
    }

    [Fact]
    public void A_new_block_takes_the_place_of_those_that_lay_unused_the_longest()
    {
        MemoryBlock[] blocks = [.. new[] { 100, 200, 300 }.Select(bytes => memory.Take(bytes))];
        foreach (var block in blocks)
            memory.Give(block);
        memory.Take(250);
        // The first two make room, since at most 600 bytes were in use.
        Assert.Equal((250, 300), (memory.UsedBytes, memory.KeptBytes));
    }

    [Fact]
    public void A_block_is_freed_when_it_lay_unused_for_the_time_and_one_in_use_is_not()
    {
        var (first, second) = (memory.Take(100), memory.Take(200));
        memory.Give(first);
        clock.Advance(TensorMemory.KeepTime / 2);
        memory.Give(second);
        clock.Advance(TensorMemory.KeepTime / 2);
        Assert.Equal(200, memory.KeptBytes);
        Assert.Equal(second, memory.Take(200));
        clock.Advance(TensorMemory.KeepTime);
        Assert.Equal((200, 0), (memory.UsedBytes, memory.KeptBytes));
    }

    [Fact]
    public void Nothing_is_kept_once_the_memory_is_disposed()
    {
        var (first, second) = (memory.Take(100), memory.Take(200));
        memory.Give(first);
        memory.Dispose();
        Assert.Equal(0, memory.KeptBytes);
        memory.Give(second);
        Assert.Equal((0, 0), (memory.UsedBytes, memory.KeptBytes));
    }

    [Fact]
    public void A_disposed_tensor_and_its_views_are_refused_while_another_has_their_memory()
    {
        var first = HostTensor.Allocate(new Shape(10, 10), memory);
        var view = (HostTensor)first.Slice(2, 3);
        first.Dispose();
        first.Dispose();
        using var second = HostTensor.Allocate(new Shape(100), memory);
        using var third = HostTensor.Allocate(new Shape(100), memory);
        Assert.Equal(2, memory.Allocations);
        second.Floats.Fill(2);
        third.Floats.Fill(3);
        Assert.Equal([2, 3], [second.Floats[99], third.Floats[0]]);
        Assert.Throws<ObjectDisposedException>(() => first.Floats.Length);
        Assert.Throws<ObjectDisposedException>(() => view.Floats.Length);
    }

    [Fact]
    public void The_block_of_a_collected_tensor_is_freed()
    {
        Forget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal((0, 0), (memory.UsedBytes, memory.KeptBytes));

        [MethodImpl(MethodImplOptions.NoInlining)]
        void Forget() => _ = HostTensor.Allocate(new Shape(100), memory);
    }

    [Fact]
    public void A_second_run_that_keeps_all_patterns_and_logits_allocates_none_of_them()
    {
        const int Length = 40;
        using var tiny = new TinyQwen2();
        var patternBytes = TinyQwen2.Small.HeadCount * Length * Length * sizeof(float);
        using var mine = new TensorMemory(Math.Min(patternBytes, Length * 97 * sizeof(float)));
        using var device = new CpuDevice(new WorkerPool(2), memory: mine);
        using var model = tiny.On(device);
        RunOnce();
        // A pattern for each layer, one that is computed, and the logits.
        Assert.Equal(TinyQwen2.Small.LayerCount + 2, mine.Allocations);
        RunOnce();
        Assert.Equal(TinyQwen2.Small.LayerCount + 2, mine.Allocations);

        void RunOnce()
        {
            var kept = new List<Tensor>();
            var probe = new RecordingProbe(site => site.Activation == Activation.Pattern, (_, pattern, on) =>
            {
                kept.Add(on.Allocate(pattern.Shape));
                on.Copy(pattern, kept[^1]);
            });
            model.Forward(tiny.Prompt(Length, 1), new() { Probe = probe }).Dispose();
            kept.ForEach(pattern => pattern.Dispose());
        }
    }
}
