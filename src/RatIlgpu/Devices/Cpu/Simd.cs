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

    /// <summary>Adds how near a mix comes to a row of <paramref name="whole"/>:
    /// <c>result[i] += Σₘ |whole[i, m]| − |whole[i, m] − Σₖ pattern[i, k]·value[k, m]|</c>. The mix is not
    /// stored.</summary>
    public abstract void AddNearness(Matrix pattern, Matrix value, Matrix whole, float* result, ProductSize size);

    /// <summary>Computes <c>result[i, j] = Σₖ factors[i, k]·vectors[k, j]</c>, or adds it to <paramref name="result"/>
    /// if <paramref name="accumulate"/> is true, and loads as many rows ahead as there are rows of factors.</summary>
    public abstract void Combine(
        Factors factors, Matrix vectors, Matrix result, ProductSize size, bool accumulate, in RowsAhead ahead);

    /// <summary>Replaces the scores of each column by their exponentials, relative to the largest score of the column
    /// so far, and adds them to the sum of the column.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="rows">The rows, at least 0.</param>
    /// <param name="columns">The columns, whole vectors.</param>
    /// <param name="largest">The largest score of each column so far.</param>
    /// <param name="sums">The sum of the exponentials of each column so far.</param>
    /// <param name="kept">Is set to the factor by which what was relative to the largest score before is
    /// rescaled.</param>
    public abstract void ExponentiateColumns(
        Matrix scores, nint rows, nint columns, float* largest, float* sums, float* kept);

    /// <summary>Returns the largest number that is not NaN, or NaN; −∞ if there are no numbers.</summary>
    /// <remarks>NaN only where the instruction for the larger of two numbers keeps it.</remarks>
    public abstract float LargestBesidesNaN(float* x, nint count);

    /// <summary>Multiplies and adds numbers in registers, and returns the number of operations: two for each
    /// multiply-add. A million steps take some milliseconds.</summary>
    public abstract long MultiplyAddRegisters(int steps);

    /// <summary>Returns the loops of a level.</summary>
    /// <remarks>32 registers hold the sums and operands of a tile of 6 × 4, 16 registers those of 4 × 3.</remarks>
    public static Simd At(SimdLevel level) => level switch
    {
        SimdLevel.Vector512 => new Simd<Lanes512, Four>(),
        SimdLevel.Vector256 => new Simd<Lanes256, Three>(),
        SimdLevel.Vector128 => new Simd<Lanes128, Three>(),
        _ => new Simd<ScalarLanes, Two>(),
    };
}
