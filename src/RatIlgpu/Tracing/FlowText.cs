using RatIlgpu.Text;

namespace RatIlgpu.Tracing;

/// <summary>Writes a path of a flow as a line of text.</summary>
public static class FlowText
{
    /// <summary>Returns the tokens of a path, earliest first, with the layer of each move, and its probability:
    /// <c>" Mary" -(L1)-> " John" -(L3)-> " to" (probability: 0.0412)</c>. Layers in which it stays are left
    /// out.</summary>
    /// <param name="path">The path.</param>
    /// <param name="tokens">The tokens of the prompt, by position; they are written as in
    /// <see cref="PathText.Format"/>.</param>
    public static string Format(FlowPath path, ImmutableArray<TokenText> tokens) =>
        WithProbability(path, Moves(path, position => PathText.Token(tokens[position])));

    /// <summary>Returns the lines of several paths, each as <see cref="Format"/> writes it. Lines of paths that read
    /// alike have the positions of all tokens: <c>" John"@9 -(L3)-> " to"@12</c>.</summary>
    /// <param name="paths">The paths, each once.</param>
    /// <param name="tokens">The tokens of the prompt, by position.</param>
    /// <returns>One line for each path, in their order.</returns>
    public static ImmutableArray<string> FormatAll(ImmutableArray<FlowPath> paths, ImmutableArray<TokenText> tokens)
    {
        string Plain(FlowPath path) => Moves(path, position => PathText.Token(tokens[position]));
        string Numbered(FlowPath path) => Moves(path, position => string.Create(
            CultureInfo.InvariantCulture, $"{PathText.Token(tokens[position])}@{position}"));

        var uses = paths.CountBy(Plain).ToDictionary();
        return
        [
            .. paths.Select(path => WithProbability(path, uses[Plain(path)] > 1 ? Numbered(path) : Plain(path))),
        ];
    }

    static string Moves(FlowPath path, Func<int, string> token) => path.Moves.Aggregate(
        token(path.Source),
        (text, move) => string.Create(CultureInfo.InvariantCulture, $"{text} -(L{move.Layer})-> {token(move.To)}"));

    static string WithProbability(FlowPath path, string moves) =>
        string.Create(CultureInfo.InvariantCulture, $"{moves} (probability: {path.Probability:G3})");
}
