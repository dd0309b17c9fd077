using RatIlgpu.Analysis;

namespace RatIlgpu.Html.Tests.Atlas;

/// <summary>The blocks of numbers, read as the script reads them.</summary>
public sealed class AtlasBlocksTests
{
    static readonly HeadAtlas Sample = SampleAtlas.Of();

    [Fact]
    public void Scores_are_single_precision_and_nan_where_there_are_none()
    {
        var bytes = new AtlasBlocks(Sample, new()).Scores();
        var count = SampleAtlas.Scores.Length * 32;
        var parts = new Func<HeadScore, double?>[]
        {
            score => score.Raw, score => score.Count, score => score.Chance, score => score.WithoutFirst,
            score => score.WithoutSelf, score => score.Low, score => score.High,
        };
        var missing = 0;
        foreach (var (part, number) in parts.Index())
        {
            var numbers = Read<float>(bytes, part * 4 * count, count);
            foreach (var (place, score) in SampleAtlas.Scores.Index())
                foreach (var (i, head) in Sample.Heads.Index())
                {
                    var found = head.Scores.TryGetValue(score.Id, out var one) ? number(one) : null;
                    missing += head.Scores.ContainsKey(score.Id) ? 0 : 1;
                    Assert.Equal((float)(found ?? double.NaN), numbers[(place * 32) + i]);
                }
        }

        Assert.Equal(7 * 8, missing);
    }

    [Fact]
    public void A_profile_is_within_half_a_step_and_has_a_code_for_a_distance_without_cells()
    {
        var codes = Read<ushort>(new AtlasBlocks(Sample, new()).Profiles(), 0, 32 * 128);
        foreach (var (i, head) in Sample.Heads.Index())
            foreach (var (distance, mean) in head.Profile.Index())
            {
                var code = codes[(i * 128) + distance];
                if (mean is { } value)
                    Assert.InRange(code / 65_534.0, value - (0.5001 / 65_534), value + (0.5001 / 65_534));
                else
                    Assert.Equal(AtlasBlocks.None, code);
            }
    }

    [Fact]
    public void A_card_has_its_maps_keys_attention_and_vectors_one_after_the_other()
    {
        var card = Sample.Cards[0];
        var bytes = AtlasBlocks.Card(card);
        var at = 0;
        foreach (var map in card.Maps)
            foreach (var cell in map.Cells)
                AssertRoot(cell, bytes[at++]);
        foreach (var example in card.Examples)
        {
            var away = Read<ushort>(bytes, at, example.Keys.Length);
            at += 2 * example.Keys.Length;
            for (var i = 0; i < example.Keys.Length; i++)
                Assert.Equal(
                    example.Keys[i], away[i] == AtlasBlocks.None ? -1 : (i / HeadExample.KeysPerQuery) - away[i]);
            foreach (var attention in example.Attention)
                AssertRoot(attention, bytes[at++]);
        }

        foreach (var vectors in card.Vectors)
        {
            var (low, high) = AtlasBlocks.RangeOf(vectors);
            var codes = Read<ushort>(bytes, at, vectors.Points.Length);
            at += 2 * codes.Length;
            foreach (var (place, code) in vectors.Points.Zip(codes))
                Assert.InRange(low + (code / 65_534.0 * (high - low)), place - 1e-4, place + 1e-4);
        }

        Assert.Equal(bytes.Length, at);
    }

    [Fact]
    public void Equal_coordinates_and_numbers_that_are_none_have_codes()
    {
        var points = new float[2 * Sample.Points.Length];
        points[1] = float.NaN;
        var bytes = AtlasBlocks.Card(new(new(0, 0))
        {
            Vectors = [new(HeadVectorKind.Query, [.. points], 0, 0)],
        });
        var codes = Read<ushort>(bytes, 0, points.Length);
        Assert.Equal(0, codes[0]);
        Assert.Equal(AtlasBlocks.None, codes[1]);
    }

    [Fact]
    public void Texts_are_places_in_the_table_of_tokens()
    {
        var html = AtlasPage.Render(Sample).Html;
        using var data = PageData.Of(html);
        var tokens = data.RootElement.GetProperty("tokens").EnumerateArray().Select(one => one.GetString()!).ToList();
        var bytes = new AtlasBlocks(Sample, new()).Texts();
        var count = Sample.Texts.Sum(text => text.Tokens.Length);
        Assert.Equal(
            Sample.Texts.SelectMany(text => text.Tokens).Select(token => token.Text),
            Read<uint>(bytes, 0, count).Select(place => tokens[(int)place]));
        Assert.Equal(
            Sample.Points.Select(point => point.Text),
            Read<ushort>(bytes, 4 * count, Sample.Points.Length).Select(text => (int)text));
    }

    [Fact]
    public void The_plan_has_roles_feeders_and_effects_by_place()
    {
        using var data = PageData.Of(AtlasPage.Render(Sample).Html);
        var heads = data.RootElement.GetProperty("all").EnumerateArray().ToList();
        foreach (var (i, head) in Sample.Heads.Index())
        {
            Assert.Equal(head.KeyValueHead, heads[i].GetProperty("kv").GetInt32());
            Assert.Equal(head.Roles.Length, Count("roles"));
            Assert.Equal(head.Feeders.Length, Count("feeders"));
            Assert.Equal(head.Effects.Length, Count("effects"));
            foreach (var (place, role) in head.Roles.Index())
            {
                var written = heads[i].GetProperty("roles")[place];
                Assert.Equal((int)role.Role, written[0].GetInt32());
                Assert.Equal(role.ScoreId, SampleAtlas.Scores[written[1].GetInt32()].Id);
                Assert.Equal(role.Confidence, written[2].GetDouble());
                Assert.Equal(role.Verdict is null, written[3].ValueKind == System.Text.Json.JsonValueKind.Null);
            }

            int Count(string name) =>
                heads[i].TryGetProperty(name, out var list) ? list.GetArrayLength() : 0;
        }
    }

    // 254 steps of the square root.
    static void AssertRoot(float expected, byte code)
    {
        if (float.IsNaN(expected))
            Assert.Equal(0, code);
        else
            Assert.InRange(Math.Pow((code - 1) / 254.0, 2), expected - 0.004, expected + 0.004);
    }

    // All first bytes stand before all second ones.
    static T[] Read<T>(byte[] bytes, int start, int count)
        where T : unmanaged
    {
        var numbers = new T[count];
        var whole = System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers.AsSpan());
        var width = whole.Length / count;
        for (var i = 0; i < count; i++)
            for (var part = 0; part < width; part++)
                whole[(i * width) + part] = bytes[start + (part * count) + i];
        return numbers;
    }
}
