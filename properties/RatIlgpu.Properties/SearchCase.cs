namespace RatIlgpu.Properties;

/// <summary>The input of a search: attention, a target, options, and the positions where paths end.</summary>
public sealed record SearchCase(float[][] Rows, int Target, TraceOptions Options, ImmutableSortedSet<int> Ends)
{
    // Few values, so that ties are common: zero, values around the least that a logarithm is taken of, and exact ones.
    static readonly float[] Values = [0, 0, 1e-30f, 1e-12f, 1e-5f, 0.1f, 0.25f, 0.25f, 0.3f, 0.5f, 0.5f, 1];

    // Those that are no floats lie on either side of the float nearest to them.
    static readonly double[] Thresholds = [0, 1e-30, 1e-12, 1e-5, 0.1, 0.25, 0.3, 0.3f, 0.5, 1];

    static readonly LengthNormalization[] Normalizations =
    [
        LengthNormalization.None, LengthNormalization.AverageLogProbability, LengthNormalization.SquareRoot,
        new(0.7), new(2), new(-1),
    ];

    /// <summary>Gets prompts of up to 9 positions with arbitrary options.</summary>
    public static Arbitrary<SearchCase> Any { get; } = Arb.From(Gen.Choose(0, int.MaxValue).Select(Make), Smaller);

    /// <summary>Gets prompts of up to 11 positions, which have up to 512 paths, and beams that hold many of
    /// them.</summary>
    public static class Wide
    {
        public static Arbitrary<SearchCase> Any { get; } = Arb.From(
            Gen.Choose(0, int.MaxValue).Select(seed => Make(new Random(seed), 11, [1000, 7, 20, 50, 100, 200])),
            Smaller);
    }

    /// <summary>Finds the paths.</summary>
    public ImmutableArray<BeamPath> Search() => Search(new AttentionMatrix(Rows));

    /// <summary>Finds the paths in rows that may be others than those of the case.</summary>
    public ImmutableArray<BeamPath> Search(IAttentionRows rows) =>
        BeamSearch.Search(rows, Target, Options, Ends.Contains, TestContext.Current.CancellationToken);

    /// <summary>Tells whether a path may step from a query to a key if the number of steps is not limited.</summary>
    public bool Allows(int query, int key) => key < query && Rows[query][key] > 0
        && Rows[query][key] >= (float)Options.MinAttention && (Options.AttentionMask is not { } mask || mask[key] == 1);

    public override string ToString()
    {
        var rows = Rows.Select(row => string.Join(" ", row.Select(a => a.ToString(CultureInfo.InvariantCulture))));
        var mask = Options.AttentionMask is { } entries ? string.Concat(entries) : "none";
        return $"target {Target}, ends {string.Join(",", Ends)}, mask {mask}, {Options}\n{string.Join("\n", rows)}";
    }

    internal static SearchCase Make(int seed) => Make(new Random(seed), mostPositions: 9, [1000, 1, 2, 3, 4, 5, 6]);

    // The first beam comes as often as three others.
    static SearchCase Make(Random random, int mostPositions, int[] beams)
    {
        var length = random.Next(1, mostPositions + 1);
        var coarse = random.Next(3) > 0;
        var target = random.Next(3) == 0 ? random.Next(length) : length - 1;
        var options = new TraceOptions
        {
            TargetPosition = target,
            Layer = random.Next(3),
            TopBeam = beams[random.Next(4) == 0 ? 0 : random.Next(1, beams.Length)],
            TopK = random.Next(4) == 0 ? 1000 : random.Next(1, 7),
            MinAttention = random.Next(2) == 0 ? 0 : Thresholds[random.Next(Thresholds.Length)],
            LengthNormalization = Normalizations[random.Next(Normalizations.Length)],
            AttentionMask = random.Next(3) == 0
                ? [.. Enumerable.Range(0, length).Select(_ => random.Next(4) > 0 ? 1 : 0)]
                : null,
        };
        return new(
            [.. Enumerable.Range(1, length).Select(keys => Enumerable.Range(0, keys).Select(
                _ => coarse ? Values[random.Next(Values.Length)] : random.NextSingle()).ToArray())],
            target,
            options,
            [.. Enumerable.Range(0, length).Where(_ => random.Next(6) == 0)]);
    }

    static IEnumerable<SearchCase> Smaller(SearchCase it)
    {
        if (it.Rows.Length > 1)
            yield return it.WithoutLast();
        if (it.Options.AttentionMask is not null)
            yield return it with { Options = it.Options with { AttentionMask = null } };
        if (it.Options.MinAttention > 0)
            yield return it with { Options = it.Options with { MinAttention = 0 } };
        if (it.Options.TopBeam > 1)
            yield return it with { Options = it.Options with { TopBeam = it.Options.TopBeam / 2 } };
        if (it.Options.TopK > 1)
            yield return it with { Options = it.Options with { TopK = it.Options.TopK / 2 } };
        if (it.Options.LengthNormalization != LengthNormalization.None)
            yield return it with { Options = it.Options with { LengthNormalization = LengthNormalization.None } };
        foreach (var end in it.Ends)
            yield return it with { Ends = it.Ends.Remove(end) };
        for (var query = 1; query < it.Rows.Length; query++)
            for (var key = 0; key < query; key++)
                if (it.Rows[query][key] != 0)
                    yield return it.With(query, key, 0);
    }

    SearchCase WithoutLast()
    {
        var last = Rows.Length - 1;
        var target = Math.Min(Target, last - 1);
        var mask = Options.AttentionMask is { } entries ? entries[..last] : Options.AttentionMask;
        var options = Options with { TargetPosition = target, AttentionMask = mask };
        return new(Rows[..last], target, options, Ends.Remove(last));
    }

    SearchCase With(int query, int key, float attention)
    {
        float[][] rows = [.. Rows.Select(row => row.ToArray())];
        rows[query][key] = attention;
        return this with { Rows = rows };
    }
}
