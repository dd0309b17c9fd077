namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(AlignmentLaws)])]
public sealed class AlignmentLaws
{
    // Letters 0 to 3 repeat often, letters 4 to 30 seldom.
    internal static Arbitrary<(int[] A, int[] B)> Texts { get; } = Arb.From(
        from a in Text()
        from b in Text()
        select (a, b),
        Smaller);

    [Law]
    public void Counterparts_ascend_and_both_directions_agree((int[] A, int[] B) texts)
    {
        var alignment = Alignment.Of(texts.A, texts.B);
        Assert.Equal((texts.A.Length, texts.B.Length), (alignment.BOfA.Length, alignment.AOfB.Length));
        var pairs = alignment.BOfA.Index().Where(pair => pair.Item != Alignment.None).ToList();
        Assert.All(pairs.Zip(pairs.Skip(1)), two => Assert.True(two.First.Item < two.Second.Item));
        Assert.Equal(
            pairs.Select(pair => (pair.Index, pair.Item)),
            alignment.AOfB.Index().Where(pair => pair.Item != Alignment.None).Select(pair => (pair.Item, pair.Index)));
    }

    [Law]
    public void Equal_texts_are_paired_by_position((int[] A, int[] B) texts) =>
        Assert.Equal(Enumerable.Range(0, texts.A.Length), Alignment.Of(texts.A, [.. texts.A]).BOfA);

    [Law]
    public void As_many_equal_tokens_are_paired_as_can_be((int[] A, int[] B) texts)
    {
        var bOfA = CommonSubsequence.Of(texts.A, texts.B);
        Assert.Equal(Best(texts.A, texts.B).Equal, bOfA.Count(place => place != Alignment.None));
    }

    [Law]
    public void Only_equal_tokens_are_paired_whatever_the_bound((int[] A, int[] B) texts)
    {
        foreach (var bound in (int[])[0, 4, 20, 1000])
        {
            var pairs = CommonSubsequence.Of(texts.A, texts.B, bound).Index()
                .Where(pair => pair.Item != Alignment.None).ToList();
            Assert.All(pairs, pair => Assert.Equal(texts.A[pair.Index], texts.B[pair.Item]));
            Assert.All(pairs.Zip(pairs.Skip(1)), two => Assert.True(two.First.Item < two.Second.Item));
        }
    }

    [Law]
    public void Texts_that_only_differ_in_replaced_tokens_are_paired_throughout((int[] A, int[] B) texts)
    {
        // Every third token is replaced by one that occurs nowhere else.
        int[] replaced = [.. texts.A.Select((token, i) => i % 3 == 1 ? 100 + i : token)];
        Assert.Equal(Enumerable.Range(0, texts.A.Length), Alignment.Of(texts.A, replaced).BOfA);
    }

    // Among the longest common subsequences, the alignment takes one with the most pairs of unequal tokens.
    [Law]
    public void The_runs_between_equal_pairs_are_paired_if_they_are_equally_long((int[] A, int[] B) texts)
    {
        var found = Alignment.Of(texts.A, texts.B).BOfA;
        var equal = found.Index().Where(pair => pair.Item != Alignment.None)
            .Where(pair => texts.A[pair.Index] == texts.B[pair.Item]).ToList();
        var expected = Enumerable.Repeat(Alignment.None, texts.A.Length).ToArray();
        var (startA, startB, opposite) = (0, 0, 0);
        foreach (var (endA, endB) in equal.Append((texts.A.Length, texts.B.Length)))
        {
            opposite += Math.Min(endA - startA, endB - startB);
            for (var a = startA; a < endA && endA - startA == endB - startB; a++)
                expected[a] = startB + a - startA;
            if (endA < expected.Length)
                expected[endA] = endB;
            (startA, startB) = (endA + 1, endB + 1);
        }

        Assert.Equal(expected, found);
        Assert.Equal(Best(texts.A, texts.B), (equal.Count, opposite));
    }

    // All ids differ. Even letters have their own text; odd letters share a text and have their own bytes.
    [Law]
    public void Tokens_are_equal_if_their_texts_and_bytes_are((int[] A, int[] B) texts)
    {
        Assert.Equal(
            Alignment.Of(texts.A, texts.B).BOfA, Alignment.Of(Tokens(texts.A, 0), Tokens(texts.B, 1000)).BOfA);

        static ImmutableArray<TokenText> Tokens(int[] letters, int id) => [.. letters.Select(letter =>
            letter % 2 == 0 ? new TokenText(id++, $"{letter}", []) : new TokenText(id++, "\ufffd", [(byte)letter]))];
    }

    // Returns the most equal pairs that two texts allow in order, and then the most unequal pairs.
    static (int Equal, int Opposite) Best(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        var best = new (int Equal, int Opposite)[a.Length + 1, b.Length + 1];
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
            {
                var (equal, opposite) = best[i - 1, j - 1];
                var paired = a[i - 1] == b[j - 1] ? (equal + 1, opposite) : (equal, opposite + 1);
                best[i, j] = new[] { paired, best[i - 1, j], best[i, j - 1] }.Max();
            }

        return best[a.Length, b.Length];
    }

    static Gen<int[]> Text() =>
        from length in Gen.Choose(0, 14)
        from letters in Gen.ArrayOf(Gen.OneOf(Gen.Choose(0, 3), Gen.Choose(4, 30)), length)
        select letters;

    static IEnumerable<(int[] A, int[] B)> Smaller((int[] A, int[] B) texts)
    {
        for (var i = 0; i < texts.A.Length; i++)
            yield return ([.. texts.A[..i], .. texts.A[(i + 1)..]], texts.B);
        for (var i = 0; i < texts.B.Length; i++)
            yield return (texts.A, [.. texts.B[..i], .. texts.B[(i + 1)..]]);
    }
}
