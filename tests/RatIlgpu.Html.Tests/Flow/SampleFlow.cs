using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Html.Tests.Flow;

/// <summary>Flows made from paths, without a model.</summary>
public static class SampleFlow
{
    /// <summary>The words of the sample.</summary>
    public static readonly ImmutableArray<string> Words = ["When", " Mary", " and", " John", " to"];

    /// <summary>Makes a flow of four layers into the last word: a path stays, two move once, one twice.</summary>
    public static FlowResult FourPaths() => Of(
        Words, [0.3, 0.25, 0, 0.2, 0.25], (0.3, [4, 1, 1, 1, 1]), (0.2, [4, 1, 1, 0, 0]), (0.15, [4, 4, 4, 4, 4]),
        (0.1, [4, 4, 4, 3, 3]));

    /// <summary>Makes a flow of the sentence with another name, whose paths have other probabilities.</summary>
    public static FlowResult Swapped() => Of(
        ["When", " Mary", " and", " Anna", " to"], [0.1, 0.15, 0, 0.5, 0.25], (0.4, [4, 4, 4, 3, 3]),
        (0.15, [4, 4, 4, 4, 4]), (0.1, [4, 1, 1, 1, 1]));

    /// <summary>Makes a flow of many layers, whose paths move seldom; the same one for the same numbers.</summary>
    public static FlowResult Deep(int layers, int tokens, int paths)
    {
        var random = new Random(1);
        return Of(
            Enumerable.Range(0, tokens).Select(i => Words[i % Words.Length]),
            [.. Enumerable.Range(0, tokens).Select(_ => 1.0 / tokens)],
            [.. Enumerable.Range(0, paths).Select(path => (0.01 / (1 + path), Walk()))]);

        int[] Walk()
        {
            var positions = new int[layers + 1];
            positions[0] = tokens - 1;
            for (var step = 1; step <= layers; step++)
                positions[step] = random.Next(layers / 3) > 0
                    ? positions[step - 1]
                    : random.Next(positions[step - 1] + 1);
            return positions;
        }
    }

    /// <summary>Makes a flow.</summary>
    /// <param name="words">The tokens.</param>
    /// <param name="shares">The shares, up to the target.</param>
    /// <param name="paths">The probability and the positions of each path, the target first.</param>
    public static FlowResult Of(
        IEnumerable<string> words, double[] shares, params (double Probability, int[] Positions)[] paths)
    {
        ImmutableArray<TokenText> tokens = [.. words.Select((text, i) => new TokenText(1000 + i, text, []))];
        var layers = paths.Length > 0 ? paths[0].Positions.Length - 1 : 1;
        ImmutableArray<FlowPath> found = [.. paths.Select(path => Path(layers - 1, path.Probability, path.Positions))];
        return new()
        {
            Options = new() { TargetPosition = shares.Length - 1, FromLayer = 0, ToLayer = layers - 1 },
            Model = new("qwen2-sample", layers, 8),
            Tokens = tokens,
            Shares = [.. shares],
            Paths = found,
            PathTexts = FlowText.FormatAll(found, tokens),
        };
    }

    // All of the probability is in the first step, so that the steps of one kind have one share.
    static FlowPath Path(int last, double probability, int[] positions) => new(
        last, [.. positions], [.. positions[1..].Select((_, step) => step == 0 ? probability : 1)],
        Math.Log(probability), probability);
}
