using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>A sum of rotated heads over positions, each with a factor, of heads that are linear in rows of the
/// run.</summary>
/// <remarks>A rotation turns number p with number <c>headSize / 2 + p</c>. So <c>Σ f_m R_m W r_m</c> needs the rows r
/// only in the sums <c>Σ f_m cos_m[p] r_m</c> and <c>Σ f_m sin_m[p] r_m</c>.</remarks>
/// <param name="Positions">The positions.</param>
/// <param name="Factors">The factors times the cosines, then times the sines, <c>[headSize][positions]</c>.</param>
sealed record WeightedTurns(ImmutableArray<int> Positions, double[][] Factors)
{
    /// <summary>Makes the factors.</summary>
    /// <param name="turns">The angles.</param>
    /// <param name="positions">The positions.</param>
    /// <param name="factors">The factor of each position.</param>
    /// <param name="size">The size of a head.</param>
    public static WeightedTurns Of(HeadTurns turns, ImmutableArray<int> positions, double[] factors, int size)
    {
        var all = new double[size][];
        for (var i = 0; i < size; i++)
            all[i] = [.. positions.Zip(factors, (at, factor) => factor * turns.At(at)[i])];
        return new(positions, all);
    }

    /// <summary>Gets the sum of the factors over the positions, <c>[headSize]</c>.</summary>
    public double[] Sums => [.. Factors.Select(row => row.Sum())];

    /// <summary>Rotates a head that is the same at all positions, by sums of factors, <c>[headSize]</c>.</summary>
    public static double[] Turn(double[] sums, ReadOnlySpan<double> head)
    {
        var half = head.Length / 2;
        var turned = new double[head.Length];
        for (var p = 0; p < half; p++)
        {
            turned[p] = (head[p] * sums[p]) - (head[half + p] * sums[half + p]);
            turned[half + p] = (head[half + p] * sums[p]) + (head[p] * sums[half + p]);
        }

        return turned;
    }

    /// <summary>Multiplies and rotates, with the sums of the rows for each number of the head.</summary>
    /// <param name="matrix"><c>[headSize][inputs]</c>.</param>
    /// <param name="sums">The sums of the rows, <c>[headSize][inputs]</c>.</param>
    /// <param name="inputs">The inputs that are multiplied.</param>
    public static double[] Turn(double[][] matrix, double[][] sums, Range inputs)
    {
        var half = matrix.Length / 2;
        var turned = new double[matrix.Length];
        for (var p = 0; p < half; p++)
        {
            turned[p] = Dot(p, p) - Dot(half + p, half + p);
            turned[half + p] = Dot(half + p, p) + Dot(p, half + p);
        }

        return turned;

        double Dot(int row, int sum) =>
            TensorPrimitives.Dot<double>(matrix[row].AsSpan(inputs), sums[sum].AsSpan(inputs));
    }
}
