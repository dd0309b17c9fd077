using RatIlgpu.Devices;
using RatIlgpu.Testing;
using RatIlgpu.Tracing;

namespace RatIlgpu.Ilgpu.Tests;

/// <summary>What the host costs a device, counted and not timed: memory asked of the driver, copies from and to the
/// host, and how often the host waits.</summary>
/// <param name="device">The device, which the tests dispose.</param>
/// <param name="launchesOfStep">The launches of a step of a traced beam.</param>
public abstract class CountTests(Device device, int launchesOfStep) : IDisposable
{
    readonly IlgpuDevice device = (IlgpuDevice)device;

    public void Dispose()
    {
        device.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    public void A_pass_takes_no_memory_two_copies_and_one_wait(int length)
    {
        using var tiny = new TinyQwen2();
        using var model = tiny.On(device);
        var logits = new float[tiny.Config.VocabularySize];
        Pass();
        Assert.Equal(new(0, 2, 1), Of(Pass));

        void Pass()
        {
            using var last = model.Forward(tiny.Prompt(length), new() { LogitCount = 1 });
            device.Download(last.Reshape(logits.Length), logits);
        }
    }

    [Fact]
    public void A_token_takes_no_memory_two_copies_and_one_wait()
    {
        // The last ids have no token: they are hidden by a mask.
        using var tiny = new TinyQwen2(TinyQwen2.Small with { VocabularySize = 300 });
        using var files = new TinyTokenizer().WithFiles();
        using var model = tiny.On(device, files.Load());
        var generator = new TextGenerator(model);
        int[] ids = [5, 6, 7];
        var expected = generator.Generate(ids, 6).ToArray();
        using var tokens = generator.Generate(ids, 6).GetEnumerator();
        foreach (var id in expected)
        {
            Assert.Equal(new(0, 2, 1), Of(() => Assert.True(tokens.MoveNext())));
            Assert.Equal(id, tokens.Current);
        }

        Assert.Equal(6, expected.Length);
        Assert.All(expected, id => Assert.True(model.Tokenizer.Has(id)));
        Assert.False(model.Tokenizer.Has(299));
    }

    [Fact]
    public void A_step_of_a_traced_beam_takes_no_memory_two_copies_one_wait_and_few_launches()
    {
        using var tiny = new TinyQwen2();
        using var model = tiny.On(device);
        using var attention = LayerAttention.Of(model, tiny.Prompt(20), 1, HeadAggregation.Mean);
        Assert.All(StepsOf(attention), step => Assert.Equal((new(0, 2, 1), launchesOfStep), step));
    }

    [Theory]
    [InlineData("mean")]
    [InlineData("max:0,2")]
    public void A_step_through_a_changed_pattern_takes_no_memory_two_copies_one_wait_and_one_launch(string heads)
    {
        const int Heads = 3, Length = 20;
        using var pattern = device.Allocate(Heads, Length, Length);
        var random = new Random(1);
        float[] numbers = [.. Enumerable.Range(0, Heads * Length * Length).Select(_ => random.NextSingle())];
        device.Upload(numbers, pattern);
        var attention = new ShownPattern(pattern, HeadAggregation.Parse(heads), device);
        Assert.All(StepsOf(attention), step => Assert.Equal((new(0, 2, 1), 1), step));
    }

    [Fact]
    public void Sums_of_cells_take_their_lists_once_for_all_layers()
    {
        using var pattern = device.Allocate(2, 3, 3);
        using var result = device.Allocate(2, 1);
        CellSums sums = new(3, 3, [0, 2], [0, 8], [1, -1]), others = new(3, 3, [0, 1], [4], [1]);
        var before = device.UsedBytes;
        Assert.Equal(1, Of(() => device.SumCells(pattern, sums, result)).Copies);
        var used = device.UsedBytes;
        Assert.Equal(new(0, 0, 0), Of(() => device.SumCells(pattern, sums, result)));
        Assert.Equal(new(0, 1, 0), Of(() => device.SumCells(pattern, others, result)));
        Assert.Equal(used, device.UsedBytes);
        Assert.True(used > before);
        device.Dispose();
        Assert.Equal(before, device.UsedBytes);
    }

    // The costs and launches of the steps of a search that is not the first.
    List<(Costs, long)> StepsOf(IAttentionRows attention)
    {
        List<(Costs, long)> steps = [];
        for (var search = 0; search < 2; search++)
        {
            steps.Clear();
            var rows = new Steps(attention, this, steps);
            Assert.NotEmpty(BeamSearch.Search(rows, attention.Length - 1, new()));
            rows.End();
        }

        Assert.True(steps.Count > 3);
        return steps;
    }

    Costs Of(Action action)
    {
        var before = Now;
        action();
        return Now.Since(before);
    }

    Costs Now => new(device.DriverAllocations, device.HostCopies, device.Synchronizations);

    readonly record struct Costs(long Allocations, long Copies, long Waits)
    {
        public Costs Since(Costs other) => new(
            Allocations - other.Allocations, Copies - other.Copies, Waits - other.Waits);
    }

    // A step is what happens from one announcement of rows that are asked for to the next.
    sealed class Steps(IAttentionRows attention, CountTests counts, List<(Costs, long)> noted) : IAttentionRows
    {
        Costs before;
        long launches;
        bool isRead;

        public int Length => attention.Length;

        public void Prepare(ReadOnlySpan<int> positions)
        {
            End();
            (before, launches, isRead) = (counts.Now, counts.device.Launches, false);
            attention.Prepare(positions);
        }

        public ReadOnlySpan<float> Row(int position)
        {
            isRead = true;
            return attention.Row(position);
        }

        public void End()
        {
            if (isRead)
                noted.Add((counts.Now.Since(before), counts.device.Launches - launches));
        }
    }
}

public sealed class GroupedCountTests() : CountTests(GroupedOnCpu.Open<WarpReduction>(), launchesOfStep: 2);

public sealed class OneThreadCountTests() : CountTests(new CpuAcceleratorDevice("counted", 2), launchesOfStep: 1);
