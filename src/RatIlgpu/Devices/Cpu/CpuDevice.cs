using System.Diagnostics;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

/// <summary>Computes with all cores and the vectors of this processor.</summary>
/// <remarks>The environment variable <c>RATILGPU_SIMD</c> (<c>scalar</c>, <c>128</c>, <c>256</c> or <c>512</c>) forces
/// a level. One share computes a number from beginning to end, so that results are the same bits for every scheduler
/// and number of shares.</remarks>
public sealed unsafe partial class CpuDevice : HostDevice
{
    /// <summary>The most threads a device may have.</summary>
    public const int MostThreads = 1024;

    // Work is counted in steps of about 0.05 ns: a number added, a weight used by one row.
    const long StepsPerTick = TimeSpan.NanosecondsPerTick * 20;

    // Whole cache lines, and whole vectors of any level.
    const long ElementUnit = 1024;

    // Some milliseconds of multiply-adds from registers.
    const int StepsOfPeak = 2_000_000;

    readonly SimdChoice choice;
    readonly Simd simd;
    readonly IWorkScheduler scheduler;

    /// <summary>Makes a device with threads of its own.</summary>
    /// <param name="threads">How many threads compute, up to <see cref="MostThreads"/>; 0 for one per core.</param>
    /// <param name="level">The vectors to use; null for the level that <c>RATILGPU_SIMD</c> names, else the
    /// best of this processor.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 0 threads or more than
    /// <see cref="MostThreads"/>.</exception>
    /// <exception cref="ArgumentException"><c>RATILGPU_SIMD</c> does not name a level.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor does not support the level.</exception>
    public CpuDevice(int threads = 0, SimdLevel? level = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MostThreads);
        choice = SimdChoice.Of(level, Environment.GetEnvironmentVariable(SimdLevels.Variable));
        simd = Simd.At(Level);
        scheduler = new WorkerPool(threads == 0 ? Environment.ProcessorCount : threads);
    }

    /// <summary>Makes a device that computes on the threads of a scheduler.</summary>
    /// <param name="scheduler">Runs the shares of each operation; disposed with the device.</param>
    /// <param name="level">The vectors to use; null for the level that <c>RATILGPU_SIMD</c> names, else the
    /// best of this processor.</param>
    /// <param name="memory">The memory of the tensors; null for the usual.</param>
    /// <exception cref="ArgumentException"><c>RATILGPU_SIMD</c> does not name a level.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor does not support the level.</exception>
    internal CpuDevice(IWorkScheduler scheduler, SimdLevel? level = null, TensorMemory? memory = null)
        : base(memory)
    {
        choice = SimdChoice.Of(level, Environment.GetEnvironmentVariable(SimdLevels.Variable));
        simd = Simd.At(Level);
        this.scheduler = scheduler;
    }

    /// <inheritdoc/>
    public override string Name => "cpu";

    /// <inheritdoc/>
    public override string Description =>
        $"{scheduler.Shares} {(scheduler.Shares == 1 ? "thread" : "threads")}, {Level}";

    /// <inheritdoc/>
    public override int ThreadCount => scheduler.Shares;

    /// <summary>Gets the vectors in use.</summary>
    public SimdLevel Level => choice.Level;

    /// <summary>Gets why these vectors are in use, for a person: "the widest of this processor".</summary>
    /// <remarks>Where .NET prefers 256 bits though the processor has 512, which it does on processors that lower their
    /// clock for them, the first device of a process measures both for some milliseconds. Sums of another width have
    /// other roundings: where bits must be the same in every process, set <c>RATILGPU_SIMD</c> there.</remarks>
    public string LevelReason => choice.Reason;

    /// <summary>Measures the peak speed of the device: multiply-adds whose operands stay in registers, on all
    /// threads.</summary>
    /// <returns>Floating-point operations in a second, two for each multiply-add.</returns>
    public double MeasurePeak()
    {
        double Run()
        {
            long operations = 0;
            var watch = Stopwatch.StartNew();
            scheduler.Run(_ => Interlocked.Add(ref operations, simd.MultiplyAddRegisters(StepsOfPeak)));
            return operations / watch.Elapsed.TotalSeconds;
        }

        // The first run wakes the threads and compiles the loop.
        Run();
        return Enumerable.Range(0, 5).Max(_ => Run());
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        scheduler.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void DownloadCore(Tensor source, Span<float> destination)
    {
        fixed (float* to = destination)
            Copy(FloatsOf(source), to, source.Shape.Count);
    }

    /// <inheritdoc/>
    protected override void CopyCore(Tensor source, Tensor destination) =>
        Copy(FloatsOf(source), FloatsOf(destination), source.Shape.Count);

    /// <inheritdoc/>
    protected override void AddCore(Tensor x, Tensor y, Tensor result)
    {
        float* a = FloatsOf(x), b = FloatsOf(y), sum = FloatsOf(result);
        RunRanges(result.Shape.Count, ElementUnit, ElementUnit, (start, end) =>
            simd.Add(a + start, b + start, sum + start, (nint)(end - start)));
    }

    /// <inheritdoc/>
    protected override void SwiGluCore(Tensor gate, Tensor up, Tensor result)
    {
        float* a = FloatsOf(gate), b = FloatsOf(up), gated = FloatsOf(result);
        RunRanges(result.Shape.Count, ElementUnit, 4 * ElementUnit, (start, end) =>
            simd.SwiGlu(a + start, b + start, gated + start, (nint)(end - start)));
    }

    void Copy(float* from, float* to, long count) => RunRanges(count, ElementUnit, ElementUnit, (start, end) =>
        Buffer.MemoryCopy(from + start, to + start, (end - start) * sizeof(float), (end - start) * sizeof(float)));

    // Operations of fewer steps run on one thread: starting the others would take as long.
    bool IsSmall(long steps) => steps <= scheduler.StartTime.Ticks * StepsPerTick;

    // Splits [0, count) into one range for each share. Ranges start at multiples of unit, so that each number has the
    // same place in its vector or tile for every number of shares.
    void RunRanges(long count, long unit, long stepsPerUnit, Action<long, long> range)
    {
        var units = (count + unit - 1) / unit;
        if (IsSmall(units * stepsPerUnit))
            range(0, count);
        else
            scheduler.Run(share =>
            {
                var (start, end) = (units * share / scheduler.Shares, units * (share + 1) / scheduler.Shares);
                if (start < end)
                    range(start * unit, Math.Min(end * unit, count));
            });
    }

    // One range of the pieces for each share.
    void RunRanges<TWork>(TWork work)
        where TWork : struct, IRangeWork => RunRanges(work.Count, 1, work.StepsPerPiece, work.Do);

    // Each share takes the next item when it has finished one, the last first: under a causal mask these are the
    // longest.
    void RunItems<TWork>(TWork work)
        where TWork : struct, IItemWork
    {
        var left = work.Count;
        void Work(int share)
        {
            using var scratch = HostTensor.Allocate(new Shape(checked((int)work.FloatsOfScratch)));
            for (long next; (next = Interlocked.Decrement(ref left)) >= 0;)
                work.Do(next, (float*)scratch.Data);
        }

        if (work.Count <= 1 || IsSmall(work.Count * work.StepsPerItem))
            Work(0);
        else
            scheduler.Run(Work);
    }
}
