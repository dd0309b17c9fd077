namespace RatIlgpu.Devices;

/// <summary>Loads weights of one data type; the JIT compiles each kernel once for each format.</summary>
unsafe interface IFormat
{
    /// <summary>Gets the bytes of a weight.</summary>
    static abstract int Size { get; }

    /// <summary>Gets whether widening a weight to F32 takes longer than multiplying it a few times.</summary>
    static abstract bool IsCostlyToWiden { get; }

    /// <summary>Gets whether the weights are the even ones of pairs, of which <see cref="OddBF16"/> loads the
    /// others.</summary>
    static virtual bool IsPaired => false;

    /// <summary>Loads weights and widens them to F32.</summary>
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

/// <summary>The even ones of as many BF16 weights as two vectors hold. They and the odd ones are widened by one
/// instruction each, where neighbours take two.</summary>
readonly unsafe struct EvenBF16 : IFormat
{
    public static int Size => sizeof(ushort);

    public static bool IsCostlyToWiden => false;

    public static bool IsPaired => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* weights)
        where T : struct, ILanes<T> => T.LoadEvenBF16((ushort*)weights);
}

/// <summary>The odd ones of as many BF16 weights as two vectors hold.</summary>
readonly unsafe struct OddBF16 : IFormat
{
    public static int Size => sizeof(ushort);

    public static bool IsCostlyToWiden => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* weights)
        where T : struct, ILanes<T> => T.LoadOddBF16((ushort*)weights);
}
