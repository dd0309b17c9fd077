using RatIlgpu.Tensors;

namespace RatIlgpu.Devices;

/// <summary>The innermost loops of a device that computes with the vectors of this processor: one tile of a product, or
/// one row of numbers, in memory that does not move. They have no state and start no threads.</summary>
/// <remarks>Support code for the project's own packages. A loop reads and writes exactly the numbers that its arguments
/// name, and checks none of them. A sum has the same order in each call.</remarks>
public abstract unsafe class SimdLeaves
{
    /// <summary>The most rows of a tile at any level.</summary>
    public const int MostTileRows = 5;

    /// <summary>The most columns of a tile at any level.</summary>
    public const int MostTileColumns = 4;

    private protected SimdLeaves()
    {
    }

    /// <summary>Gets the vectors in use.</summary>
    public abstract SimdLevel Level { get; }

    /// <summary>Gets the rows of the tile that fits the registers.</summary>
    public abstract int TileRows { get; }

    /// <summary>Gets the columns of the tile that fits the registers.</summary>
    public abstract int TileColumns { get; }

    /// <summary>Returns the loops of a level.</summary>
    /// <param name="level">The vectors to use; null for the level that <c>RATILGPU_SIMD</c> names, else the
    /// best of this processor.</param>
    /// <exception cref="ArgumentException"><c>RATILGPU_SIMD</c> does not name a level.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor does not support the level.</exception>
    public static SimdLeaves At(SimdLevel? level = null) =>
        Simd.At(SimdLevels.Choose(level, Environment.GetEnvironmentVariable(SimdLevels.Variable)));

    /// <summary>Computes the tile <c>result[i, j] = x[i]·weight[j]</c>, or adds it to the result.</summary>
    /// <param name="x">The first of <paramref name="rows"/> rows.</param>
    /// <param name="xStride">The numbers from one row of x to the next.</param>
    /// <param name="weight">The first of <paramref name="columns"/> rows of weights.</param>
    /// <param name="weightStride">The bytes from one row of weights to the next.</param>
    /// <param name="format">The type of a weight: F32, F16 or BF16.</param>
    /// <param name="result">The first number of the tile.</param>
    /// <param name="resultStride">The numbers from one row of the result to the next.</param>
    /// <param name="rows">The rows, in [1, <see cref="TileRows"/>].</param>
    /// <param name="columns">The columns, in [1, <see cref="TileColumns"/>].</param>
    /// <param name="inner">The numbers of a row of x and of weights, at least 0.</param>
    /// <param name="ahead">The distance in bytes of weights to load into the cache meanwhile; 0 for none.</param>
    /// <param name="accumulate">True to add to the result.</param>
    public abstract void Tile(
        float* x,
        nint xStride,
        byte* weight,
        nint weightStride,
        DataType format,
        float* result,
        nint resultStride,
        int rows,
        int columns,
        int inner,
        nint ahead,
        bool accumulate);

    /// <summary>Mixes rows of values: <c>result[m] += Σₖ pattern[k]·value[k, m]</c>.</summary>
    /// <param name="pattern">The weights of the rows, <paramref name="keys"/> of them.</param>
    /// <param name="value">The first row.</param>
    /// <param name="valueStride">The numbers from one row to the next.</param>
    /// <param name="result"><paramref name="width"/> numbers.</param>
    /// <param name="width">The numbers of a row.</param>
    /// <param name="keys">The number of rows.</param>
    public abstract void Mix(float* pattern, float* value, nint valueStride, float* result, int width, int keys);

    /// <summary>Widens numbers to F32.</summary>
    public abstract void Widen(byte* numbers, DataType format, float* result, nint count);

    /// <summary>Computes <c>result = x + y</c>.</summary>
    public abstract void Add(float* x, float* y, float* result, nint count);

    /// <summary>Computes <c>result = result + x·factor</c>.</summary>
    public abstract void AddScaled(float* x, float factor, float* result, nint count);

    /// <summary>Computes <c>result = max(result, x)</c>; NaN where one of the two is NaN.</summary>
    public abstract void Maximize(float* x, float* result, nint count);

    /// <summary>Computes <c>result = x·factor</c>.</summary>
    public abstract void Scale(float* x, float factor, float* result, nint count);

    /// <summary>Computes <c>result = x·gain·factor</c>.</summary>
    public abstract void ScaleEach(float* x, float* gain, double factor, float* result, nint count);

    /// <summary>Computes <c>result = silu(gate)·up</c>.</summary>
    public abstract void SwiGlu(float* gate, float* up, float* result, nint count);

    /// <summary>Rotates the pairs <c>(x[m], x[m + half])</c> by the angles with cosines <c>angles[m]</c> and sines
    /// <c>angles[m + half]</c>, <c>m</c> in [0, count).</summary>
    public abstract void Rotate(float* x, float* angles, float* result, nint half, nint count);

    /// <summary>Returns <c>Σ x²</c>.</summary>
    public abstract double SumOfSquares(float* x, nint count);

    /// <summary>Returns the largest number; −∞ if there are no numbers.</summary>
    public abstract float Largest(float* x, nint count);

    /// <summary>Computes <c>x = e^(x − shift)</c> and returns the sum.</summary>
    public abstract float Exponentials(float* x, float shift, nint count);

    /// <summary>Returns <c>Σ weights[i]·pattern[cells[i]]</c>.</summary>
    public abstract double SumCells(float* pattern, int* cells, float* weights, nint count);

    /// <summary>Returns <c>−Σ x ln x</c>, with 0 for <c>x = 0</c>; NaN if a number is negative or NaN.</summary>
    public abstract double Entropy(float* x, nint count);

    /// <summary>Returns <c>Σ |whole| − |whole − part|</c>, number by number: two large sums would lose what a small
    /// part adds.</summary>
    public abstract float Nearness(float* whole, float* part, nint count);
}
