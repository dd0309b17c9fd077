using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Checks that the parts of an atlas fit each other, before any of them is drawn.</summary>
static class AtlasCheck
{
    /// <summary>The side of a mean map.</summary>
    public const int MapSide = 64;

    /// <exception cref="ArgumentException">A part does not fit.</exception>
    public static void Check(HeadAtlas atlas)
    {
        var manifest = atlas.Manifest;
        var (layers, heads) = (manifest.LayerCount, manifest.HeadCount);
        if (layers <= 0 || heads <= 0 || manifest.KeyValueHeadCount <= 0 || heads % manifest.KeyValueHeadCount != 0)
            throw new ArgumentException(
                $"The atlas has {layers} layers of {heads} heads and {manifest.KeyValueHeadCount} key/value heads; "
                + "expected at least one of each, and heads in equal groups.");
        if (atlas.Heads.Length != layers * heads)
            throw new ArgumentException(
                $"The atlas has {atlas.Heads.Length} heads, expected {layers * heads} for {layers} layers of {heads}.");
        foreach (var (i, head) in atlas.Heads.Index())
            if (head.Head != new HeadIndex(i / heads, i % heads))
                throw new ArgumentException(
                    $"The atlas has {head.Head} in place {i}, expected L{i / heads}H{i % heads}: heads by layer, then "
                    + "by number.");
        if (atlas.Scores.DistinctBy(score => score.Id).Count() < atlas.Scores.Length)
            throw new ArgumentException("The atlas defines a score twice, expected each id once.");
        foreach (var point in atlas.Points)
            if ((uint)point.Text >= (uint)atlas.Texts.Length
                || (uint)point.Position >= (uint)atlas.Texts[point.Text].Tokens.Length)
                throw new ArgumentException(
                    $"A point is position {point.Position} of text {point.Text}, which the atlas does not have.");
        foreach (var card in atlas.Cards)
            Check(atlas, card);
    }

    /// <exception cref="ArgumentException">The address is not relative, and neither of the web nor of a
    /// file.</exception>
    public static void CheckLink(string? address)
    {
        if (address is null)
            return;
        if (Uri.TryCreate(address, UriKind.Absolute, out var absolute)
            ? absolute.Scheme is not ("https" or "http" or "file")
            : !Uri.TryCreate(address, UriKind.Relative, out _) || address.Contains(':', StringComparison.Ordinal))
            throw new ArgumentException(
                $"The address of the attention page is '{address}', expected a relative address such as "
                + "attention.html, or one of https, http or file.");
    }

    static void Check(HeadAtlas atlas, HeadCard card)
    {
        var head = card.Head;
        if ((uint)head.Layer >= (uint)atlas.Manifest.LayerCount || (uint)head.Head >= (uint)atlas.Manifest.HeadCount)
            throw new ArgumentException($"A card is of {head}, which the atlas does not have.");
        foreach (var map in card.Maps)
            if (map.Cells.Length != MapSide * MapSide)
                throw new ArgumentException(
                    $"The map '{map.Name}' of {head} has {map.Cells.Length} cells, expected {MapSide * MapSide}.");
        foreach (var vectors in card.Vectors)
            if (vectors.Points.Length != 2 * atlas.Points.Length)
                throw new ArgumentException(
                    $"The {vectors.Kind} vectors of {head} have {vectors.Points.Length} coordinates, expected "
                    + $"{2 * atlas.Points.Length} for {atlas.Points.Length} points.");
        foreach (var example in card.Examples)
            Check(atlas, head, example);
    }

    static void Check(HeadAtlas atlas, HeadIndex head, HeadExample example)
    {
        if ((uint)example.Text >= (uint)atlas.Texts.Length)
            throw new ArgumentException(
                $"An example of {head} is text {example.Text}, expected 0 to {atlas.Texts.Length - 1}.");
        var tokens = atlas.Texts[example.Text].Tokens.Length;
        var expected = tokens * HeadExample.KeysPerQuery;
        if (example.Keys.Length != expected || example.Attention.Length != expected)
            throw new ArgumentException(
                $"An example of {head} has {example.Keys.Length} keys and {example.Attention.Length} numbers, expected "
                + $"{expected} for {tokens} tokens.");
        if ((uint)example.Peak >= (uint)tokens)
            throw new ArgumentException(
                $"The peak of an example of {head} is position {example.Peak}, expected 0 to {tokens - 1}.");
        for (var i = 0; i < expected; i++)
            if (example.Keys[i] > i / HeadExample.KeysPerQuery)
                throw new ArgumentException(
                    $"An example of {head} has key {example.Keys[i]} of query {i / HeadExample.KeysPerQuery}, "
                    + "expected none after the query.");
    }
}
