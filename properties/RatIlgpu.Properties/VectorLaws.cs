using System.Numerics.Tensors;
using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(VectorLaws)])]
public sealed class VectorLaws
{
    internal static Arbitrary<VectorCase> Cases { get; } = Arb.From(Heads(), Smaller);

    [Law]
    internal void A_half_reads_back_as_the_nearest_half(VectorCase given)
    {
        var read = HalfPlanes.Read(HalfPlanes.Write(given.Queries));
        Assert.Equal(given.Queries.Select(number => (double)(Half)number), read);
    }

    [Law]
    internal void Shown_scores_are_within_the_stated_error(VectorCase given)
    {
        var plan = PlanOf(given);
        foreach (var (query, key) in given.Cells)
            Assert.InRange(
                given.Shown(query, key), given.Score(query, key) - plan.ScoreError,
                given.Score(query, key) + plan.ScoreError);
    }

    [Law]
    internal void The_softmax_of_the_shown_scores_is_the_pattern_within_the_stated_error(VectorCase given)
    {
        var plan = PlanOf(given);
        var reach = plan.Reach[0];
        foreach (var row in given.Cells.GroupBy(cell => cell.Query))
        {
            var seen = row.Where(cell => row.Key - cell.Key <= reach).ToArray();
            var softmax = new double[seen.Length];
            TensorPrimitives.SoftMax([.. seen.Select(cell => given.Shown(cell.Query, cell.Key))], softmax);
            foreach (var ((query, key), probability) in seen.Zip(softmax))
                Assert.InRange(
                    probability, given.Pattern(query)[key] - plan.ProbabilityError,
                    given.Pattern(query)[key] + plan.ProbabilityError);
        }
    }

    static VectorPlan PlanOf(VectorCase given)
    {
        var blocks = new VectorBlocks(given.Tokens, [.. given.Real]);
        blocks.Add(given.Head(), "L0H0");
        return blocks.ToPlan([0]);
    }

    static Gen<VectorCase> Heads() =>
        from tokens in Gen.Choose(1, 9)
        from size in Gen.Choose(1, 6)
        from queries in Numbers(tokens * size)
        from keys in Numbers(tokens * size)
        from window in Gen.Choose(1, tokens)
        from real in Gen.ListOf(Gen.Frequency((5, Gen.Constant(1)), (1, Gen.Constant(0))), tokens)
        select new VectorCase(size, queries, keys, window, [.. real]);

    static IEnumerable<VectorCase> Smaller(VectorCase given)
    {
        if (given.Window > 1)
            yield return given with { Window = given.Window - 1 };
        if (given.Tokens > 1)
            yield return new(
                given.Size, given.Queries[..^given.Size], given.Keys[..^given.Size],
                Math.Min(given.Window, given.Tokens - 1), given.Real[..^1]);
    }

    static Gen<float[]> Numbers(int count) =>
        Gen.ListOf(Gen.Choose(-8_000, 8_000).Select(number => number / 1_000f), count).Select(list => list.ToArray());

    /// <summary>A head of made-up queries and keys, some of whose tokens are padding, and which may see only the last
    /// tokens.</summary>
    internal sealed record VectorCase(int Size, float[] Queries, float[] Keys, int Window, int[] Real)
    {
        public int Tokens => Real.Length;

        /// <summary>Gets the cells that are seen.</summary>
        public IEnumerable<(int Query, int Key)> Cells =>
            from query in Enumerable.Range(0, Tokens)
            from key in Enumerable.Range(Math.Max(0, query - Window + 1), Math.Min(query + 1, Window))
            where Real[query] == 1 && Real[key] == 1
            select (query, key);

        public double Score(int query, int key) => Enumerable.Range(0, Size).Sum(i =>
            (double)Queries[(query * Size) + i] * Keys[(key * Size) + i]) / Math.Sqrt(Size);

        public double Shown(int query, int key) => Enumerable.Range(0, Size).Sum(i =>
            (double)(Half)Queries[(query * Size) + i] * (double)(Half)Keys[(key * Size) + i]) / Math.Sqrt(Size);

        public float[] Pattern(int query)
        {
            var row = new float[Tokens];
            var keys = Cells.Where(cell => cell.Query == query).Select(cell => cell.Key).ToArray();
            if (keys.Length == 0)
                return row;
            var softmax = new double[keys.Length];
            TensorPrimitives.SoftMax([.. keys.Select(key => Score(query, key))], softmax);
            foreach (var (key, probability) in keys.Zip(softmax))
                row[key] = (float)probability;
            return row;
        }

        public HeadAttention Head() => new(new(0, 0), Tokens, (first, rows) =>
        {
            for (var start = 0; start < rows.Length; start += Tokens)
                Pattern(first + (start / Tokens)).CopyTo(rows[start..]);
        })
        {
            Queries = [.. Queries],
            Keys = [.. Keys],
        };
    }
}
