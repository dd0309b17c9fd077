using System.Runtime.InteropServices;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>The pairs of corresponding tokens of two texts.</summary>
/// <param name="BOfA">The position in B of the counterpart of each token of A, or −1. Counterparts ascend.</param>
/// <param name="AOfB">The position in A of the counterpart of each token of B, or −1.</param>
sealed record Alignment(ImmutableArray<int> BOfA, ImmutableArray<int> AOfB)
{
    /// <summary>The position of a counterpart that does not exist.</summary>
    public const int None = -1;

    /// <summary>Pairs equal tokens in order: a longest common subsequence. Then pairs the tokens between two pairs if
    /// both texts have equally many there, because one word replaces another.</summary>
    public static Alignment Of(ImmutableArray<TokenText> a, ImmutableArray<TokenText> b)
    {
        // Compares texts, not ids: another model, or a file without ids, has other ids for the same text.
        var symbols = new Dictionary<(string, string), int>();
        return Of(Symbols(a), Symbols(b));

        int[] Symbols(ImmutableArray<TokenText> tokens) => [.. tokens.Select(token =>
        {
            var bytes = Convert.ToHexString(token.Bytes.AsSpan());
            ref var symbol = ref CollectionsMarshal.GetValueRefOrAddDefault(
                symbols, (token.Text, bytes), out var known);
            return known ? symbol : symbol = symbols.Count;
        })];
    }

    /// <inheritdoc cref="Of(ImmutableArray{TokenText}, ImmutableArray{TokenText})"/>
    public static Alignment Of(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        var bOfA = CommonSubsequence.Of(a, b);
        PairReplaced(bOfA, b.Length);
        var aOfB = new int[b.Length];
        Array.Fill(aOfB, None);
        for (var i = 0; i < bOfA.Length; i++)
            if (bOfA[i] != None)
                aOfB[bOfA[i]] = i;
        return new([.. bOfA], [.. aOfB]);
    }

    static void PairReplaced(int[] bOfA, int length)
    {
        var (startA, startB) = (0, 0);
        for (var i = 0; i <= bOfA.Length; i++)
        {
            var end = i == bOfA.Length ? length : bOfA[i];
            if (end == None)
                continue;
            if (i - startA == end - startB)
                for (var k = startA; k < i; k++)
                    bOfA[k] = startB + k - startA;
            (startA, startB) = (i + 1, end + 1);
        }
    }
}
