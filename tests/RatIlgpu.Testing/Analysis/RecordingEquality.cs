using RatIlgpu.Analysis;

namespace RatIlgpu.Testing;

/// <summary>Compares recordings.</summary>
static class RecordingEquality
{
    /// <summary>Asserts that two recordings hold the same, to the bit.</summary>
    public static void Same(Recording expected, Recording found)
    {
        Assert.Equal(expected.Model, found.Model);
        Assert.Equal(expected.TokenIds, found.TokenIds);
        Assert.Equal(expected.AttentionMask?.AsEnumerable(), found.AttentionMask?.AsEnumerable());
        Assert.Equal(expected.PromptLength, found.PromptLength);
        Assert.Equal(expected.Interventions, found.Interventions);
        Assert.Equal(expected.AskedPositions, found.AskedPositions);
        Assert.Equal(expected.Sites, found.Sites);
        foreach (var site in expected.Sites)
        {
            Assert.Equal(expected[site].Positions, found[site].Positions);
            Assert.Equal(expected[site].Heads, found[site].Heads);
            Assert.Equal(expected[site].Shape, found[site].Shape);
            Assert.Equal(expected[site].Values, found[site].Values);
        }
    }
}
