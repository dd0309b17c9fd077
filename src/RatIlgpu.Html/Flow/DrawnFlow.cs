namespace RatIlgpu.Html;

/// <summary>Reduces a flow to the paths that a page draws, so that a page stays small, however many paths there
/// are.</summary>
static class DrawnFlow
{
    /// <summary>Returns the flow with its most probable paths alone. The shares of the tokens stay exact.</summary>
    public static FlowResult Of(FlowResult flow)
    {
        var count = CountOf(flow);
        if (count == flow.Paths.Length)
            return flow;
        var notice = string.Create(
            CultureInfo.InvariantCulture,
            $"Of {flow.Paths.Length:N0} paths this page has the {count:N0} most probable, in its diagram, tables and "
            + $"exports; the JSON file of the flow has all.");
        return flow with
        {
            Paths = [.. flow.Paths.Take(count)],
            PathTexts = [.. flow.PathTexts.Take(count)],
            Notices = [.. flow.Notices, notice],
        };
    }

    /// <summary>Returns the paths by their places: the column times the number of tokens, and the position.</summary>
    public static PathSet PlacesOf(FlowResult flow) => new(
        [.. flow.Paths.Select(path => path.Positions.Select((position, step) =>
            ((path.Positions.Length - 1 - step) * flow.Tokens.Length) + position).ToImmutableArray())],
        [.. flow.Paths.Select(path => path.Probability)]);

    static int CountOf(FlowResult flow)
    {
        var (count, steps) = (0, 0);
        while (count < Math.Min(flow.Paths.Length, DrawnTrace.MostPaths)
            && steps + flow.Paths[count].Flows.Length <= DrawnTrace.MostSteps)
            steps += flow.Paths[count++].Flows.Length;
        return count;
    }
}
