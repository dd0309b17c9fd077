using MathNet.Numerics.LinearAlgebra;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Finds the singular values of a matrix whose rows come one after the other; see <see
/// cref="BlockChange"/>.</summary>
/// <param name="rows">The rows of the matrix.</param>
/// <param name="columns">The columns.</param>
sealed class ChangeSpectrum(int rows, int columns)
{
    /// <summary>The random directions by which a large matrix is multiplied.</summary>
    public const int Directions = 128;

    /// <summary>The length of the shorter side up to which all singular values are found.</summary>
    public const int MostExact = 256;

    // Of the largest singular value.
    const double LeastShare = 1e-4;

    const double RoundingFactor = 1.5;

    // The same for every matrix: it has nothing to do with what a matrix holds.
    const int Seed = 0;

    readonly List<double[]> kept = [];
    double[]? gram;
    double[]? projected;
    double[][]? directions;

    bool IsSketch => Math.Min(rows, columns) > MostExact;

    // A matrix with few rows keeps them; of one with few columns, and of a sketch, the products of columns are summed.
    bool KeepsRows => !IsSketch && rows < columns;

    int Side => IsSketch ? Directions : KeepsRows ? kept.Count : columns;

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<double> row)
    {
        if (row.IndexOfAnyExcept(0) < 0)
            return;
        if (KeepsRows)
            kept.Add(row.ToArray());
        else
            AddProducts(IsSketch ? Project(row) : row);
    }

    /// <summary>Returns how many singular values are above the threshold, and the effective rank.</summary>
    /// <param name="rounding">The mean square error that the rounding of one number has.</param>
    public (int? Rank, double? Effective) Find(double rounding)
    {
        double[] squares = [.. Squares()];
        var most = squares.DefaultIfEmpty().Max();
        if (most <= 0)
            return (0, 0);
        var noise = RoundingFactor * Math.Sqrt(rounding) * NoiseSize;
        var least = Math.Max(LeastShare * LeastShare * most, noise * noise);
        var rank = squares.Count(square => square > least);
        return IsSketch
            ? (rank <= BlockChange.MostRank ? rank : null, null)
            : (rank, EffectiveRank(squares));
    }

    /// <summary>Returns <c>exp(−Σ p log p)</c> of the shares p of some numbers, of which those below 0 count as
    /// 0.</summary>
    public static double EffectiveRank(ReadOnlySpan<double> squares)
    {
        var (sum, entropy) = (0.0, 0.0);
        foreach (var square in squares)
            sum += Math.Max(0, square);
        foreach (var square in squares)
            if (square / sum is > 0 and var share)
                entropy -= share * Math.Log(share);
        return sum > 0 ? Math.Exp(entropy) : 0;
    }

    // The spectral norm of independent errors of size 1; of a sketch, after the directions have mixed them.
    double NoiseSize => IsSketch
        ? Math.Sqrt((double)columns / Directions) * (Math.Sqrt(rows) + Math.Sqrt(Directions))
        : Math.Sqrt(rows) + Math.Sqrt(columns);

    IEnumerable<double> Squares()
    {
        if (KeepsRows)
        {
            gram = new double[kept.Count * kept.Count];
            for (var i = 0; i < kept.Count; i++)
                for (var j = i; j < kept.Count; j++)
                    gram[(i * kept.Count) + j] = Product(kept[i], kept[j]);
        }

        if (gram is null || Side == 0)
            return [];
        var side = Side;
        var matrix = Matrix<double>.Build.Dense(
            side, side, (i, j) => gram[(Math.Min(i, j) * side) + Math.Max(i, j)]);
        return matrix.Evd(Symmetricity.Symmetric).EigenValues.Select(value => value.Real);
    }

    // In a fixed order, unlike the sums of TensorPrimitives.
    static double Product(double[] one, double[] other)
    {
        var sum = 0.0;
        for (var i = 0; i < one.Length; i++)
            sum += one[i] * other[i];
        return sum;
    }

    // The upper triangle alone.
    void AddProducts(ReadOnlySpan<double> row)
    {
        gram ??= new double[Side * Side];
        for (var i = 0; i < row.Length; i++)
            if (row[i] != 0)
            {
                var to = gram.AsSpan((i * row.Length) + i, row.Length - i);
                TensorPrimitives.MultiplyAdd(row[i..], row[i], to, to);
            }
    }

    ReadOnlySpan<double> Project(ReadOnlySpan<double> row)
    {
        directions ??= RandomDirections();
        projected ??= new double[Directions];
        projected.AsSpan().Clear();
        for (var i = 0; i < row.Length; i++)
            if (row[i] != 0)
                TensorPrimitives.MultiplyAdd(directions[i], row[i], projected, projected);
        return projected;
    }

    // Of normal numbers whose squares sum to 1 in the mean; by Box and Muller.
    double[][] RandomDirections()
    {
        var random = new SeededRandom(Seed, "directions", columns);
        return [.. Enumerable.Range(0, columns).Select(_ => Enumerable.Range(0, Directions).Select(_ =>
            Math.Sqrt(-2 * Math.Log(1 - Unit())) * Math.Cos(2 * Math.PI * Unit()) / Math.Sqrt(Directions))
            .ToArray())];

        double Unit() => (random.Next() >> 11) * (1.0 / (1L << 53));
    }
}
