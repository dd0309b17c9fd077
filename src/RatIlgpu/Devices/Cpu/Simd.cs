using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>The loops of <see cref="CpuDevice"/>, each over the memory of one thread, implemented by
/// <see cref="Simd{TLanes, TColumns}"/>.</summary>
abstract unsafe class Simd : SimdLeaves
{
    /// <summary>Computes <c>result[i, j] = x[i]·weight[j]</c>, or adds it to <paramref name="result"/> if
    /// <paramref name="accumulate"/> is true.</summary>
    public abstract void Linear(
        Matrix x, Matrix weight, DataType format, Matrix result, ProductSize size, bool accumulate);

    /// <summary>Computes <c>result[i, m] += Σₖ pattern[i, k]·value[k, m]</c>.</summary>
    public abstract void Mix(Matrix pattern, Matrix value, Matrix result, ProductSize size);

    /// <summary>Returns the largest number that is not NaN, or NaN; −∞ if there are no numbers.</summary>
    /// <remarks>NaN only where the instruction for the larger of two numbers keeps it.</remarks>
    public abstract float LargestBesidesNaN(float* x, nint count);

    /// <summary>Multiplies and adds numbers in registers, and returns the number of operations: two for each
    /// multiply-add. A million steps take some milliseconds.</summary>
    public abstract long MultiplyAddRegisters(int steps);

    /// <summary>Returns the loops of a level.</summary>
    /// <remarks>32 registers hold the sums and operands of a tile of 5 × 4, 16 registers those of 4 × 3.</remarks>
    public static Simd At(SimdLevel level) => level switch
    {
        SimdLevel.Vector512 => new Simd<Lanes512, Four>(),
        SimdLevel.Vector256 => new Simd<Lanes256, Three>(),
        SimdLevel.Vector128 => new Simd<Lanes128, Three>(),
        _ => new Simd<ScalarLanes, Two>(),
    };
}
