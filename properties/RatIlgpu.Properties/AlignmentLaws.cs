using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using RatIlgpu.Html;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(AlignmentLaws)])]
public sealed class AlignmentLaws
{
    // Few letters, so that they repeat; the last of them seldom.
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
        Assert.Equal(LengthOfLongest(texts.A, texts.B), bOfA.Count(place => place != Alignment.None));
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
        // A replacement that occurs nowhere else, at every third place.
        int[] replaced = [.. texts.A.Select((token, i) => i % 3 == 1 ? 100 + i : token)];
        Assert.Equal(Enumerable.Range(0, texts.A.Length), Alignment.Of(texts.A, replaced).BOfA);
    }

    static int LengthOfLongest(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        var lengths = new int[a.Length + 1, b.Length + 1];
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
                lengths[i, j] = a[i - 1] == b[j - 1]
                    ? lengths[i - 1, j - 1] + 1
                    : Math.Max(lengths[i - 1, j], lengths[i, j - 1]);
        return lengths[a.Length, b.Length];
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
