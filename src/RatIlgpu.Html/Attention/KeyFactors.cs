using System.Buffers;
using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>The factors of the keys of a pattern, as codes.</summary>
/// <param name="Value">Those of the weighting by values, <c>[tokens]</c>; null if unknown.</param>
/// <param name="Info">Those of the weighting by what the head writes, <c>[tokens]</c>; null if unknown.</param>
sealed record KeyFactors(ushort[]? Value, ushort[]? Info)
{
    /// <summary>Gets the known weightings; the first is the standard one.</summary>
    public ImmutableArray<AttentionWeights> Weights =>
    [
        AttentionWeights.Standard,
        .. Value is null ? [] : (AttentionWeights[])[AttentionWeights.Value],
        .. Info is null ? [] : (AttentionWeights[])[AttentionWeights.Info],
    ];

    /// <summary>Gets the factors of each of <see cref="Weights"/>; null for the standard one.</summary>
    public ImmutableArray<ushort[]?> All => [.. Weights.Select(weights => weights switch
    {
        AttentionWeights.Value => Value,
        AttentionWeights.Info => Info,
        _ => null,
    })];

    public static KeyFactors Of(HeadAttention head) => new(Codes(head.ValueFactors), Codes(head.InfoFactors));

    public void Write(IBufferWriter<byte> bytes)
    {
        foreach (var factors in All)
            if (factors is not null)
                ShortNumbers.Write(bytes, factors);
    }

    /// <summary>Reads the factors of weightings and moves behind them.</summary>
    public static KeyFactors Read(ImmutableArray<AttentionWeights> weights, int tokens, ref ReadOnlySpan<byte> bytes)
    {
        var value = weights.Contains(AttentionWeights.Value) ? ShortNumbers.Read(ref bytes, tokens) : null;
        return new(value, weights.Contains(AttentionWeights.Info) ? ShortNumbers.Read(ref bytes, tokens) : null);
    }

    static ushort[]? Codes(ImmutableArray<float>? factors) =>
        factors is { } known ? [.. known.Select(PatternCode.Of)] : null;
}
