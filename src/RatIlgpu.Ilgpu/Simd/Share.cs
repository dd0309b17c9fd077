using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu.Ilgpu;

/// <summary>What an item of a kernel on ILGPU's CPU accelerator does: its share of some work, with the vectors of this
/// processor.</summary>
/// <remarks>None of this is compiled by ILGPU. The memory of that accelerator is memory of this process.</remarks>
static unsafe class Share
{
    // Lazy: what a static initialiser throws, such as for a level that is none, would reach nobody as it is.
    static readonly Lazy<(SimdLevel Level, Simd Simd)> chosen = new(() =>
    {
        var level = SimdLevels.Choose(null, Environment.GetEnvironmentVariable(SimdLevels.Variable));
        return (level, Simd.At(level));
    });

    /// <summary>The level that <see cref="CpuDevice"/> would choose.</summary>
    /// <exception cref="ArgumentException">The environment names no level.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor has not the level that it names.</exception>
    public static SimdLevel Level => chosen.Value.Level;

    /// <summary>The loops of <see cref="CpuDevice"/> at that level.</summary>
    public static Simd Simd => chosen.Value.Simd;

    /// <summary>Does one of some ranges of equal length.</summary>
    public static void Of<TWork>(TWork work, int share, int shares)
        where TWork : struct, IRangeWork
    {
        var (start, end) = Range(work.Count, share, shares);
        if (start < end)
            work.Do(start, end);
    }

    /// <summary>Does every <paramref name="shares"/>th item: neighbours, which take about as long, go to different
    /// shares.</summary>
    public static void OfItems<TWork>(TWork work, int share, int shares)
        where TWork : struct, IItemWork
    {
        using var scratch = HostTensor.Allocate(new Shape(checked((int)work.FloatsOfScratch)));
        for (long item = share; item < work.Count; item += shares)
            work.Do(item, (float*)scratch.Data);
    }

    public static (long Start, long End) Range(long count, int share, int shares) =>
        (count * share / shares, count * (share + 1) / shares);

    /// <summary>The numbers of a view that may be empty.</summary>
    public static T* Of<T>(ArrayView<T> view)
        where T : unmanaged =>
        view.Length == 0 ? null : (T*)view.LoadEffectiveAddressAsPtr();

    public static Heads Queries(ArrayView<float> queries, in AttentionSizes sizes) =>
        new(Of(queries), sizes.Queries, sizes.Heads, sizes.HeadSize);

    public static Heads Keys(ArrayView<float> keys, in AttentionSizes sizes) =>
        new(Of(keys), sizes.Keys, sizes.KeyHeads, sizes.HeadSize);

    public static Sight Sight(ArrayView<float> mask, in AttentionSizes sizes) =>
        new(sizes.Window, Of(mask), sizes.Queries, sizes.Keys);
}
