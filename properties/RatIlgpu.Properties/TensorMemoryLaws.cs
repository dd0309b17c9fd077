using RatIlgpu.Tensors;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(TensorMemoryLaws), typeof(ModelCase)])]
public sealed class TensorMemoryLaws
{
    const int LeastKept = 64;

    /// <summary>Gets steps of a program: a positive number allocates a tensor of so many numbers, 0 lets five seconds
    /// pass, and a negative one disposes a tensor.</summary>
    internal static Arbitrary<int[]> Programs { get; } = Arb.From(
        Gen.Frequency(
            (5, Gen.Choose(1, 60)), (2, Gen.Elements(100, 104, 112, 113)), (2, Gen.Constant(0)),
            (6, Gen.Choose(-9, -1))).ArrayOf(120),
        program => program.Length > 1 ? [program[..^1], program[..(program.Length / 2)]] : []);

    [Law]
    public void No_two_tensors_share_memory(int[] program) => Run(program, (_, tensors) =>
    {
        foreach (var (tensor, mark) in tensors)
            Assert.True(tensor.Floats.IndexOfAnyExcept(mark) < 0);
    });

    [Law]
    public void Kept_and_used_memory_is_no_more_than_was_used_at_one_time(int[] program)
    {
        var most = 0L;
        Run(program, (memory, tensors) =>
        {
            most = Math.Max(most, memory.UsedBytes);
            Assert.InRange(memory.UsedBytes + memory.KeptBytes, 0, most);
            var asked = tensors.Sum(one => BytesOfLarge(one.Tensor));
            Assert.InRange(memory.UsedBytes, asked, asked + asked / 8);
        });
    }

    [Law]
    public void What_lay_unused_for_the_time_is_freed(int[] program)
    {
        var clock = new ManualClock();
        using var memory = new TensorMemory(LeastKept, clock);
        var last = 0L;
        Run(program, memory, clock, tensors => last = tensors.Sum(one => BytesOfLarge(one.Tensor)));
        clock.Advance(TensorMemory.KeepTime - TimeSpan.FromTicks(1));
        Assert.InRange(memory.KeptBytes, last, long.MaxValue);
        clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(0, memory.KeptBytes);
    }

    [Law(60)]
    public void Numbers_of_an_earlier_run_are_not_seen(ModelCase random) => random.Holds((tiny, fresh, ids) =>
    {
        using var device = new CpuDevice(new WorkerPool(2), memory: new TensorMemory(leastKept: 1));
        using var model = tiny.On(device);
        _ = Recorded(model, [.. ids.Reverse()]);
        Assert.Equal(Recorded(fresh, ids), Recorded(model, ids));
    });

    static float[] Recorded(Qwen2Model model, int[] ids)
    {
        var probe = new RecordingProbe(_ => true);
        using var logits = model.Forward(ids, new() { Probe = probe });
        return [.. probe.Shown.SelectMany(shown => shown.Numbers), .. model.Device.Download(logits)];
    }

    static void Run(int[] program, Action<TensorMemory, List<(HostTensor Tensor, float Mark)>> check)
    {
        var clock = new ManualClock();
        using var memory = new TensorMemory(LeastKept, clock);
        Run(program, memory, clock, tensors => check(memory, tensors));
    }

    static void Run(
        int[] program, TensorMemory memory, ManualClock clock, Action<List<(HostTensor Tensor, float Mark)>> check)
    {
        var tensors = new List<(HostTensor Tensor, float Mark)>();
        foreach (var (index, step) in program.Index())
        {
            if (step > 0)
            {
                tensors.Add((HostTensor.Allocate(new Shape(step), memory), index));
                tensors[^1].Tensor.Floats.Fill(index);
            }
            else if (step == 0)
                clock.Advance(TimeSpan.FromSeconds(5));
            else if (tensors.Count > 0)
            {
                tensors[-step % tensors.Count].Tensor.Dispose();
                tensors.RemoveAt(-step % tensors.Count);
            }

            check(tensors);
        }

        tensors.ForEach(one => one.Tensor.Dispose());
    }

    static long BytesOfLarge(HostTensor tensor) =>
        tensor.Shape.Count * sizeof(float) is var bytes && bytes >= LeastKept ? bytes : 0;
}
