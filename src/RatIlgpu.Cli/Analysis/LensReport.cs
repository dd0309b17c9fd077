using System.Collections.Immutable;
using System.Globalization;
using RatIlgpu.Analysis;
using RatIlgpu.Tracing;

namespace RatIlgpu.Cli.Analysis;

/// <summary>Prints what the states of the stream would say.</summary>
static class LensReport
{
    /// <summary>Prints, for each position, a line for each state.</summary>
    public static void Print(
        ImmutableArray<LensState> states, ImmutableArray<int> ids, LanguageModel model, TextWriter output)
    {
        var width = states.Max(state => state.State.Label.Length);
        foreach (var position in states.GroupBy(state => state.Position))
        {
            output.WriteLine();
            output.WriteLine($"After {PathText.Token(model.Tokenizer.Token(ids[position.Key]))} at {position.Key}");
            foreach (var state in position)
            {
                var line = string.Join("  ", state.Top.Select(Likely).Concat(state.Tokens.Select(Followed)));
                output.WriteLine($"  {state.State.Label.PadRight(width)}  {line}");
            }
        }

        string Text(LensToken token) => PathText.Token(model.Tokenizer.Token(token.Id));

        string Likely(LensToken token) =>
            string.Create(CultureInfo.InvariantCulture, $"{Text(token)} {token.Probability * 100:F1} %");

        string Followed(LensToken token) => string.Create(
            CultureInfo.InvariantCulture, $"[{Text(token)} rank {token.Rank}, {token.Probability * 100:G3} %]");
    }
}
