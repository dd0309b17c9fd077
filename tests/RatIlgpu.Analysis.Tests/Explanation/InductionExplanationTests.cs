namespace RatIlgpu.Analysis.Tests;

/// <summary>In the demonstration model, the head that attends to the token before, or the one that reads two tokens
/// back, is why induction heads look at the token after an earlier copy. Each prompt has twelve random words and the
/// first ten again; its last position is explained at the key after the earlier copy.</summary>
public sealed class InductionExplanationTests(ITestOutputHelper output) : IDisposable
{
    const int Draws = 100, Heads = 7;

    // After the tokens of single bytes, before the special tokens.
    const int FirstWord = 260, Words = 1347 - FirstWord;

    const int Key = 10;

    readonly CpuDevice device = new();

    public void Dispose() => device.Dispose();

    [Fact]
    public void Induction_heads_look_at_the_key_because_of_the_heads_that_look_back()
    {
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var attributor = new AttentionScoreAttributor(model.Network);
        var first = new Dictionary<string, int>();
        foreach (var seed in Enumerable.Range(0, Draws))
        {
            var prompt = Repeat(new Random(seed));
            var run = new Recorder(model.Network).Record(
                prompt, AttentionScoreAttributor.Captures(new(3, 0), ^1, [Key], prompt.Length));
            foreach (var head in Enumerable.Range(0, Heads))
            {
                var found = attributor.Explain(run, new(3, head), ^1, Key);
                var best = found.KeyParts[found.ByKeyPart.Items.IndexOf(found.ByKeyPart.Max())].Label;
                first[best] = first.GetValueOrDefault(best) + 1;
            }
        }

        output.WriteLine(string.Join(", ", first.OrderByDescending(one => one.Value)));
        var all = (double)(Draws * Heads);
        Assert.InRange(first["L1H0"] / all, 0.6, 1);
        Assert.InRange((first["L1H0"] + first["L1H1"]) / all, 0.95, 1);
    }

    static int[] Repeat(Random random)
    {
        int[] tokens = [.. Enumerable.Range(FirstWord, Words)];
        random.Shuffle(tokens);
        return [.. tokens[..12], .. tokens[..10]];
    }
}
