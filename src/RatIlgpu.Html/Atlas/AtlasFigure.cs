using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>The roles of all heads and one score, as a static figure.</summary>
sealed class AtlasFigure(HeadAtlas atlas, HeadScoreDefinition score, HeadMeasure measure, AtlasPageOptions options)
{
    // In pixels.
    const double Cell = 22, Left = 44, Top = 66, Gap = 24;

    readonly int layers = atlas.Manifest.LayerCount, heads = atlas.Manifest.HeadCount;

    /// <summary>Returns the definition of a score; the first one without an id.</summary>
    /// <exception cref="ArgumentException">The atlas does not have the score.</exception>
    public static HeadScoreDefinition ScoreOf(HeadAtlas atlas, string? id)
    {
        if (atlas.Scores.IsEmpty)
            throw new ArgumentException("The atlas has no score, expected at least one.");
        return id is null
            ? atlas.Scores[0]
            : atlas.Scores.FirstOrDefault(score => score.Id == id)
                ?? throw new ArgumentException(
                    $"The atlas has no score '{id}', expected one of "
                    + $"{string.Join(", ", atlas.Scores.Select(score => score.Id))}.");
    }

    public string ToSvg()
    {
        var figure = new SvgFigure(options.Theme);
        var (width, height) = WriteRoles(figure);
        var (wide, high) = Scores().WriteTo(figure, width + Gap, 0);
        return figure.ToSvg(width + Gap + wide, Math.Max(height, high), AtlasWords.TitleOf(atlas, options));
    }

    (double Width, double Height) WriteRoles(SvgFigure figure)
    {
        var heading = figure.Heading(6, 18, AtlasWords.TitleOf(atlas, options));
        var ink = new SvgText(figure.Named("ink-2"), Anchor: "middle", IsMono: true);
        WriteGroups(figure, ink);
        for (var head = 0; head < heads; head++)
            figure.Text(Left + ((head + 0.5) * Cell), Top - 6, Invariant($"{head}"), ink);
        for (var layer = 0; layer < layers; layer++)
        {
            figure.Text(Left - 8, Top + ((layer + 0.5) * Cell) + 4, Invariant($"{layer}"), ink with { Anchor = "end" });
            for (var head = 0; head < heads; head++)
                WriteCell(figure, atlas[new(layer, head)]);
        }

        var (used, bottom) = WriteLegend(figure);
        return (Math.Max(Math.Max(heading, used), Left + (heads * Cell)) + 12, bottom);
    }

    void WriteGroups(SvgFigure figure, SvgText ink)
    {
        var (groups, size) = (atlas.Manifest.KeyValueHeadCount, heads / atlas.Manifest.KeyValueHeadCount);
        for (var group = 0; group < groups; group++)
        {
            var (from, to) = (Left + (group * size * Cell) + 2, Left + ((group + 1) * size * Cell) - 2);
            figure.Text((from + to) / 2, Top - 30, Invariant($"kv {group}"), ink);
            figure.Path(
                Invariant($"M{from:0.##} {Top - 18} v-5 H{to:0.##} v5"), figure.Named("line-2"), 1);
        }
    }

    void WriteCell(SvgFigure figure, AtlasHead head)
    {
        var (x, y) = (Left + (head.Head.Head * Cell), Top + (head.Head.Layer * Cell));
        if (head.Roles.IsEmpty)
        {
            figure.Rect(x, y, Cell - 1, Cell - 1, figure.Named("surface-2"));
            return;
        }

        var colour = ColourOf(figure, head.Roles[0].Role);
        figure.Rect(x, y, Cell - 1, Cell - 1, colour);
        figure.Text(
            x + ((Cell - 1) / 2), y + 15, AtlasWords.CodeOf(head.Roles[0].Role),
            new(Palette.InkOn(colour), Anchor: "middle", IsMono: true));
        foreach (var (i, role) in head.Roles.Skip(1).Take(3).Index())
            figure.Rect(
                x + Cell - 6 - (5 * i), y + 1, 4, 4, ColourOf(figure, role.Role),
                $" stroke=\"{figure.Named("surface")}\" stroke-width=\"0.5\"");
    }

    (double Used, double Bottom) WriteLegend(SvgFigure figure)
    {
        var (x, y, used) = (Left, Top + (layers * Cell) + 10, 0.0);
        var text = new SvgText(figure.Named("ink-2"));
        foreach (var role in Enum.GetValues<HeadRole>())
        {
            if (!atlas.Heads.Any(head => head.Roles.Any(one => one.Role == role)))
                continue;
            var words = $"{AtlasWords.CodeOf(role)} {AtlasWords.NameOf(role)}";
            var width = 18 + SvgFigure.WidthOf(words);
            if (x > Left && x + width > Left + Math.Max(heads * Cell, 300))
                (x, y) = (Left, y + 18);
            figure.Rect(x, y, 11, 11, ColourOf(figure, role)).Text(x + 15, y + 10, words, text);
            x += width + 8;
            used = Math.Max(used, x);
        }

        return (used, y + 28);
    }

    HeatFigure Scores()
    {
        var most = atlas.Heads.Max(head => ValueOf(head) is { } value ? Math.Abs(value) : 0);
        var isSigned = atlas.Heads.Any(head => ValueOf(head) < 0);
        return new()
        {
            Title = $"{TraceWords.Name(score.Name)}, {NameOf(measure)}",
            Rows = [.. Enumerable.Range(0, layers).Select(layer => Invariant($"{layer}"))],
            Columns = [.. Enumerable.Range(0, heads).Select(head => Invariant($"{head}"))],
            RowTitle = "Layer",
            ColumnTitle = "Head",
            Shade = (layer, head) => ValueOf(atlas[new(layer, head)]) / (most == 0 ? 1 : most),
            IsSigned = isSigned,
            Ends = (isSigned ? AtlasWords.Number(-most) : "0", AtlasWords.Number(most)),
            Scale = score.Unit is { } unit ? TraceWords.Name(unit) : score.IsAttention ? "attention" : "",
        };
    }

    double? ValueOf(AtlasHead head)
    {
        if (!head.Scores.TryGetValue(score.Id, out var found))
            return null;
        var value = measure switch
        {
            HeadMeasure.Raw => found.Raw,
            HeadMeasure.Excess => found.Excess,
            HeadMeasure.WithoutFirst => found.WithoutFirst,
            _ => found.WithoutSelf,
        };
        return value is { } number && double.IsFinite(number) ? number : null;
    }

    static string NameOf(HeadMeasure measure) => measure switch
    {
        HeadMeasure.Raw => "raw",
        HeadMeasure.Excess => "excess over chance",
        HeadMeasure.WithoutFirst => "without the first token",
        _ => "without the query",
    };

    static string ColourOf(SvgFigure figure, HeadRole role) => AtlasWords.HueOf(role) switch
    {
        7 => figure.Named("ink-3"),
        8 => figure.Named("ink"),
        var hue => figure.Of(Palette.Paths[hue]),
    };

    static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
