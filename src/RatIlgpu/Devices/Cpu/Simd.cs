using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>The loops of <see cref="CpuDevice"/>, each over memory that one thread works on: what they compute is said
/// here, how in <see cref="Simd{TLanes, TColumns}"/>.</summary>
abstract unsafe class Simd
{
    // 32 registers hold the sums of a tile of 5 × 4 and what feeds them, 16 registers those of 4 × 3.
    public static Simd At(SimdLevel level) => level switch
    {
        SimdLevel.Vector512 => new Simd<Lanes512, Four>(),
        SimdLevel.Vector256 => new Simd<Lanes256, Three>(),
        SimdLevel.Vector128 => new Simd<Lanes128, Three>(),
        _ => new Simd<ScalarLanes, Two>(),
    };

    /// <summary><c>result[i, j] = x[i]·weight[j]</c>, added to what is there if told to accumulate.</summary>
    public abstract void Linear(
        Matrix x, Matrix weight, DataType format, Matrix result, ProductSize size, bool accumulate);

    /// <summary><c>result[i, m] += Σₖ pattern[i, k]·value[k, m]</c>.</summary>
    public abstract void Mix(Matrix pattern, Matrix value, Matrix result, ProductSize size);

    /// <summary>Brings numbers to F32.</summary>
    public abstract void Widen(byte* numbers, DataType format, float* result, nint count);

    /// <summary><c>result = x + y</c>.</summary>
    public abstract void Add(float* x, float* y, float* result, nint count);

    /// <summary><c>result = result + x·factor</c>.</summary>
    public abstract void AddScaled(float* x, float factor, float* result, nint count);

    /// <summary><c>result = max(result, x)</c>.</summary>
    public abstract void Maximize(float* x, float* result, nint count);

    /// <summary><c>result = x·factor</c>.</summary>
    public abstract void Scale(float* x, float factor, float* result, nint count);

    /// <summary><c>result = x·gain·factor</c>.</summary>
    public abstract void ScaleEach(float* x, float* gain, double factor, float* result, nint count);

    /// <summary><c>result = silu(gate)·up</c>.</summary>
    public abstract void SwiGlu(float* gate, float* up, float* result, nint count);

    /// <summary>Turns the pairs <c>(x[m], x[m + half])</c> of one head by the angles of the cosines <c>angles[m]</c>
    /// and the sines <c>angles[m + half]</c>.</summary>
    public abstract void Rotate(float* x, float* angles, float* result, nint half);

    /// <summary><c>Σ x²</c>.</summary>
    public abstract double SumOfSquares(float* x, nint count);

    /// <summary>The largest number; −∞ of none.</summary>
    public abstract float Largest(float* x, nint count);

    /// <summary><c>x = e^(x − shift)</c>; returns the sum of these.</summary>
    public abstract float Exponentials(float* x, float shift, nint count);

    /// <summary>Multiplies and adds numbers in registers for some milliseconds; returns how many operations these
    /// were, two for each multiply-add.</summary>
    public abstract long MultiplyAddRegisters();
}
