namespace RatIlgpu.Testing;

/// <summary>Attention of the head sizes of published models, which devices may have kernels for.</summary>
public abstract partial class DeviceContract
{
    [Theory]
    [InlineData(64)]
    [InlineData(96)]
    [InlineData(128)]
    public void Attend_of_usual_head_sizes(int size)
    {
        foreach (var (heads, keyHeads) in new[] { (2, 2), (7, 1) })
            foreach (var window in new[] { 9, int.MaxValue })
                foreach (var masked in new[] { 0, 1, 2 })
                {
                    var (queries, keys) = (Many(77), Many(131));
                    AttendsAlike(new AttentionCase(queries, heads, keys, keyHeads, size)
                    {
                        Window = window,
                        Mask = Mask(masked, keys),
                    });
                }
    }

    void AttendsAlike(AttentionCase attention)
    {
        var rows = attention.Queries * attention.Heads;
        AgreesWithPlain(
            attention.Attend, Repeated(1 + attention.LargestScore, rows * attention.HeadSize), $"{attention}",
            Workbench.EvenFrame);
        AgreesWithPlain(
            attention.Scores, Repeated(1 + attention.LargestScore, rows * attention.Keys), $"scores of {attention}",
            Workbench.EvenFrame);
    }
}
