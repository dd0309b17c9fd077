using MathNet.Numerics.LinearAlgebra;

namespace RatIlgpu.Analysis;

/// <summary>Finds the two main directions of vectors.</summary>
/// <remarks>Hotelling, "Analysis of a complex of statistical variables into principal components", 1933.</remarks>
static class Directions
{
    // Of the mean square: less is what rounding leaves of equal vectors.
    const double LeastVariance = 1e-12;

    /// <summary>Returns the coordinates of vectors along their two main directions, with the signs that make the
    /// largest part of each direction positive; zeros where the vectors are equal.</summary>
    /// <param name="kind">Which vectors.</param>
    /// <param name="vectors">The vectors, of one length.</param>
    public static HeadVectors Of(HeadVectorKind kind, IReadOnlyList<float[]> vectors)
    {
        var none = new HeadVectors(kind, [.. new float[2 * vectors.Count]], 0, 0);
        if (vectors.Count < 2)
            return none;
        var size = vectors[0].Length;
        double[] mean =
            [.. Enumerable.Range(0, size).Select(i => vectors.Average(vector => (double)vector[i]))];
        double[][] centred = [.. vectors.Select(vector => (double[])
            [.. vector.Zip(mean, (number, middle) => number - middle)])];
        var covariance = Matrix<double>.Build.Dense(
            size, size, (i, j) => centred.Sum(row => row[i] * row[j]) / vectors.Count);
        var whole = covariance.Trace();
        if (whole <= LeastVariance * vectors.Average(vector => vector.Sum(number => (double)number * number)))
            return none;
        // Ascending eigenvalues.
        var parts = covariance.Evd(Symmetricity.Symmetric);
        var (first, second) = (Direction(parts.EigenVectors, size - 1), Direction(parts.EigenVectors, size - 2));
        return new(
            kind, [.. centred.SelectMany(row => (float[])[Along(row, first), Along(row, second)])],
            Share(size - 1), Share(size - 2));

        double Share(int place) => Math.Clamp(parts.EigenValues[place].Real / whole, 0, 1);
    }

    static double[] Direction(Matrix<double> vectors, int place)
    {
        var direction = vectors.Column(place).ToArray();
        var largest = direction.MaxBy(Math.Abs);
        return largest < 0 ? [.. direction.Select(number => -number)] : direction;
    }

    static float Along(double[] row, double[] direction) =>
        (float)row.Zip(direction, (number, part) => number * part).Sum();
}
