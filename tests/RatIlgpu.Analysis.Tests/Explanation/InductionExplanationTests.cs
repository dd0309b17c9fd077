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

    // F32 runs of the same model, of scores of size 30.
    const double Rounding = 1e-3;

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

    [Fact]
    public void Runs_without_the_leading_part_confirm_it()
    {
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var (attributor, verifier) = (
            new AttentionScoreAttributor(model.Network), new ScoreVerifier(model.Network));
        foreach (var seed in Enumerable.Range(0, 10))
        {
            var found = attributor.Explain(Repeat(new Random(seed)), new(3, 0), ^1, Key);
            var measured = verifier.Verify(found, count: 1).Verification!;
            var leading = measured.Parts.Single(part => part.Input == HeadInput.Key);
            Assert.Equal(found.ByKeyPart.Max(), leading.Attributed, Rounding);
            Assert.InRange(leading.Attributed, 3, double.MaxValue);
            Assert.Equal(measured.Unchanged.Score - leading.Attributed, leading.Held.Score, Rounding);
            var without = found.AttentionWithout[found.KeyParts.Items.IndexOf(leading.Part)];
            Assert.Equal(without, leading.Held.Attention, Rounding);
            Assert.True(leading.Held.Attention < measured.Unchanged.Attention);
            Assert.True(leading.Recomputed.Attention < measured.Unchanged.Attention);
        }
    }

    static int[] Repeat(Random random)
    {
        int[] tokens = [.. Enumerable.Range(FirstWord, Words)];
        random.Shuffle(tokens);
        return [.. tokens[..12], .. tokens[..10]];
    }
}
