namespace RatIlgpu.Analysis;

/// <summary>What heads of known behaviour score, by formula.</summary>
static class ClosedForms
{
    /// <summary>Returns the harmonic number <c>H_n = Σ_{k=1..n} 1/k</c>.</summary>
    public static double Harmonic(int n)
    {
        var sum = 0.0;
        for (var k = n; k > 0; k--)
            sum += 1.0 / k;
        return sum;
    }

    /// <summary>Returns the mean attention of a uniform head to the token δ back, <c>(H_T − H_δ) / (T − δ)</c>; for δ =
    /// 1 the previous-token score <c>(H_T − 1) / (T − 1)</c>.</summary>
    /// <param name="tokens">The tokens of the prompt, T.</param>
    /// <param name="offset">The number of tokens back, δ, below T.</param>
    public static double UniformOffset(int tokens, int offset) =>
        (Harmonic(tokens) - Harmonic(offset)) / (tokens - offset);

    /// <summary>Returns the mean attention of a uniform head to the first token, <c>H_T / T</c>.</summary>
    public static double UniformFirst(int tokens) => Harmonic(tokens) / tokens;

    /// <summary>Returns the induction score of a uniform head on a prompt of a half and its copy, <c>(H_{2N−1} − H_N) /
    /// (N − 1)</c>.</summary>
    /// <param name="half">The tokens of a half, N.</param>
    public static double UniformInduction(int half) => (Harmonic(2 * half - 1) - Harmonic(half)) / (half - 1);

    /// <summary>Returns the duplicate-token score of a uniform head, <c>Σ n_i/(i + 1) / #{i: n_i > 0}</c>, for n_i
    /// earlier tokens like token i.</summary>
    public static double UniformDuplicate(IReadOnlyList<int> ids) =>
        MeanOverRepeats(ids, (i, earlier) => earlier / (i + 1.0));

    /// <summary>Returns the duplicate-token score of a head that attends to all tokens like the query's and to the
    /// query itself: the mean of <c>n_i/(n_i + 1)</c> over the repeated tokens.</summary>
    public static double DuplicateCeiling(IReadOnlyList<int> ids) =>
        MeanOverRepeats(ids, (_, earlier) => earlier / (earlier + 1.0));

    /// <summary>Returns the induction score of a head that finds every successor, but splits the first query between
    /// the first token, which remembers itself, and the second: <c>(1/2 + N − 2) / (N − 1)</c>.</summary>
    /// <param name="half">The tokens of a half, N.</param>
    public static double IdealInduction(int half) => (0.5 + half - 2) / (half - 1);

    /// <summary>Returns the share of n keys of score κ among <c>i + 1</c> keys, the others of score 0: <c>n e^κ / (n
    /// e^κ + i + 1 − n)</c>.</summary>
    /// <param name="kappa">The score, κ.</param>
    /// <param name="count">The keys of that score, n.</param>
    /// <param name="query">The query, i.</param>
    public static double KeyShare(double kappa, int count, int query) =>
        count / (count + ((query + 1 - count) * Math.Exp(-kappa)));

    /// <summary>Returns the mean attention to the first token, of score κ: the mean of <c>e^κ / (e^κ + i)</c> over i =
    /// 0 to T − 1.</summary>
    public static double Sink(double kappa, int tokens) =>
        Enumerable.Range(0, tokens).Average(query => KeyShare(kappa, 1, query));

    /// <summary>Returns the mean attention of each element of a list to the element before, two tokens back, whose
    /// score is κ: the mean of <c>e^κ / (e^κ + 2k)</c> over k = 1 to n − 1; for κ = 0, that of <c>1/(2k +
    /// 1)</c>.</summary>
    /// <param name="kappa">The score, κ.</param>
    /// <param name="elements">The elements of the list, n.</param>
    public static double Succession(double kappa, int elements) =>
        Enumerable.Range(1, elements - 1).Average(k => KeyShare(kappa, 1, 2 * k));

    /// <summary>Returns the signal of a uniform head between lists of the lengths that ordered families allow and
    /// lists of 3 to 12 words: the expected difference of pooled means <c>E Σ_k 1/(2k + 1) / E (n − 1)</c>, n uniform
    /// from 3 to the smaller of 12 and the size of a family.</summary>
    /// <param name="families">The sizes of the families, at least 3, of which each is chosen as often.</param>
    public static double LengthSignal(params IReadOnlyList<int> families)
    {
        const int Shortest = 3, Longest = 12;
        return Pooled(families) - Pooled([Longest]);

        static double Pooled(IReadOnlyList<int> sizes)
        {
            var (sum, count) = (0.0, 0.0);
            foreach (var size in sizes)
            {
                int[] lengths = [.. Enumerable.Range(Shortest, int.Min(size, Longest) - Shortest + 1)];
                sum += lengths.Average(length => Succession(0, length) * (length - 1));
                count += lengths.Average(length => length - 1);
            }

            return sum / count;
        }
    }

    /// <summary>Returns the score of a head that looks n tokens back, <c>c²/√d · Σ_m cos((δ − n) θ_m)</c> over the fast
    /// pairs.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="distance">How far the key is back, δ.</param>
    /// <param name="offset">The number of tokens back, n.</param>
    /// <param name="strength">The strength, c².</param>
    public static double LookBack(ConstructedShape shape, int distance, int offset, double strength)
    {
        var sum = 0.0;
        for (var pair = 0; pair < shape.FastPairs; pair++)
            sum += Math.Cos((distance - offset) * shape.Frequency(pair));
        return strength / Math.Sqrt(shape.HeadSize) * sum;
    }

    /// <summary>Returns the product of two codes of height 1 at a distance: <c>cos δθ</c> of equal tokens, and
    /// <c>∓sin δθ</c> of two tokens that share a pair, with the slow frequency of their pair; else 0.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="query">The token whose code the query has.</param>
    /// <param name="key">The token whose code the key has.</param>
    /// <param name="distance">How far the key is back, δ.</param>
    public static double Match(ConstructedShape shape, int query, int key, int distance)
    {
        var angle = distance * shape.Frequency(shape.Pair(query));
        return (shape.Pair(query) == shape.Pair(key), Math.Sign(shape.Code(query) - shape.Code(key))) switch
        {
            (false, _) => 0,
            (_, 0) => Math.Cos(angle),
            (_, var side) => -side * Math.Sin(angle),
        };
    }

    /// <summary>Returns the pattern of scores, <c>A[i, j] = e^S_ij / Σ_{j' ≤ i} e^S_ij'</c>; row i has i + 1
    /// keys.</summary>
    /// <param name="tokens">The tokens of the prompt.</param>
    /// <param name="score">Returns the score of a query and a key.</param>
    public static double[][] Pattern(int tokens, Func<int, int, double> score)
    {
        return [.. Enumerable.Range(0, tokens).Select(Row)];

        double[] Row(int query)
        {
            double[] row = [.. Enumerable.Range(0, query + 1).Select(key => score(query, key))];
            var largest = row.Max();
            for (var key = 0; key < row.Length; key++)
                row[key] = Math.Exp(row[key] - largest);
            var sum = row.Sum();
            return [.. row.Select(number => number / sum)];
        }
    }

    static double MeanOverRepeats(IReadOnlyList<int> ids, Func<int, int, double> share) =>
        Enumerable.Range(0, ids.Count)
            .Select(query => (Query: query, Earlier: ids.Take(query).Count(id => id == ids[query])))
            .Where(one => one.Earlier > 0)
            .Average(one => share(one.Query, one.Earlier));
}
