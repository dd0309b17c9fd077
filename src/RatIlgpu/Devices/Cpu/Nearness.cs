using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <summary>How near a part comes to a whole.</summary>
static class Nearness
{
    /// <summary>Returns <c>|whole| − |whole − part|</c>.</summary>
    /// <remarks>As <c>min(s·part, 2·|whole| − s·part)</c> with the sign <c>s</c> of the whole: nothing cancels where
    /// the part is small.</remarks>
    [MethodImpl(AggressiveInlining)]
    public static T Of<T>(T whole, T part)
        where T : struct, ILanes<T>
    {
        var (along, size) = (T.FlipSign(part, whole), T.FlipSign(whole, whole));
        return T.Min(along, T.MultiplyAdd(along, T.Of(-1), size + size));
    }
}
