using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests;

/// <summary>Patches with known numbers, without a model.</summary>
static class SamplePatches
{
    public static readonly string[] Clean = ["When", " Mary", " and", " John", " John", " to"];
    public static readonly string[] Corrupted = ["When", " Mary", " and", " John", " Mary", " to"];

    /// <summary>Returns patches of an activation, whose effects are given by place.</summary>
    /// <param name="names">The names of the axes after the layers.</param>
    /// <param name="effectOf">Returns the effect at a place; null where there is no patch.</param>
    public static PatchSheet Activation(string[] names, Func<int[], double?> effectOf) => Of(
        [.. names.Prepend("layer").Select(AxisOf)], [effectOf]);

    /// <summary>Returns one grid of layers and heads for each pair.</summary>
    public static PatchSheet Heads(params Func<int[], double?>[] pairs) =>
        Of([AxisOf("layer"), AxisOf("head")], pairs);

    /// <summary>Returns the paths between all heads of a model.</summary>
    public static PatchSheet Paths(int layers, int heads, Func<HeadIndex, HeadIndex, double?> effectOf)
    {
        ImmutableArray<HeadIndex> all =
        [
            .. from layer in Enumerable.Range(0, layers)
               from head in Enumerable.Range(0, heads)
               select new HeadIndex(layer, head),
        ];
        return Of(
            [
                .. SheetAxis.OfSources(all, layers), SheetAxis.Of("layer", layers, false),
                SheetAxis.Of("head", heads, false),
            ],
            [
                at => at[0] < at[^2]
                    ? effectOf(new(at[0], at[1]), new(at[^2], at[^1]))
                    : null,
            ]) with
        {
            Kind = PatchKind.PathsToHeads,
            What = "direct paths into the value of later heads",
            Input = "value",
            AreQueryHeads = true,
            Sources = all,
            Destinations = all,
        };
    }

    /// <summary>Returns a path effect that is a number of its own for each path.</summary>
    public static double? PathEffect(HeadIndex source, HeadIndex destination) =>
        ((source.Layer * 7 + source.Head * 13 + destination.Layer * 5 + destination.Head * 3) % 11 - 5) / 4.0
        / (1 + source.Layer);

    /// <summary>Returns tokens of texts.</summary>
    public static ImmutableArray<TokenText> Tokens(params IEnumerable<string> texts) =>
        [.. texts.Select(text => new TokenText(100 + text.Sum(letter => letter), text, []))];

    static SheetAxis AxisOf(string name) => SheetAxis.Of(name, name switch
    {
        "layer" => 3,
        "head" => 4,
        _ => Clean.Length,
    }, false);

    static PatchSheet Of(ImmutableArray<SheetAxis> axes, IReadOnlyList<Func<int[], double?>> pairs)
    {
        var sheet = new PatchSheet(PatchKind.Activation, "head output by layer, head", axes, [], []);
        return sheet with
        {
            Pairs =
            [
                .. pairs.Select((effectOf, pair) => new SheetPair(
                    Tokens(Clean), Tokens(Corrupted), [], "logit of \u2068·Mary\u2069 − \u2068·John\u2069", [5],
                    5 + pair, 1,
                    [
                        .. Enumerable.Range(0, sheet.Count)
                            .Select(index => 1 + effectOf([.. sheet.PlacesOf(index)]) ?? double.NaN),
                    ])),
            ],
        };
    }
}
