using RatIlgpu.Tracing;

namespace RatIlgpu.Html;

/// <summary>The trace of one layer with its layouts, and their JSON for the script.</summary>
sealed class LayerView
{
    /// <summary>The largest number of paths that are drawn.</summary>
    public const int MostPaths = 500;

    /// <summary>The largest number of ribbons that are drawn; a browser draws this many in less than a
    /// second.</summary>
    public const int MostSteps = 4_000;

    /// <summary>The largest number of columns that the drawn paths cross, summed over the paths. A layout takes time
    /// and memory for each. A short file can ask for millions, because a link crosses every column between its
    /// ends.</summary>
    public const int MostPlaces = 16_000;

    readonly Func<ColumnMode, double>? unitOf;
    readonly Dictionary<(int Key, int Query), int> linkOf = [];

    /// <summary>Makes the view of a layer.</summary>
    /// <param name="result">Its trace.</param>
    /// <param name="unitOf">The pixels per share for each meaning of the columns; null lets each layout choose.</param>
    public LayerView(TraceResult result, Func<ColumnMode, double>? unitOf = null)
    {
        (Result, this.unitOf) = (result, unitOf);
        var paths = new PathSet([.. result.Paths.Select(path => path.Positions)], result.PathWeights);
        Drawn = paths.First(CountDrawn(paths));
        for (var link = 0; link < Links.Length; link++)
            linkOf[(Links[link].Source, Links[link].Target)] = link;
    }

    public TraceResult Result { get; }

    /// <summary>Gets the paths that are drawn: the strongest.</summary>
    public PathSet Drawn { get; }

    /// <summary>Gets the notice that not all paths are drawn; null if all are.</summary>
    public string? WhyNotAll => (Drawn.Paths.Length, Result.Paths.Length) switch
    {
        var (drawn, all) when drawn == all => null,
        (0, _) => "The strongest path is too long to be drawn; every link is in the table, and every path in the JSON.",
        var (drawn, all) => string.Create(
            CultureInfo.InvariantCulture,
            $"Of {all:N0} paths the {drawn:N0} strongest are drawn and listed; the links of all are in the table, and "
            + $"all paths in the JSON."),
    };

    public ImmutableArray<SankeyLink> Links => Result.Sankey.Links;

    /// <summary>Returns how many paths are drawn.</summary>
    /// <param name="paths">Paths to one target, the strongest first.</param>
    public static int CountDrawn(PathSet paths)
    {
        var (count, steps) = (0, 0);
        while (count < Math.Min(paths.Paths.Length, MostPaths) && steps + paths.Paths[count].Length - 1 <= MostSteps)
            steps += paths.Paths[count++].Length - 1;

        // More paths never cross fewer columns, so a binary search finds the largest number that fits.
        var (fits, above) = (0, count + 1);
        while (above - fits > 1)
            if ((fits + above) / 2 is var middle && PlacesOf(paths.First(middle)) <= MostPlaces)
                fits = middle;
            else
                above = middle;
        return fits;
    }

    static long PlacesOf(PathSet paths) => Enum.GetValues<ColumnMode>().Max(mode =>
    {
        var columns = ColumnAssignment.Of(paths, mode);
        return paths.Paths.Sum(path => (long)columns[path[0]] - columns[path[^1]] + 1);
    });

    /// <summary>Writes the members of the JSON that depend on the layer.</summary>
    public void WriteMembers(Utf8JsonWriter json)
    {
        json.WriteNumber("layer", Result.Layer);
        // In millionths: precise enough for a shade and a number, in a third of the bytes.
        TraceView.Array(
            json, "targetAttention", Result.TargetAttention.Select(attention => (int)Math.Round(attention * 1e6)),
            json.WriteNumberValue);
        if (WhyNotAll is not null)
            json.WriteNumber("drawn", Drawn.Paths.Length);
        WritePaths(json);
        WriteLinks(json);
        json.WriteStartObject("self");
        foreach (var (position, attention) in Result.SelfAttention)
            json.WriteNumber(position.ToString(CultureInfo.InvariantCulture), Math.Round(attention, 6));
        json.WriteEndObject();
        json.WriteStartObject("layouts");
        WriteLayout(json, "hops", LayoutOf(ColumnMode.Hops));
        WriteLayout(json, "position", LayoutOf(ColumnMode.Position));
        json.WriteEndObject();
        if (TraceWords.WhyEmpty(Result) is { } reason)
            json.WriteString("empty", reason);
    }

    SankeyLayout LayoutOf(ColumnMode mode) => SankeyLayout.Of(Drawn, mode, unitOf?.Invoke(mode));

    void WritePaths(Utf8JsonWriter json)
    {
        json.WriteStartArray("paths");
        foreach (var (path, weight) in Result.Paths.Zip(Result.PathWeights))
        {
            json.WriteStartObject();
            TraceView.Array(json, "at", path.Positions, json.WriteNumberValue);
            TraceView.Array(json, "attention", path.EdgeAttentions, value => json.WriteNumberValue(Short(value)));
            json.WriteNumber("raw", Short(path.RawScore));
            json.WriteNumber("score", Short(path.Score));
            json.WriteNumber("share", Short(weight));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    void WriteLinks(Utf8JsonWriter json)
    {
        json.WriteStartArray("links");
        foreach (var link in Links)
        {
            json.WriteStartObject();
            json.WriteNumber("key", link.Source);
            json.WriteNumber("query", link.Target);
            json.WriteNumber("attention", Short(link.Attention));
            json.WriteNumber("value", Short(link.Value));
            TraceView.Array(json, "paths", link.PathIndices, json.WriteNumberValue);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    void WriteLayout(Utf8JsonWriter json, string name, SankeyLayout layout)
    {
        json.WriteStartObject(name);
        json.WriteNumber("width", Pixels(layout.Width));
        json.WriteNumber("height", Pixels(layout.Height));
        var labels = Labels.Of(layout, TextOf).ToDictionary(label => label.Position);
        TraceView.Array(json, "bars", layout.Bars, bar =>
        {
            json.WriteStartArray();
            json.WriteNumberValue(bar.Position);
            json.WriteNumberValue(Pixels(bar.Left));
            json.WriteNumberValue(Pixels(bar.Top));
            json.WriteNumberValue(Pixels(bar.Height));
            if (labels.TryGetValue(bar.Position, out var label))
                WriteLabel(json, label);
            json.WriteEndArray();
        });
        TraceView.Array(json, "ribbons", layout.Ribbons, ribbon =>
        {
            json.WriteStartArray();
            json.WriteNumberValue(ribbon.Path);
            json.WriteNumberValue(linkOf[(ribbon.Key, ribbon.Query)]);
            json.WriteNumberValue(Pixels(ribbon.Width));
            foreach (var (x, y) in ribbon.Line)
            {
                json.WriteNumberValue(Pixels(x));
                json.WriteNumberValue(Pixels(y));
            }

            json.WriteEndArray();
        });
        json.WriteEndObject();
    }

    // Writes the anchor of the text, because a text narrower than its box must stay beside its bar. Writes the text
    // only if it is shortened; the page has the whole token.
    void WriteLabel(Utf8JsonWriter json, Label label)
    {
        var (anchor, x) = label.Side switch
        {
            LabelSide.Right => ("start", label.Box.Left),
            LabelSide.Left => ("end", label.Box.Right),
            _ => ("middle", label.Box.Left + (label.Box.Width / 2)),
        };
        json.WriteStringValue(anchor);
        json.WriteNumberValue(Pixels(x));
        json.WriteNumberValue(Pixels(label.Box.Top));
        json.WriteNumberValue(Pixels(label.Box.Width));
        if (label.Text != TextOf(label.Position))
            json.WriteStringValue(label.Text);
    }

    string TextOf(int position) => TokenGlyphs.Show(Result.Tokens[position], TraceView.LongestShown);

    // Nine digits tell every F32 from its neighbours; more would only enlarge the page.
    static double Short(double number) =>
        double.Parse(number.ToString("G9", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    // A tenth of a pixel is finer than a screen shows.
    static double Pixels(double length) => Math.Round(length, 1);
}
