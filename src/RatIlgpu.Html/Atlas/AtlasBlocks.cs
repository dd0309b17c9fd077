using RatIlgpu.Analysis;
using static RatIlgpu.Html.BytePlanes;

namespace RatIlgpu.Html;

/// <summary>Makes the blocks of data of a page of an atlas: a plan, the numbers of all heads, the texts, and the
/// numbers of each full card, which the script decodes when the card is shown.</summary>
sealed class AtlasBlocks(HeadAtlas atlas, AtlasPageOptions options)
{
    /// <summary>The number of blocks that are not of a card.</summary>
    public const int Shared = 4;

    /// <summary>The code of a number that is not there.</summary>
    public const ushort None = ushort.MaxValue;

    // Of a probability in a profile, in 65,535 equal steps of which the last is none.
    const int Steps = ushort.MaxValue - 1;

    // Of the square root of a probability; 0 is none.
    const int RootSteps = byte.MaxValue - 1;

    readonly TokenTable tokens = TokensOf(atlas);

    public IEnumerable<DataBlock> All()
    {
        yield return DataBlock.Json("data", json => new AtlasSheet(atlas, options, tokens).Write(json));
        yield return DataBlock.Compressed("scores", Scores());
        yield return DataBlock.Compressed("profiles", Profiles());
        yield return DataBlock.Compressed("texts", Texts());
        foreach (var (i, card) in atlas.Cards.Index())
            yield return DataBlock.Compressed($"card-{i}", Card(card));
    }

    /// <summary>Returns the numbers of all scores: raw, count, chance, without the first token, without the query, low
    /// and high, each <c>[scores, heads]</c>; NaN for none.</summary>
    public byte[] Scores()
    {
        return Planes(stream =>
        {
            foreach (var part in new Func<HeadScore, double?>[]
            {
                score => score.Raw, score => score.Count, score => score.Chance, score => score.WithoutFirst,
                score => score.WithoutSelf, score => score.Low, score => score.High,
            })
                Write(stream, Each(part));
        });

        float[] Each(Func<HeadScore, double?> part) =>
        [
            .. from score in atlas.Scores
               from head in atlas.Heads
               select head.Scores.TryGetValue(score.Id, out var found) ? (float)(part(found) ?? double.NaN) : float.NaN,
        ];
    }

    /// <summary>Returns the profiles, <c>[heads, distances]</c>.</summary>
    public byte[] Profiles()
    {
        var count = Distances(atlas);
        var codes = new ushort[atlas.Heads.Length * count];
        Array.Fill(codes, None);
        foreach (var (i, head) in atlas.Heads.Index())
            foreach (var (distance, mean) in head.Profile.Index())
                if (mean is { } value && double.IsFinite(value))
                    codes[(i * count) + distance] = (ushort)Math.Round(Math.Clamp(value, 0, 1) * Steps);
        return Planes(stream => Write(stream, codes));
    }

    /// <summary>Returns the number of distances of the longest profile.</summary>
    public static int Distances(HeadAtlas atlas) => atlas.Heads.Max(head => head.Profile.Length);

    /// <summary>Returns the tokens of each text, by their places in the table of tokens, then the texts of the points
    /// and their positions.</summary>
    public byte[] Texts() => Planes(stream =>
    {
        Write(stream, [.. atlas.Texts.SelectMany(text => text.Tokens).Select(token => (uint)tokens.Place(token.Id))]);
        Write(stream, [.. atlas.Points.Select(point => (ushort)point.Text)]);
        Write(stream, [.. atlas.Points.Select(point => (ushort)point.Position)]);
    });

    /// <summary>Returns the maps, the examples (distances from a query to its keys, then attention) and the vectors of
    /// a card.</summary>
    public static byte[] Card(HeadCard card) => Planes(stream =>
    {
        foreach (var map in card.Maps)
            stream.Write([.. map.Cells.Select(RootOf)]);
        foreach (var example in card.Examples)
        {
            // Distances repeat from query to query; positions do not.
            Write(stream, [.. example.Keys.Select((key, i) =>
                key < 0 ? None : (ushort)((i / HeadExample.KeysPerQuery) - key))]);
            stream.Write([.. example.Attention.Select(RootOf)]);
        }

        foreach (var vectors in card.Vectors)
        {
            var (low, high) = RangeOf(vectors);
            Write(stream, [.. vectors.Points.Select(place => CodeOf(place, low, high))]);
        }
    });

    /// <summary>Returns the range of the coordinates of vectors, of both directions alike.</summary>
    public static (float Low, float High) RangeOf(HeadVectors vectors)
    {
        var finite = vectors.Points.Where(float.IsFinite).DefaultIfEmpty().ToList();
        return (finite.Min(), finite.Max());
    }

    static byte RootOf(float probability) => float.IsNaN(probability)
        ? (byte)0
        : (byte)(1 + Math.Round(Math.Sqrt(Math.Clamp(probability, 0, 1)) * RootSteps));

    static ushort CodeOf(float place, float low, float high) => float.IsFinite(place)
        ? (ushort)(high > low ? Math.Round(((double)place - low) / ((double)high - low) * Steps) : 0)
        : None;

    static byte[] Planes(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        // Nothing, compressed, is nothing, which a browser does not take for an end.
        return stream.Length > 0 ? stream.ToArray() : [0];
    }

    static TokenTable TokensOf(HeadAtlas atlas)
    {
        var texts = atlas.Texts.SelectMany(text => text.Tokens).DistinctBy(token => token.Id)
            .ToDictionary(token => token.Id);
        var table = new TokenTable(id => texts[id]);
        foreach (var id in texts.Keys)
            table.Place(id);
        return table;
    }
}
