namespace RatIlgpu.Testing;

/// <summary>The mix of numbers that devices may load in fours: values, and patterns where there are as many keys as a
/// multiple of four.</summary>
public abstract partial class DeviceContract
{
    [Theory]
    [InlineData(1, 4, 4)]
    [InlineData(9, 20, 12)]
    [InlineData(5, 37, 8)]
    [InlineData(13, 70, 64)]
    [InlineData(34, 36, 36)]
    public void Mix_in_fours(int queries, int keys, int size)
    {
        foreach (var (heads, keyHeads) in new[] { (2, 2), (3, 1) })
        {
            var attention = new AttentionCase(queries, heads, keys, keyHeads, size);
            var pattern = Numbers(24, heads * queries * keys);
            AgreesWithPlain(
                on => attention.Mix(on, pattern), Repeated(MathF.Sqrt(keys), queries * heads * size),
                $"mix of {attention}", Workbench.EvenFrame);
        }
    }
}
