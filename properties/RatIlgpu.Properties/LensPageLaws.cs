using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(LensPageLaws), typeof(HtmlPageLaws)])]
public sealed class LensPageLaws
{
    internal static Arbitrary<Case> Cases { get; } = Arb.From(
        from prompts in Gen.Choose(1, 3)
        from positions in Gen.Choose(1, 4)
        from layers in Gen.Choose(1, 3)
        from top in Gen.Choose(0, 3)
        from followed in Gen.Choose(0, 2)
        from directions in Gen.Choose(0, 2)
        from seed in Gen.Choose(0, 10_000)
        select new Case(prompts, positions, layers, top, followed, directions, seed),
        found => found.Smaller());

    [Law]
    public void A_page_has_every_number_of_the_states_and_logits_in_single_precision(Case found)
    {
        var batch = found.Batch();
        var html = LensPage.Render(batch, Token).Html;
        using var data = JsonDocument.Parse(Block(html, "data"));
        int[] ids = [.. data.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
        string[] names =
            [.. data.RootElement.GetProperty("directions").EnumerateArray().Select(one => one.GetString()!)];
        foreach (var (index, reading) in batch.Prompts.Index())
        {
            var numbers = new Numbers(Block(html, $"prompt-{index}"));
            LensState[] cells = [.. reading.States.OrderBy(state => state.Position)];
            CheckTokens(numbers, cells, ids, "top", data, state => state.Top);
            CheckTokens(numbers, cells, ids, "followed", data, state => state.Tokens);
            var count = data.RootElement.GetProperty("projections").GetInt32();
            var along = numbers.Take(cells.Length * count, 4, BinaryPrimitives.ReadUInt32LittleEndian);
            var values = numbers.Take(cells.Length * count, 8, BinaryPrimitives.ReadDoubleLittleEndian);
            foreach (var (cell, state) in cells.Index())
                Assert.Equal(
                    state.Projections.Select(one => (one.Direction.Name, one.Value)),
                    Enumerable.Range(cell * count, count).Where(i => along[i] != uint.MaxValue)
                        .Select(i => (names[along[i]], values[i])));
            Assert.Equal(
                cells.Select(state => state.Entropy),
                numbers.Take(cells.Length, 8, BinaryPrimitives.ReadDoubleLittleEndian));
            Assert.Equal(
                cells.Select(state => state.KlDivergence),
                numbers.Take(cells.Length, 8, BinaryPrimitives.ReadDoubleLittleEndian));
            Assert.True(numbers.IsAtEnd);
        }
    }

    [Law(100)]
    public void No_token_title_or_direction_changes_the_structure_of_a_page_of_states(Case found, string text)
    {
        Assert.Equal(Tags(Page("token")), Tags(Page(text)));

        string Page(string word) => LensPage.Render(
            found.Batch(word), id => new(id, word, []), new()
            {
                Title = word,
                Model = new(word, 1, 1),
                Notices = [word],
                Origin = new() { Command = $"ratilgpu {word}", Version = word },
            }).Html;
    }

    [Law(100)]
    public void A_figure_of_states_is_well_formed_whatever_its_tokens(Case found, string text)
    {
        var reading = found.Batch().Prompts[0];
        var svg = LensPage.ToSvg(
            reading, id => new(id, text, []), LensMeasure.Entropy, new() { Title = text });
        Assert.Equal("svg", System.Xml.Linq.XDocument.Parse(svg).Root!.Name.LocalName);
    }

    static void CheckTokens(
        Numbers numbers, LensState[] cells, int[] ids, string name, JsonDocument data,
        Func<LensState, ValueArray<LensToken>> list)
    {
        var count = data.RootElement.GetProperty(name).GetInt32();
        var tokens = numbers.Take(cells.Length * count, 4, BinaryPrimitives.ReadUInt32LittleEndian);
        var ranks = numbers.Take(cells.Length * count, 4, BinaryPrimitives.ReadUInt32LittleEndian);
        var logits = numbers.Take(cells.Length * count, 4, BinaryPrimitives.ReadSingleLittleEndian);
        var chances = numbers.Take(cells.Length * count, 8, BinaryPrimitives.ReadDoubleLittleEndian);
        foreach (var (cell, state) in cells.Index())
            Assert.Equal(
                list(state).Select(token => token with { Logit = (float)token.Logit }),
                Enumerable.Range(cell * count, count).Where(i => tokens[i] != uint.MaxValue)
                    .Select(i => new LensToken(ids[tokens[i]], (int)ranks[i], logits[i], chances[i])));
    }

    static string[] Tags(string html) => [.. Regex.Matches(html, "</?[a-zA-Z!][^<>]*>")
        .Select(tag => tag.Value.Replace("application/octet-stream", "application/json", StringComparison.Ordinal))];

    static byte[] Block(string html, string id)
    {
        var block = html.Split($"id=\"{id}\">")[1].Split("</script>")[0];
        if (block.StartsWith('{'))
            return Encoding.UTF8.GetBytes(block);
        using var gzip = new GZipStream(new MemoryStream(Convert.FromBase64String(block)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return bytes.ToArray();
    }

    static TokenText Token(int id) => new(id, $" token {id}", []);

    /// <summary>Reads arrays whose first bytes all stand before their second ones.</summary>
    sealed class Numbers(byte[] bytes)
    {
        int at;

        public bool IsAtEnd => at == bytes.Length;

        public T[] Take<T>(int count, int width, Func<ReadOnlySpan<byte>, T> read)
        {
            var start = at;
            at += count * width;
            return
            [
                .. Enumerable.Range(0, count).Select(i =>
                    read([.. Enumerable.Range(0, width).Select(part => bytes[start + (part * count) + i])])),
            ];
        }
    }

    /// <summary>The size of a batch of states, and the seed of its numbers.</summary>
    public sealed record Case(
        int Prompts, int Positions, int Layers, int Top, int Followed, int Directions, int Seed)
    {
        internal LensBatch Batch(string direction = "direction")
        {
            var random = new Random(Seed);
            return new([.. Enumerable.Range(0, Prompts).Select(_ => Prompt(random, direction))]);
        }

        internal IEnumerable<Case> Smaller()
        {
            if (Prompts > 1)
                yield return this with { Prompts = Prompts - 1 };
            if (Positions > 1)
                yield return this with { Positions = Positions - 1 };
            if (Layers > 1)
                yield return this with { Layers = Layers - 1 };
            if (Top > 0)
                yield return this with { Top = Top - 1 };
            if (Followed > 0)
                yield return this with { Followed = Followed - 1 };
            if (Directions > 0)
                yield return this with { Directions = Directions - 1 };
        }

        LensReading Prompt(Random random, string direction)
        {
            int[] positions = [.. Enumerable.Range(0, Positions + 2)];
            random.Shuffle(positions);
            return new(
                [.. Enumerable.Range(0, Positions + 2).Select(_ => random.Next(5))],
                [.. positions.Take(Positions).SelectMany(position => States(random, position, direction))]);
        }

        IEnumerable<LensState> States(Random random, int position, string direction)
        {
            for (var layer = 0; layer <= Layers; layer++)
                yield return new(
                    layer == Layers ? new ResidualTerm.FinalStream() : new ResidualTerm.StreamBefore(layer), position,
                    Tokens(random, Top), Tokens(random, Followed))
                {
                    Entropy = random.NextDouble() * 10,
                    KlDivergence = random.NextDouble() * 30,
                    Projections =
                    [
                        .. Enumerable.Range(0, Directions).Where(_ => random.Next(4) > 0).Select(i =>
                            new LensProjection(new([1], direction + i), random.NextDouble() - 0.5)),
                    ],
                };
        }

        // A state can have fewer tokens than another, as at a position without a foil.
        static ValueArray<LensToken> Tokens(Random random, int most) =>
        [
            .. Enumerable.Range(0, random.Next(4) == 0 ? random.Next(most + 1) : most).Select(_ => new LensToken(
                random.Next(9), random.Next(1, 200_000), (random.NextDouble() - 0.5) * 40, random.NextDouble())),
        ];
    }
}
