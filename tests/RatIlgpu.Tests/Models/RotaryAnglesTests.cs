using RatIlgpu.Models;

namespace RatIlgpu.Tests.Models;

public sealed class RotaryAnglesTests
{
    [Fact]
    public void Position_zero_turns_nothing()
    {
        var angles = Angles(new RotaryAngles(Config(8, 10_000)), 0, 1);

        Assert.Equal([1, 1, 1, 1, 0, 0, 0, 0], angles);
    }

    static float[] Angles(RotaryAngles angles, int first, int count)
    {
        var numbers = new float[count * 8];
        angles.Fill(first, count, numbers);
        return numbers;
    }

    static Qwen2Config Config(int headSize, double theta, RopeScaling? scaling = null) => new()
    {
        HiddenSize = headSize, IntermediateSize = 1, LayerCount = 1, HeadCount = 1, KeyHeadCount = 1, HeadSize = headSize,
        VocabularySize = 1, RmsNormEpsilon = 1e-6f, RopeTheta = theta, RopeScaling = scaling, TiesEmbeddings = true,
        MaxPositions = 32,
    };
}
