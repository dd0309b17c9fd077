namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(PatternSumLaws)])]
public sealed class PatternSumLaws : IDisposable
{
    readonly Device[] devices = [new PlainDevice(), new CpuDevice(2), new CpuDevice(1, SimdLevel.Scalar)];

    internal static Arbitrary<SumsCase> Cases { get; } = Arb.From(
        from heads in Gen.Choose(1, 4)
        from queries in Gen.Choose(1, 12)
        from keys in Gen.Choose(1, 80)
        from rows in Gen.Choose(0, 8)
        from longest in Gen.Choose(0, 300)
        from seed in Gen.Choose(0, 1000)
        select new SumsCase(heads, queries, keys, rows, longest, seed),
        SumsCase.Smaller);

    [Law]
    public void Sums_are_those_in_double(SumsCase given)
    {
        var (pattern, sums) = (given.Pattern(1), given.Sums());
        var expected = new double[sums.RowCount];
        foreach (var device in devices)
        {
            var actual = given.SumCells(device, pattern, sums);
            for (var head = 0; head < given.Heads; head++)
            {
                double[] ofHead = [.. pattern.AsSpan(head * given.CellCount, given.CellCount)];
                sums.Sum(ofHead, expected);
                Near(expected, actual.AsSpan(head * sums.RowCount, sums.RowCount), 1 + given.Longest);
            }
        }
    }

    [Law]
    public void Sums_of_a_sum_of_patterns_are_the_sums_of_both(SumsCase given)
    {
        var (x, y, sums) = (given.Pattern(1), given.Pattern(2), given.Sums());
        foreach (var device in devices)
        {
            var (left, right) = (given.SumCells(device, x, sums), given.SumCells(device, y, sums));
            var together = given.SumCells(device, [.. x.Zip(y, (a, b) => a - 2 * b)], sums);
            Near([.. left.Zip(right, (a, b) => a - 2.0 * b)], together, 3 + 3 * given.Longest);
        }
    }

    [Law]
    public void The_entropy_of_shares_is_from_0_to_the_logarithm_of_their_number(SumsCase given)
    {
        var pattern = given.Pattern(1);
        for (var row = 0; row < pattern.Length; row += given.Keys)
        {
            var own = pattern.AsSpan(row, given.Keys);
            var total = 0.0;
            foreach (var number in own)
                total += number;
            foreach (ref var number in own)
                number = total > 0 ? (float)(number / total) : 0;
        }

        foreach (var device in devices)
            foreach (var entropy in given.Entropy(device, pattern))
                Assert.InRange(
                    entropy, -Tolerances.Arithmetic, Math.Log(given.Keys) * (1 + Tolerances.Arithmetic)
                    + Tolerances.Arithmetic);
    }

    public void Dispose()
    {
        foreach (var device in devices)
            device.Dispose();
    }

    static void Near(ReadOnlySpan<double> expected, ReadOnlySpan<float> actual, double magnitude)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], Tolerances.Arithmetic * magnitude);
    }

    /// <summary>A pattern of some heads, of numbers from 0 to 1, a third of them 0, and rows of some of its
    /// cells.</summary>
    public sealed record SumsCase(int Heads, int Queries, int Keys, int Rows, int Longest, int Seed)
    {
        public int CellCount => Queries * Keys;

        public float[] Pattern(int salt)
        {
            var random = new Random(Seed + 1000 * salt);
            return
            [
                .. Enumerable.Range(0, Heads * CellCount).Select(_ => random.Next(3) == 0 ? 0 : random.NextSingle()),
            ];
        }

        public CellSums Sums()
        {
            var random = new Random(Seed);
            List<int> starts = [0];
            for (var row = 0; row < Rows; row++)
                starts.Add(starts[^1] + random.Next(Longest + 1));
            return new(
                Queries, Keys, [.. starts], [.. Enumerable.Range(0, starts[^1]).Select(_ => random.Next(CellCount))],
                [.. Enumerable.Range(0, starts[^1]).Select(_ => random.NextSingle() * 2 - 1)]);
        }

        public float[] SumCells(Device device, float[] pattern, CellSums sums) => Workbench.On(device, on =>
        {
            var result = on.Allocate(Heads, sums.RowCount);
            device.SumCells(on.Put(pattern, Heads, Queries, Keys), sums, result);
            return on.Read(result);
        });

        public float[] Entropy(Device device, float[] pattern) => Workbench.On(device, on =>
        {
            var result = on.Allocate(Heads, Queries);
            device.Entropy(on.Put(pattern, Heads, Queries, Keys), result);
            return on.Read(result);
        });

        public static IEnumerable<SumsCase> Smaller(SumsCase given)
        {
            if (given.Heads > 1)
                yield return given with { Heads = 1 };
            if (given.Queries > 1)
                yield return given with { Queries = given.Queries / 2 };
            if (given.Keys > 1)
                yield return given with { Keys = given.Keys / 2 };
            if (given.Rows > 0)
                yield return given with { Rows = given.Rows / 2 };
            if (given.Longest > 0)
                yield return given with { Longest = given.Longest / 2 };
        }
    }
}
