using RatIlgpu.Analysis;
using RatIlgpu.Tensors;

namespace RatIlgpu.Properties;

/// <summary>What differs between two rows of attention, two matrices and two sets of scores.</summary>
[Properties(Arbitrary = [typeof(DiffLaws)])]
public sealed class DiffLaws
{
    // Probabilities are F32, and sum to 1 within as much.
    const double Rounding = 1e-6;

    internal static Arbitrary<RowsCase> Rows { get; } = Arb.From(
        from keys in Gen.Choose(1, 30)
        from sharpness in Gen.Choose(0, 60)
        from seed in Gen.Choose(0, 10000)
        select new RowsCase(keys, sharpness, seed),
        RowsCase.Smaller);

    internal static Arbitrary<MatrixCase> Matrices { get; } = Arb.From(
        from rows in Gen.Choose(1, 12)
        from columns in Gen.Choose(1, 12)
        from rank in Gen.Choose(0, 6)
        from seed in Gen.Choose(0, 10000)
        select new MatrixCase(rows, columns, rank, seed),
        MatrixCase.Smaller);

    [Law]
    internal void Rows_of_attention_are_apart_by_0_to_log_2_the_same_in_both_orders(RowsCase rows)
    {
        var (p, q) = (rows.Row(0), rows.Row(1));
        var found = PatternDivergence.Of(p, q);
        Assert.InRange(found.JensenShannon, 0, Math.Log(2));
        Assert.InRange(found.TotalVariation, 0, 1);
        Assert.Equal(found, PatternDivergence.Of(q, p));
        Assert.Equal(default, PatternDivergence.Of(p, p));
    }

    // Lin's bounds, and Pinsker's inequality for both halves.
    [Law]
    internal void The_divergence_of_rows_is_bounded_by_their_variation(RowsCase rows)
    {
        var found = PatternDivergence.Of(rows.Row(0), rows.Row(1));
        Assert.True(found.JensenShannon <= (Math.Log(2) * found.TotalVariation) + Rounding);
        Assert.True(found.JensenShannon >= (found.TotalVariation * found.TotalVariation / 2) - Rounding);
    }

    [Law]
    internal void The_divergence_of_logits_is_not_negative_and_0_from_themselves(RowsCase rows)
    {
        var a = new LensReader(rows.Logits(0));
        var b = new LensReader(rows.Logits(1));
        Assert.InRange(b.DivergenceFrom(a.Keep()), 0, double.MaxValue);
        Assert.Equal(0, a.DivergenceFrom(a.Keep()));
    }

    [Law]
    internal void A_relative_change_is_that_of_plain_loops_and_its_rank_that_of_its_factors(MatrixCase matrix)
    {
        var (found, change, before) = (matrix.Find(), 0.0, 0.0);
        foreach (var (row, difference) in matrix.Before.Zip(matrix.Change))
            for (var i = 0; i < row.Length; i++)
                (change, before) = (change + (difference[i] * difference[i]), before + ((double)row[i] * row[i]));
        Assert.Equal(Math.Sqrt(change), found.Norm, 1e-9);
        Assert.Equal(change == 0 ? 0 : Math.Sqrt(change / before), found.Relative!.Value, 1e-9);
        Assert.InRange(found.Rank!.Value, change > 0 ? 1 : 0, matrix.MostRank);
        Assert.InRange(found.EffectiveRank!.Value, 0, matrix.MostRank + 1e-6);
    }

    [Law]
    internal void The_other_way_round_a_change_has_the_same_norm_and_rank(MatrixCase matrix)
    {
        var (there, back) = (matrix.Find(), matrix.Find(isSwapped: true));
        Assert.Equal(there.Norm, back.Norm);
        Assert.Equal(there.EffectiveRank!.Value, back.EffectiveRank!.Value, 1e-9);
    }

    /// <summary>Two rows of attention.</summary>
    /// <param name="Keys">The keys.</param>
    /// <param name="Sharpness">How far their logits reach.</param>
    /// <param name="Seed">The seed of the numbers.</param>
    internal sealed record RowsCase(int Keys, int Sharpness, int Seed)
    {
        public static IEnumerable<RowsCase> Smaller(RowsCase one)
        {
            if (one.Keys > 1)
                yield return one with { Keys = one.Keys - 1 };
            if (one.Sharpness > 0)
                yield return one with { Sharpness = one.Sharpness / 2 };
        }

        public float[] Logits(int which)
        {
            var random = new Random((2 * Seed) + which);
            return [.. Enumerable.Range(0, Keys).Select(_ => (float)(random.NextDouble() * Sharpness))];
        }

        public float[] Row(int which)
        {
            double[] parts = [.. Logits(which).Select(logit => Math.Exp(logit))];
            var sum = parts.Sum();
            return [.. parts.Select(part => (float)(part / sum))];
        }
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
