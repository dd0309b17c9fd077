using RatIlgpu.Files;
using RatIlgpu.Text;

namespace RatIlgpu.Tracing;

/// <summary>Writes a path as a line of text.</summary>
public static class PathText
{
    /// <summary>Returns the tokens of a path, earliest first, and its score: <c>When -> " Mary" (score: -0.6809)</c>.
    /// </summary>
    /// <remarks>A token that is empty or contains a space is put in double quotes. Newline, tab and carriage return
    /// show as <c>\n</c>, <c>\t</c> and <c>\r</c>. Whatever else could break the line, command a terminal or turn the
    /// order of the text (control characters, line and paragraph separators, overrides of direction, halves of
    /// surrogate pairs) shows as <c>\u001B</c>. All else stands as it is, double quotes and backslashes too: the line
    /// is for reading. </remarks>
    /// <param name="path">The path.</param>
    /// <param name="tokens">The tokens of the prompt, by position.</param>
    /// <param name="weights">What attention counts; told where it is not the standard: <c>(score: -0.6809, value
    /// weights)</c>.</param>
    public static string Format(
        BeamPath path, ImmutableArray<TokenText> tokens, AttentionWeights weights = AttentionWeights.Standard) =>
        WithScore(path, path.Positions.Select(position => Token(tokens[position])), weights);

    /// <summary>Returns the lines of several paths, each as <see cref="Format"/> writes it. Lines of paths whose tokens
    /// read alike have the positions in which these paths differ: <c>When -> " John"@9 -> " to" (score:
    /// -0.6809)</c>.</summary>
    /// <param name="paths">The paths, each once.</param>
    /// <param name="tokens">The tokens of the prompt, by position.</param>
    /// <param name="weights">What attention counts.</param>
    /// <returns>One line for each path, in their order.</returns>
    public static ImmutableArray<string> FormatAll(
        ImmutableArray<BeamPath> paths,
        ImmutableArray<TokenText> tokens,
        AttentionWeights weights = AttentionWeights.Standard)
    {
        var alike = paths.ToLookup(path => Joined(path.Positions.Select(position => Token(tokens[position]))));
        var lines = new Dictionary<BeamPath, string>(ReferenceEqualityComparer.Instance);
        foreach (var group in alike)
        {
            var differ = DifferingSteps([.. group]);
            foreach (var path in group)
                lines[path] = WithScore(
                    path,
                    path.Positions.Select((position, step) => differ(step)
                        ? string.Create(CultureInfo.InvariantCulture, $"{Token(tokens[position])}@{position}")
                        : Token(tokens[position])),
                    weights);
        }

        return [.. paths.Select(path => lines[path])];
    }

    // Tokens that look like several may make paths of different lengths read alike; such paths differ in every step.
    static Func<int, bool> DifferingSteps(BeamPath[] paths) => paths.Any(path => path.EdgeCount != paths[0].EdgeCount)
        ? _ => true
        : step => paths.Any(path => path.Positions[step] != paths[0].Positions[step]);

    static string WithScore(BeamPath path, IEnumerable<string> fromTarget, AttentionWeights weights)
    {
        var told = weights == AttentionWeights.Standard ? "" : $", {NameOf(weights)} weights";
        return string.Create(CultureInfo.InvariantCulture, $"{Joined(fromTarget)} (score: {path.Score:F4}{told})");
    }

    /// <summary>Returns the word of a weighting, such as <c>value</c>.</summary>
    internal static string NameOf(AttentionWeights weights) => weights.ToString().ToLowerInvariant();

    /// <summary>Returns the name of the number that a link counts: <c>attention</c>, or <c>weight (info)</c>.</summary>
    /// <param name="weights">What attention counts.</param>
    public static string MeasureOf(AttentionWeights weights) =>
        weights == AttentionWeights.Standard ? "attention" : $"weight ({NameOf(weights)})";

    static string Joined(IEnumerable<string> fromTarget) => string.Join(" -> ", fromTarget.Reverse());

    /// <summary>Returns a token as it shows in a path; the bytes of one that is no whole character as
    /// <c>⟨E2 80⟩</c>.</summary>
    public static string Token(TokenText token) => token.IsPartial
        ? $"⟨{string.Join(' ', token.Bytes.Select(part => part.ToString("X2", CultureInfo.InvariantCulture)))}⟩"
        : NeedsQuotes(token.Text) ? $"\"{OneLine.Escape(token.Text)}\"" : OneLine.Escape(token.Text);

    static bool NeedsQuotes(string text) => text.Length == 0 || text.Contains(' ');
}
