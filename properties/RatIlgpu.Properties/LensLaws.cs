using FsCheck.Xunit;
using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(AttributionLaws.Case)])]
public sealed class LensLaws
{
    // One stream, normed and unembedded in batches of two sizes, as a share of the largest logit.
    const double Rounding = 2e-5;

    // A model is written to a file for each case.
    const int Many = 60;

    [Law(Many)]
    public void The_last_state_is_the_model_and_every_state_is_a_distribution(AttributionLaws.Case found)
    {
        using var tiny = found.Model.Make();
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        var size = tiny.Config.VocabularySize;
        using var logits = model.Forward(found.Prompt);
        var row = device.Download(logits).AsSpan(found.Position * size, size).ToArray();
        var options = new LensOptions { Top = size, Tokens = [found.Answer, found.Foil] };
        var states = new LogitLens(model).Read(found.Prompt, found.Position, options);

        Assert.Equal(2 * found.Model.Layers + 1, states.Length);
        foreach (var state in states)
        {
            Assert.Equal(1, state.Top.Sum(token => token.Probability), 1e-9);
            Assert.Equal(Enumerable.Range(0, size), state.Top.Select(token => token.Id).Order());
            for (var rank = 1; rank < size; rank++)
                Assert.True(state.Top[rank].Logit <= state.Top[rank - 1].Logit);
            Assert.All(state.Tokens, token => Assert.Equal(state.Top[token.Rank - 1], token));
        }

        var scale = Math.Max(1, row.Max(Math.Abs));
        Assert.All(states[^1].Top, token => Assert.Equal(row[token.Id] / scale, token.Logit / scale, Rounding));
    }
}
