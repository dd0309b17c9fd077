using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Atlas;

public sealed class RandomModelTests
{
    [Fact]
    public void A_head_of_a_model_that_was_not_trained_has_no_role() => AssertNoRoles(20, Initialise);

    // Patterns are not flat where weights are larger; biases then prefer some distances.
    [Fact]
    public void A_head_of_a_model_with_large_random_weights_has_no_role() => AssertNoRoles(5, null);

    static void AssertNoRoles(int seeds, Action<string, float[]>? change)
    {
        using var device = new CpuDevice();
        var config = Qwen2Config.Read(DemoModel.Folder);
        var options = new AtlasOptions
        {
            Documents = 8,
            TextLength = 64,
            RepeatSequences = 4,
            SuccessorPrompts = 12,
            IndirectObjectPrompts = 12,
        };
        for (var seed = 0; seed < seeds; seed++)
        {
            using var tiny = new TinyQwen2(config, seed, change: change);
            using var model = tiny.On(device, Tokenizer.Load(DemoModel.Folder));
            var heads = new HeadAtlasReader(model, options).Read(AtlasDetail.Scores).Heads;
            Assert.All(heads, head => Assert.Empty(head.Roles));
            Assert.All(heads, head => Assert.NotEmpty(head.Scores));
        }
    }

    // As Qwen2 is before training: a spread of 0.02, and no biases.
    static void Initialise(string name, float[] numbers)
    {
        var (mean, spread) = name.Contains("norm", StringComparison.Ordinal) ? (1, 0)
            : name.EndsWith(".bias", StringComparison.Ordinal) ? (0, 0)
            : (0, 0.02 / Math.Sqrt(numbers.Average(number => (double)number * number)));
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = (float)(mean + (spread * numbers[i]));
    }
}
