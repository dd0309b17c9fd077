using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

/// <summary>Computes with all cores and the widest vectors of this processor.</summary>
/// <remarks>The environment variable <c>RATILGPU_SIMD</c> (<c>scalar</c>, <c>128</c>, <c>256</c> or <c>512</c>) forces
/// a level. Every number is computed by one thread, in an order that no thread count changes.</remarks>
public sealed unsafe partial class CpuDevice : HostDevice
{
    /// <summary>The most threads a device may have.</summary>
    public const int MostThreads = 1024;

    // Work is counted in steps of about 0.05 ns (a number added, a weight used by one row). What takes fewer than
    // these, 3 µs, one thread does as fast as many, which must first be called.
    const long Grain = 1 << 16;

    readonly SimdLevel level;
    readonly Simd simd;
    readonly WorkerPool pool;

    /// <summary>Makes a device.</summary>
    /// <param name="threads">How many threads compute, up to <see cref="MostThreads"/>; 0 for one per core.</param>
    /// <param name="level">The vectors to use; null for what <c>RATILGPU_SIMD</c> says, else the widest.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 0 threads or more than
    /// <see cref="MostThreads"/>.</exception>
    /// <exception cref="ArgumentException"><c>RATILGPU_SIMD</c> names no level.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor has not this level.</exception>
    public CpuDevice(int threads = 0, SimdLevel? level = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, MostThreads);
        this.level = SimdLevels.Choose(level, Environment.GetEnvironmentVariable(SimdLevels.Variable));
        simd = Simd.At(this.level);
        pool = new WorkerPool(threads == 0 ? Environment.ProcessorCount : threads);
    }

    /// <inheritdoc/>
    public override string Name => "cpu";

    /// <inheritdoc/>
    public override string Description => $"{pool.Threads} {(pool.Threads == 1 ? "thread" : "threads")}, {level}";

    /// <inheritdoc/>
    public override void Dispose()
    {
        pool.Dispose();
        base.Dispose();
    }

    // Cuts [0, count) into one range for each thread; every cut is a multiple of unit, so that a number has its place
    // in a vector or tile whatever the number of threads.
    void Split(long count, long unit, long stepsPerUnit, Action<long, long> range)
    {
        var units = (count + unit - 1) / unit;
        if (units * stepsPerUnit <= Grain)
            range(0, count);
        else
            pool.Run(share =>
            {
                var (start, end) = (units * share / pool.Threads * unit, units * (share + 1) / pool.Threads * unit);
                if (start < end)
                    range(start, Math.Min(end, count));
            });
    }

    // One range of the pieces for each thread.
    void Split<TWork>(TWork work)
        where TWork : struct, IRangeWork => Split(work.Count, 1, work.StepsPerPiece, work.Do);

    // Hands out items one by one, to whoever is free, the last first: under a causal mask these are the longest.
    void Share<TWork>(TWork work)
        where TWork : struct, IItemWork
    {
        var left = work.Count;
        void Work(int share)
        {
            using var scratch = HostTensor.Allocate(new Shape(checked((int)work.FloatsOfScratch)));
            for (long next; (next = Interlocked.Decrement(ref left)) >= 0;)
                work.Do(next, (float*)scratch.Data);
        }

        if (work.Count <= 1 || work.Count * work.StepsPerItem <= Grain)
            Work(0);
        else
            pool.Run(Work);
    }
}
