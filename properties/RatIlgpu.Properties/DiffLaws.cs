using MathNet.Numerics.LinearAlgebra;
using RatIlgpu.Analysis;
using RatIlgpu.Tensors;

namespace RatIlgpu.Properties;

/// <summary>How far a matrix changed.</summary>
[Properties(Arbitrary = [typeof(DiffLaws)])]
public sealed class DiffLaws
{
    // Of the squares of singular values by a Gram matrix against those of a decomposition of the matrix itself.
    const double Rounding = 1e-9;

    internal static Arbitrary<MatrixCase> Matrices { get; } = Arb.From(
        from rows in Gen.Choose(1, 12)
        from columns in Gen.Choose(1, 12)
        from rank in Gen.Choose(0, 6)
        from seed in Gen.Choose(0, 10000)
        select new MatrixCase(rows, columns, rank, seed),
        MatrixCase.Smaller);

    [Law]
    internal void A_relative_change_is_that_of_plain_loops_and_its_rank_that_of_its_factors(MatrixCase matrix)
    {
        var (found, change, before) = (matrix.Find(), 0.0, 0.0);
        foreach (var (row, difference) in matrix.Before.Zip(matrix.Change))
            for (var i = 0; i < row.Length; i++)
                (change, before) = (change + (difference[i] * difference[i]), before + ((double)row[i] * row[i]));
        Assert.Equal(Math.Sqrt(change), found.Norm, Rounding);
        Assert.Equal(change == 0 ? 0 : Math.Sqrt(change / before), found.Relative!.Value, Rounding);
        Assert.InRange(found.Rank!.Value, change > 0 ? 1 : 0, matrix.MostRank);
        Assert.InRange(found.EffectiveRank!.Value, 0, matrix.MostRank + Rounding);
    }

    // The square of the Frobenius norm is the sum of the squares of the singular values.
    [Law]
    internal void Ranks_are_those_of_the_singular_values_of_the_change_itself(MatrixCase matrix)
    {
        var (found, values) = (matrix.Find(), matrix.SingularValues());
        var square = found.Norm * found.Norm;
        Assert.Equal(values.Sum(value => value * value), square, Rounding * (1 + square));
        // Small whole numbers: what is not 0 is far above the threshold of rounding.
        Assert.Equal(values.Count(value => value > 1e-4 * values.Max()), found.Rank);
        double[] shares = [.. values.Select(value => value * value / values.Sum(one => one * one))];
        var entropy = values.Max() == 0 ? 0 : -shares.Sum(share => share > 0 ? share * Math.Log(share) : 0);
        Assert.Equal(values.Max() == 0 ? 0 : Math.Exp(entropy), found.EffectiveRank!.Value, Rounding);
        Assert.InRange(found.EffectiveRank!.Value, 0, found.Rank!.Value + Rounding);
    }

    [Law]
    internal void The_other_way_round_a_change_has_the_same_norm_and_rank(MatrixCase matrix)
    {
        var (there, back) = (matrix.Find(), matrix.Find(isSwapped: true));
        Assert.Equal(there.Norm, back.Norm);
        Assert.Equal(there.Rank, back.Rank);
        Assert.Equal(there.EffectiveRank!.Value, back.EffectiveRank!.Value, Rounding);
    }

    /// <summary>A matrix, and a change that is a product of columns and rows.</summary>
    /// <param name="Rows">The rows.</param>
    /// <param name="Columns">The columns.</param>
    /// <param name="Rank">The columns and rows of the product.</param>
    /// <param name="Seed">The seed of the numbers.</param>
    internal sealed record MatrixCase(int Rows, int Columns, int Rank, int Seed)
    {
        public int MostRank => Math.Min(Rank, Math.Min(Rows, Columns));

        public float[][] Before { get; } = Random(Rows, Columns, Seed);

        /// <summary>Gets the change: of small whole numbers, which no format rounds.</summary>
        public double[][] Change { get; } = Product(Rows, Columns, Rank, Seed);

        public double[] SingularValues() =>
            [.. Matrix<double>.Build.Dense(Rows, Columns, (row, column) => Change[row][column]).Svd(false).S];

        public static IEnumerable<MatrixCase> Smaller(MatrixCase one)
        {
            if (one.Rows > 1)
                yield return one with { Rows = one.Rows - 1 };
            if (one.Columns > 1)
                yield return one with { Columns = one.Columns - 1 };
            if (one.Rank > 0)
                yield return one with { Rank = one.Rank - 1 };
        }

        public BlockChange Find(bool isSwapped = false)
        {
            var sum = new ChangeSum(Rows, Columns, DataType.F32);
            foreach (var (row, difference) in Before.Zip(Change))
            {
                float[] after = [.. row.Zip(difference, (number, change) => (float)(number + change))];
                if (isSwapped)
                    sum.Add([.. difference.Select(change => -change)], after, row);
                else
                    sum.Add(difference, row, after);
            }

            return sum.Find();
        }

        static float[][] Random(int rows, int columns, int seed)
        {
            var random = new Random(seed);
            return
            [
                .. Enumerable.Range(0, rows).Select(_ => (float[])
                    [.. Enumerable.Range(0, columns).Select(_ => random.Next(1, 9))]),
            ];
        }

        static double[][] Product(int rows, int columns, int rank, int seed)
        {
            var random = new Random(seed + 1);
            int[][] left = [.. Enumerable.Range(0, rows).Select(_ => Draw(rank))];
            int[][] right = [.. Enumerable.Range(0, rank).Select(_ => Draw(columns))];
            return
            [
                .. left.Select(weights => (double[])
                [
                    .. Enumerable.Range(0, columns)
                        .Select(column => weights.Zip(right, (weight, row) => weight * row[column]).Sum()),
                ]),
            ];

            int[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(-3, 4))];
        }
    }
}
