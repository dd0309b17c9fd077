using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests.Attention;

/// <summary>Heads with attention like that of a model: to the token before, to the first token, to tokens of one kind,
/// and to all.</summary>
public static class SampleHeads
{
    /// <summary>The kinds of heads.</summary>
    public const int Kinds = 4;

    /// <summary>Returns the tokens of a prompt.</summary>
    public static TokenText[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(
        i => new TokenText(i % 97, $" t{i % 97}", []))];

    /// <summary>Returns a head, whose rows are computed when they are asked for.</summary>
    /// <param name="number">The number of the head, whose kind it decides.</param>
    /// <param name="tokens">The tokens of the prompt.</param>
    /// <param name="hasFactors">Whether keys have factors.</param>
    public static HeadAttention Head(int number, int tokens, bool hasFactors = false) => new(
        new(number / 14, number % 14), tokens, (first, rows) =>
        {
            rows.Clear();
            for (var query = first; query < first + (rows.Length / tokens); query++)
                WriteRow(number, query, rows.Slice((query - first) * tokens, query + 1));
        })
    {
        ValueFactors = hasFactors ? [.. Enumerable.Range(0, tokens).Select(key => 1f / (1 + (key % 4)))] : null,
        InfoFactors = hasFactors ? [.. Enumerable.Range(0, tokens).Select(key => key == 0 ? 0.125f : 1f)] : null,
    };

    /// <summary>Returns the probability of every cell, <c>[queries, keys]</c>.</summary>
    public static float[] Pattern(HeadAttention head)
    {
        var rows = new float[head.TokenCount * head.TokenCount];
        head.CopyRows(0, rows);
        return rows;
    }

    static void WriteRow(int number, int query, Span<float> row)
    {
        var sum = 0f;
        for (var key = 0; key < row.Length; key++)
        {
            var noise = Noise(number, query, key);
            row[key] = MathF.Exp((3 * noise) + (number % Kinds) switch
            {
                0 => key == query - 1 ? 9 : -0.1f * (query - key),
                1 => key == 0 ? 8 : 0,
                2 => (key % 17 == query % 17 ? 5 : 0) + (key == 0 ? 4 : 0),
                _ => noise,
            });
            sum += row[key];
        }

        for (var key = 0; key < row.Length; key++)
            row[key] /= sum;
    }

    // In [0, 1), the same everywhere.
    static float Noise(int number, int query, int key)
    {
        var bits = (uint)((number * 73_856_093) ^ (query * 19_349_663) ^ (key * 83_492_791));
        bits = (bits ^ (bits >> 16)) * 0x45d9f3b;
        bits = (bits ^ (bits >> 16)) * 0x45d9f3b;
        return ((bits ^ (bits >> 16)) >> 8) / (float)(1 << 24);
    }
}
