using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>Writes the paths of a flow as visible text: their moves, and not where they stay.</summary>
static class FlowRoutes
{
    /// <summary>Returns the moves of each path, the earliest token first. Those of paths that read alike have the
    /// positions of all tokens.</summary>
    public static ImmutableArray<string> Of(FlowResult flow)
    {
        string Plain(FlowPath path) => Moves(path, position =>
            TraceWords.Isolated(TokenGlyphs.Show(flow.Tokens[position], PromptRow.LongestToken)));
        string Numbered(FlowPath path) => Moves(path, position =>
            $"{TraceWords.Isolated(TokenGlyphs.Show(flow.Tokens[position], PromptRow.LongestToken))}@{position}");

        var uses = flow.Paths.CountBy(Plain).ToDictionary();
        return [.. flow.Paths.Select(path => uses[Plain(path)] > 1 ? Numbered(path) : Plain(path))];
    }

    static string Moves(FlowPath path, Func<int, string> token) => path.Moves.Aggregate(
        token(path.Source),
        (text, move) => string.Create(CultureInfo.InvariantCulture, $"{text} –L{move.Layer}→ {token(move.To)}"));
}
