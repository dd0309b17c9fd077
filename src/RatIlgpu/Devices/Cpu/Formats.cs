using System.Runtime.CompilerServices;

namespace RatIlgpu.Devices;

/// <summary>How weights are stored; a kernel is compiled anew for each format.</summary>
unsafe interface IFormat
{
    static abstract int Size { get; }

    /// <summary>Whether widening a weight takes longer than multiplying it a few times.</summary>
    static abstract bool IsCostlyToWiden { get; }

    static abstract T Load<T>(byte* weights)
        where T : struct, ILanes<T>;
}

readonly unsafe struct F32 : IFormat
{
    public static int Size => sizeof(float);

    public static bool IsCostlyToWiden => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* weights)
        where T : struct, ILanes<T> => T.LoadF32((float*)weights);
}

readonly unsafe struct F16 : IFormat
{
    public static int Size => sizeof(ushort);

    public static bool IsCostlyToWiden => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* weights)
        where T : struct, ILanes<T> => T.LoadF16((ushort*)weights);
}

readonly unsafe struct BF16 : IFormat
{
    public static int Size => sizeof(ushort);

    public static bool IsCostlyToWiden => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* weights)
        where T : struct, ILanes<T> => T.LoadBF16((ushort*)weights);
}
