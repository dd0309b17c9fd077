namespace RatIlgpu.Devices;

/// <summary>Loads weights of one data type; the JIT compiles each kernel once for each format.</summary>
unsafe interface IFormat
{
    /// <summary>Gets the bytes of a weight.</summary>
    static abstract int Size { get; }

    /// <summary>Gets whether widening a weight to F32 takes longer than multiplying it a few times.</summary>
    static abstract bool IsCostlyToWiden { get; }

    /// <summary>Gets whether <see cref="Load"/> returns the first weights of pairs, and <see cref="LoadSeconds"/> the
    /// second ones.</summary>
    static virtual bool IsPaired => false;

    /// <summary>Loads weights and widens them to F32.</summary>
    static abstract T Load<T>(byte* weights)
        where T : struct, ILanes<T>;

    /// <summary>Loads the second weights of the pairs, if there are pairs.</summary>
    static virtual T LoadSeconds<T>(byte* weights)
        where T : struct, ILanes<T> => throw new NotSupportedException();
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

/// <summary>BF16 weights taken in pairs: the even ones of as many weights as two vectors hold, and the odd ones. They
/// are widened by one instruction each, where neighbours take two.</summary>
readonly unsafe struct PairedBF16 : IFormat
{
    public static int Size => sizeof(ushort);

    public static bool IsCostlyToWiden => false;

    public static bool IsPaired => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(byte* weights)
        where T : struct, ILanes<T> => T.LoadEvenBF16((ushort*)weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T LoadSeconds<T>(byte* weights)
        where T : struct, ILanes<T> => T.LoadOddBF16((ushort*)weights);
}
