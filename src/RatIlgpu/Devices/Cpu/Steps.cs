using static System.Runtime.CompilerServices.MethodImplOptions;

namespace RatIlgpu.Devices;

/// <summary>The body of an elementwise loop, for any number of lanes.</summary>
interface IStep
{
    /// <summary>Computes the numbers from index <paramref name="i"/> on.</summary>
    void At<T>(nint i)
        where T : struct, ILanes<T>;
}

readonly unsafe struct WidenStep<TFormat>(byte* numbers, float* result) : IStep
    where TFormat : struct, IFormat
{
    [MethodImpl(AggressiveInlining)]
    public void At<T>(nint i)
        where T : struct, ILanes<T> => TFormat.Load<T>(numbers + i * TFormat.Size).Store(result + i);
}

readonly unsafe struct AddStep(float* x, float* y, float* result) : IStep
{
    [MethodImpl(AggressiveInlining)]
    public void At<T>(nint i)
        where T : struct, ILanes<T> => (T.LoadF32(x + i) + T.LoadF32(y + i)).Store(result + i);
}

readonly unsafe struct AddScaledStep(float* x, float factor, float* result) : IStep
{
    [MethodImpl(AggressiveInlining)]
    public void At<T>(nint i)
        where T : struct, ILanes<T> =>
        T.MultiplyAdd(T.LoadF32(x + i), T.Of(factor), T.LoadF32(result + i)).Store(result + i);
}

readonly unsafe struct MaximizeStep(float* x, float* result) : IStep
{
    [MethodImpl(AggressiveInlining)]
    public void At<T>(nint i)
        where T : struct, ILanes<T> => T.MaxOrNaN(T.LoadF32(result + i), T.LoadF32(x + i)).Store(result + i);
}

readonly unsafe struct ScaleStep(float* x, float factor, float* result) : IStep
{
    [MethodImpl(AggressiveInlining)]
    public void At<T>(nint i)
        where T : struct, ILanes<T> => (T.LoadF32(x + i) * T.Of(factor)).Store(result + i);
}

// The sum of both parts of the factor has about twice the digits of F32.
readonly unsafe struct ScaleEachStep(float* x, float* gain, float factor, float rest, float* result) : IStep
{
    [MethodImpl(AggressiveInlining)]
    public void At<T>(nint i)
        where T : struct, ILanes<T>
    {
        var number = T.LoadF32(x + i);
        (T.MultiplyAdd(number, T.Of(factor), number * T.Of(rest)) * T.LoadF32(gain + i)).Store(result + i);
    }
}

readonly unsafe struct SwiGluStep(float* gate, float* up, float* result) : IStep
{
    [MethodImpl(AggressiveInlining)]
    public void At<T>(nint i)
        where T : struct, ILanes<T>
    {
        var a = T.LoadF32(gate + i);
        var silu = a / (T.Of(1) + Exponential.Of(a * T.Of(-1)));
        (silu * T.LoadF32(up + i)).Store(result + i);
    }
}

readonly unsafe struct RotateStep(float* x, float* angles, float* result, nint half) : IStep
{
    [MethodImpl(AggressiveInlining)]
    public void At<T>(nint i)
        where T : struct, ILanes<T>
    {
        var (a, b) = (T.LoadF32(x + i), T.LoadF32(x + half + i));
        var (cos, sin) = (T.LoadF32(angles + i), T.LoadF32(angles + half + i));
        T.MultiplyAdd(a, cos, b * sin * T.Of(-1)).Store(result + i);
        T.MultiplyAdd(b, cos, a * sin).Store(result + half + i);
    }
}
