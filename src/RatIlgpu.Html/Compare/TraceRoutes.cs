namespace RatIlgpu.Html;

/// <summary>Writes the paths of a trace as tokens, with positions where paths read alike.</summary>
sealed class TraceRoutes(TraceResult trace)
{
    readonly ImmutableArray<ImmutableArray<bool>> apart = StepsApart(trace);

    /// <summary>Writes a path, the earliest token first.</summary>
    public void Write(HtmlWriter html, int path)
    {
        var positions = trace.Paths[path].Positions;
        for (var step = positions.Length - 1; step >= 0; step--)
        {
            html.Write($"<bdi>{CompareTables.Show(trace.Tokens[positions[step]])}</bdi>");
            if (apart[path][step])
                html.Write($"@{positions[step]}");
            html.Write($"{(step > 0 ? " → " : "")}");
        }
    }

    // Tells for each path the steps whose positions tell it from paths that read alike.
    static ImmutableArray<ImmutableArray<bool>> StepsApart(TraceResult trace)
    {
        ImmutableArray<ImmutableArray<int>> paths = [.. trace.Paths.Select(path => path.Positions)];
        var alike = paths.ToLookup(RouteOf);
        return [.. paths.Select(path => path.Select((position, step) =>
            alike[RouteOf(path)].Any(other => other[step] != position)).ToImmutableArray())];

        string RouteOf(ImmutableArray<int> path) =>
            string.Join('\n', path.Select(position => CompareTables.Show(trace.Tokens[position])));
    }
}
