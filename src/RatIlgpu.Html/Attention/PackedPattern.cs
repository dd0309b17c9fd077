using System.Buffers;
using System.IO.Compression;

namespace RatIlgpu.Html;

/// <summary>The compressed bytes of a pattern.</summary>
/// <param name="Bytes">The bytes.</param>
/// <param name="Error">The largest difference between a code and the one that the page shows.</param>
sealed record PackedPattern(byte[] Bytes, int Error)
{
    public static PackedPattern Of(ExactPattern pattern, PatternTier tier, KeyFactors factors) => tier.IsExact
        ? new(
            Packed(bytes =>
            {
                pattern.Write(bytes);
                factors.Write(bytes);
            }),
            0)
        : Of(PooledPattern.Of(pattern, tier, factors.All), factors);

    public static PackedPattern Of(PooledPattern pattern, KeyFactors factors) => new(
        Packed(bytes =>
        {
            pattern.Write(bytes);
            factors.Write(bytes);
        }),
        pattern.LargestError());

    /// <summary>Packs a pattern of several heads, which has no factors.</summary>
    public static PackedPattern Of(PooledPattern pattern) => new(Packed(pattern.Write), pattern.LargestError());

    public ExactPattern ReadExact(
        PatternShape shape, ImmutableArray<AttentionWeights> weights, out KeyFactors factors)
    {
        ReadOnlySpan<byte> bytes = Unpacked();
        var pattern = ExactPattern.Read(shape, ref bytes);
        factors = KeyFactors.Read(weights, shape.Tokens, ref bytes);
        return pattern;
    }

    public PooledPattern ReadPooled(
        PatternShape shape, PatternTier tier, ImmutableArray<AttentionWeights> weights, out KeyFactors factors)
    {
        ReadOnlySpan<byte> bytes = Unpacked();
        var pattern = PooledPattern.Read(shape, tier, weights.Length, hasWinners: false, ref bytes);
        factors = KeyFactors.Read(weights, shape.Tokens, ref bytes);
        return pattern;
    }

    /// <summary>Reads the pattern of several heads.</summary>
    public PooledPattern ReadSummary(PatternShape shape, PatternTier tier, bool hasWinners)
    {
        ReadOnlySpan<byte> bytes = Unpacked();
        return PooledPattern.Read(shape, tier, weightings: 1, hasWinners, ref bytes);
    }

    byte[] Unpacked()
    {
        using var gzip = new GZipStream(new MemoryStream(Bytes), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return bytes.ToArray();
    }

    static byte[] Packed(Action<IBufferWriter<byte>> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        write(bytes);
        using var stream = new MemoryStream();
        // The smallest size takes three times as long, and long patterns are not smaller.
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal))
            gzip.Write(bytes.WrittenSpan);
        return stream.ToArray();
    }
}
