using RatIlgpu.Analysis;
using RatIlgpu.Models;

namespace RatIlgpu.Testing;

/// <summary>A head with its whole pattern.</summary>
/// <param name="Head">The head.</param>
/// <param name="Pattern"><c>[queries, keys]</c>.</param>
/// <param name="Value">The value factors; empty for none.</param>
/// <param name="Info">The info factors; empty for none.</param>
/// <param name="Queries">The rotated queries; empty for none.</param>
/// <param name="Keys">The rotated keys; empty for none.</param>
sealed record ReadHead(HeadIndex Head, float[] Pattern, float[] Value, float[] Info, float[] Queries, float[] Keys)
{
    /// <summary>Gets the options for everything of a head.</summary>
    public static AttentionOptions Everything { get; } =
        new() { ValueFactors = true, InfoFactors = true, Vectors = true };

    /// <summary>Gets the row of a query.</summary>
    public ReadOnlySpan<float> Row(int query)
    {
        var tokens = (int)Math.Sqrt(Pattern.Length);
        return Pattern.AsSpan(query * tokens, tokens);
    }

    /// <summary>Copies a head while it can be read.</summary>
    public static ReadHead Of(HeadAttention head)
    {
        var pattern = new float[head.TokenCount * head.TokenCount];
        head.CopyRows(0, pattern);
        return new(
            head.Head, pattern, Copy(head.ValueFactors), Copy(head.InfoFactors), Copy(head.Queries), Copy(head.Keys));
    }

    /// <summary>Reads heads in a run of a prompt.</summary>
    public static List<ReadHead> All(Qwen2Model model, AnalysisPrompt prompt, AttentionOptions? options = null)
    {
        var heads = new List<ReadHead>();
        new AttentionReader(model).Read(prompt, options ?? Everything, head => heads.Add(Of(head)));
        return heads;
    }

    /// <summary>Asserts that heads are the same, to the bit.</summary>
    public static void Same(IReadOnlyList<ReadHead> expected, IReadOnlyList<ReadHead> found)
    {
        Assert.Equal(expected.Select(one => one.Head), found.Select(one => one.Head));
        foreach (var (left, right) in expected.Zip(found))
        {
            Assert.Equal(left.Pattern, right.Pattern);
            Assert.Equal(left.Value, right.Value);
            Assert.Equal(left.Info, right.Info);
            Assert.Equal(left.Queries, right.Queries);
            Assert.Equal(left.Keys, right.Keys);
        }
    }

    static float[] Copy(ImmutableArray<float>? numbers) => numbers is { } given ? [.. given] : [];
}
