using System.Diagnostics;
using System.Runtime.CompilerServices;
using RatIlgpu.Devices;

namespace RatIlgpu.Cli.Bench;

/// <summary>Measures how many multiplications and additions this machine can do in a second.</summary>
static class FmaPeak
{
    // Twelve chains: four cycles of latency times two units, and some to spare; all fit the registers.
    const int Chains = 12;
    const int Steps = 2_000_000;

    /// <summary>Measures.</summary>
    /// <param name="threads">How many threads run at once.</param>
    /// <param name="level">The vectors to use; null for the widest that the processor has.</param>
    /// <returns>Floating point operations in a second, two for each multiply-add.</returns>
    public static double Measure(int threads, SimdLevel? level = null) => (level ?? SimdLevels.Widest) switch
    {
        SimdLevel.Vector512 => Measure<Lanes512>(threads),
        SimdLevel.Vector256 => Measure<Lanes256>(threads),
        SimdLevel.Vector128 => Measure<Lanes128>(threads),
        _ => Measure<ScalarLanes>(threads),
    };

    static double Measure<TLanes>(int threads)
        where TLanes : struct, ILanes<TLanes>
    {
        Run<TLanes>(threads);
        return Enumerable.Range(0, 5).Max(_ => Run<TLanes>(threads));
    }

    static double Run<TLanes>(int threads)
        where TLanes : struct, ILanes<TLanes>
    {
        var watch = Stopwatch.StartNew();
        var sums = new float[threads];
        Thread[] others =
        [
            .. Enumerable.Range(1, threads - 1).Select(thread => new Thread(() => sums[thread] = Chain<TLanes>())),
        ];
        foreach (var other in others)
            other.Start();
        sums[0] = Chain<TLanes>();
        foreach (var other in others)
            other.Join();
        return 2.0 * Chains * Steps * TLanes.Count * threads / watch.Elapsed.TotalSeconds;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static float Chain<TLanes>()
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes x = TLanes.Of(0.999f), y = TLanes.Of(1e-3f);
        TLanes a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var step = 0; step < Steps; step++)
        {
            a = TLanes.MultiplyAdd(a, x, y);
            b = TLanes.MultiplyAdd(b, x, y);
            c = TLanes.MultiplyAdd(c, x, y);
            d = TLanes.MultiplyAdd(d, x, y);
            e = TLanes.MultiplyAdd(e, x, y);
            f = TLanes.MultiplyAdd(f, x, y);
            g = TLanes.MultiplyAdd(g, x, y);
            h = TLanes.MultiplyAdd(h, x, y);
            i = TLanes.MultiplyAdd(i, x, y);
            j = TLanes.MultiplyAdd(j, x, y);
            k = TLanes.MultiplyAdd(k, x, y);
            l = TLanes.MultiplyAdd(l, x, y);
        }

        return TLanes.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
