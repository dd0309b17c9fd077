using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>The loops of <see cref="CpuDevice"/>, each over the memory of one thread, implemented by
/// <see cref="Simd{TLanes, TColumns}"/>.</summary>
abstract unsafe class Simd
{
    /// <summary>Returns the loops of a level.</summary>
    /// <remarks>32 registers hold the sums and operands of a tile of 5 × 4, 16 registers those of 4 × 3.</remarks>
    public static Simd At(SimdLevel level) => level switch
    {
        SimdLevel.Vector512 => new Simd<Lanes512, Four>(),
        SimdLevel.Vector256 => new Simd<Lanes256, Three>(),
        SimdLevel.Vector128 => new Simd<Lanes128, Three>(),
        _ => new Simd<ScalarLanes, Two>(),
    };

    /// <summary>Computes <c>result[i, j] = x[i]·weight[j]</c>, or adds it to <paramref name="result"/> if
    /// <paramref name="accumulate"/> is true.</summary>
    public abstract void Linear(
        Matrix x, Matrix weight, DataType format, Matrix result, ProductSize size, bool accumulate);

    /// <summary>Computes <c>result[i, m] += Σₖ pattern[i, k]·value[k, m]</c>.</summary>
    public abstract void Mix(Matrix pattern, Matrix value, Matrix result, ProductSize size);

    /// <summary>Widens numbers to F32.</summary>
    public abstract void Widen(byte* numbers, DataType format, float* result, nint count);

    /// <summary>Computes <c>result = x + y</c>.</summary>
    public abstract void Add(float* x, float* y, float* result, nint count);

    /// <summary>Computes <c>result = result + x·factor</c>.</summary>
    public abstract void AddScaled(float* x, float factor, float* result, nint count);

    /// <summary>Computes <c>result = max(result, x)</c>.</summary>
    public abstract void Maximize(float* x, float* result, nint count);

    /// <summary>Computes <c>result = x·factor</c>.</summary>
    public abstract void Scale(float* x, float factor, float* result, nint count);

    /// <summary>Computes <c>result = x·gain·factor</c>.</summary>
    public abstract void ScaleEach(float* x, float* gain, double factor, float* result, nint count);

    /// <summary>Computes <c>result = silu(gate)·up</c>.</summary>
    public abstract void SwiGlu(float* gate, float* up, float* result, nint count);

    /// <summary>Rotates the pairs <c>(x[m], x[m + half])</c> of one head by the angles with cosines <c>angles[m]</c>
    /// and sines <c>angles[m + half]</c>.</summary>
    public abstract void Rotate(float* x, float* angles, float* result, nint half);

    /// <summary>Returns <c>Σ x²</c>.</summary>
    public abstract double SumOfSquares(float* x, nint count);

    /// <summary>Returns the largest number; −∞ if there are no numbers.</summary>
    public abstract float Largest(float* x, nint count);

    /// <summary>Computes <c>x = e^(x − shift)</c> and returns the sum.</summary>
    public abstract float Exponentials(float* x, float shift, nint count);

    /// <summary>Multiplies and adds numbers in registers for some milliseconds, and returns the number of operations:
    /// two for each multiply-add.</summary>
    public abstract long MultiplyAddRegisters();
}
