namespace RatIlgpu.Ilgpu;

/// <summary>How the threads of a group agree on a sum or a maximum; every thread calls, every thread gets it.</summary>
interface IReduction
{
    /// <summary>The sum over the group, always in the same order.</summary>
    /// <param name="value">The part of this thread.</param>
    /// <param name="room">Shared, at least <see cref="Limits.GroupSize"/> numbers.</param>
    float Sum(float value, ArrayView<float> room);

    /// <summary>The maximum over the group.</summary>
    float Max(float value, ArrayView<float> room);
}

/// <summary>By warp shuffles, then one number for each warp: CUDA, and ILGPU's CPU accelerator.</summary>
readonly struct WarpReduction : IReduction
{
    public float Sum(float value, ArrayView<float> room)
    {
        for (var step = Warp.WarpSize / 2; step > 0; step >>= 1)
            value += Warp.ShuffleXor(value, step);
        if (Warp.LaneIdx == 0)
            room[Warp.WarpIdx] = value;
        Barrier.Wait();
        var sum = room[0];
        for (var warp = 1; warp < Group.DimX / Warp.WarpSize; warp++)
            sum += room[warp];
        Barrier.Wait();
        return sum;
    }

    public float Max(float value, ArrayView<float> room)
    {
        for (var step = Warp.WarpSize / 2; step > 0; step >>= 1)
            value = IntrinsicMath.Max(value, Warp.ShuffleXor(value, step));
        if (Warp.LaneIdx == 0)
            room[Warp.WarpIdx] = value;
        Barrier.Wait();
        var largest = room[0];
        for (var warp = 1; warp < Group.DimX / Warp.WarpSize; warp++)
            largest = IntrinsicMath.Max(largest, room[warp]);
        Barrier.Wait();
        return largest;
    }
}

/// <summary>By a tree in shared memory: OpenCL, where ILGPU has shuffles for one vendor only. Groups are powers of
/// two.</summary>
readonly struct SharedReduction : IReduction
{
    public float Sum(float value, ArrayView<float> room)
    {
        room[Group.IdxX] = value;
        Barrier.Wait();
        for (var half = Group.DimX / 2; half > 0; half >>= 1)
        {
            if (Group.IdxX < half)
                room[Group.IdxX] += room[Group.IdxX + half];
            Barrier.Wait();
        }

        var sum = room[0];
        Barrier.Wait();
        return sum;
    }

    public float Max(float value, ArrayView<float> room)
    {
        room[Group.IdxX] = value;
        Barrier.Wait();
        for (var half = Group.DimX / 2; half > 0; half >>= 1)
        {
            if (Group.IdxX < half)
                room[Group.IdxX] = IntrinsicMath.Max(room[Group.IdxX], room[Group.IdxX + half]);
            Barrier.Wait();
        }

        var largest = room[0];
        Barrier.Wait();
        return largest;
    }
}
