namespace RatIlgpu.Ilgpu;

/// <summary>Compile-time constants of the kernels.</summary>
static class Limits
{
    /// <summary>The largest number of threads in a group that reduces.</summary>
    public const int GroupSize = 256;

    /// <summary>The number of keys that a group attends to at a time; their weights lie in shared memory.</summary>
    public const int BlockKeys = 512;

    /// <summary>The number of keys that a thread of a processor attends to at a time.</summary>
    public const int ProcessorKeys = 64;

    /// <summary>The least finite number. A maximum starts here, not at −∞: the difference of two infinities is
    /// NaN.</summary>
    public const float Lowest = -3.402823466e38f;
}

/// <summary>Reduces one number of each thread of a group; every thread calls, and every thread gets the
/// result.</summary>
interface IReduction
{
    /// <summary>The sum over the group, always in the same order.</summary>
    /// <param name="value">The number of this thread.</param>
    /// <param name="scratch">Shared memory of at least <see cref="Limits.GroupSize"/> numbers.</param>
    float Sum(float value, ArrayView<float> scratch);

    /// <summary>The maximum over the group.</summary>
    float Max(float value, ArrayView<float> scratch);

    /// <summary>The threads that compute a few sums together, without the other threads of the group.</summary>
    int TeamSize { get; }

    /// <summary>The number of this thread in its team.</summary>
    int TeamIndex { get; }

    /// <summary>The sums over the team of this thread, always in the same order.</summary>
    /// <param name="values">The numbers of this thread.</param>
    /// <param name="scratch">Shared memory of at least <see cref="Limits.GroupSize"/> fours.</param>
    Float4 SumOfTeam(Float4 values, ArrayView<Float4> scratch);
}

/// <summary>Reduces by warp shuffles, then over one number of each warp: for CUDA and ILGPU's CPU
/// accelerator.</summary>
readonly struct WarpReduction : IReduction
{
    public float Sum(float value, ArrayView<float> scratch)
    {
        for (var step = Warp.WarpSize / 2; step > 0; step >>= 1)
            value += Warp.ShuffleXor(value, step);
        if (Warp.LaneIdx == 0)
            scratch[Warp.WarpIdx] = value;
        Barrier.Wait();
        var sum = scratch[0];
        for (var warp = 1; warp < Group.DimX / Warp.WarpSize; warp++)
            sum += scratch[warp];
        Barrier.Wait();
        return sum;
    }

    public float Max(float value, ArrayView<float> scratch)
    {
        for (var step = Warp.WarpSize / 2; step > 0; step >>= 1)
            value = IntrinsicMath.Max(value, Warp.ShuffleXor(value, step));
        if (Warp.LaneIdx == 0)
            scratch[Warp.WarpIdx] = value;
        Barrier.Wait();
        var largest = scratch[0];
        for (var warp = 1; warp < Group.DimX / Warp.WarpSize; warp++)
            largest = IntrinsicMath.Max(largest, scratch[warp]);
        Barrier.Wait();
        return largest;
    }

    public int TeamSize => Warp.WarpSize;

    public int TeamIndex => Warp.LaneIdx;

    public Float4 SumOfTeam(Float4 values, ArrayView<Float4> scratch)
    {
        for (var step = Warp.WarpSize / 2; step > 0; step >>= 1)
        {
            values.X += Warp.ShuffleXor(values.X, step);
            values.Y += Warp.ShuffleXor(values.Y, step);
            values.Z += Warp.ShuffleXor(values.Z, step);
            values.W += Warp.ShuffleXor(values.W, step);
        }

        return values;
    }
}

/// <summary>Reduces by a tree in shared memory: for OpenCL, where ILGPU has shuffles for one vendor only. The size of a
/// group must be a power of two.</summary>
readonly struct SharedReduction : IReduction
{
    public float Sum(float value, ArrayView<float> scratch)
    {
        scratch[Group.IdxX] = value;
        Barrier.Wait();
        for (var half = Group.DimX / 2; half > 0; half >>= 1)
        {
            if (Group.IdxX < half)
                scratch[Group.IdxX] += scratch[Group.IdxX + half];
            Barrier.Wait();
        }

        var sum = scratch[0];
        Barrier.Wait();
        return sum;
    }

    public float Max(float value, ArrayView<float> scratch)
    {
        scratch[Group.IdxX] = value;
        Barrier.Wait();
        for (var half = Group.DimX / 2; half > 0; half >>= 1)
        {
            if (Group.IdxX < half)
                scratch[Group.IdxX] = IntrinsicMath.Max(scratch[Group.IdxX], scratch[Group.IdxX + half]);
            Barrier.Wait();
        }

        var largest = scratch[0];
        Barrier.Wait();
        return largest;
    }

    public int TeamSize => Group.DimX;

    public int TeamIndex => Group.IdxX;

    public Float4 SumOfTeam(Float4 values, ArrayView<Float4> scratch)
    {
        scratch[Group.IdxX] = values;
        Barrier.Wait();
        for (var half = Group.DimX / 2; half > 0; half >>= 1)
        {
            if (Group.IdxX < half)
            {
                values.Add(scratch[Group.IdxX + half]);
                scratch[Group.IdxX] = values;
            }

            Barrier.Wait();
        }

        var sums = scratch[0];
        Barrier.Wait();
        return sums;
    }
}
