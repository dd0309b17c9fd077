namespace RatIlgpu.Html;

/// <summary>Splits the routes of paths into ribbons, one for each step.</summary>
/// <param name="unit">Pixels per weight.</param>
/// <param name="leftOf">The left edge of a column, in pixels.</param>
sealed class Ribbons(double unit, Func<int, double> leftOf)
{
    public IEnumerable<Ribbon> Of(LayeredGraph graph, int path)
    {
        var route = graph.Routes[path];
        var start = 0;
        for (var end = 1; end < route.Length; end++)
            if (route[end].IsToken)
            {
                var line = route[start..(end + 1)].Select((vertex, i) => Point(vertex, path, i == 0, i == end - start));
                yield return new(path, route[start].Key, route[end].Key, graph.Paths.Weights[path] * unit, [.. line]);
                start = end;
            }
    }

    (double X, double Y) Point(Vertex vertex, int path, bool first, bool last)
    {
        var lane = first ? vertex.RightLanes[path] : vertex.LeftLanes[path];
        var inset = first ? SankeyLayout.BarWidth : last ? 0 : SankeyLayout.BarWidth / 2;
        return (leftOf(vertex.Column) + inset, vertex.Top + (lane * unit));
    }
}
