using System.Text.Json.Nodes;

namespace RatIlgpu.Properties;

/// <summary>Laws of the language of chat templates.</summary>
[Properties(Arbitrary = [typeof(JinjaLaws)])]
public sealed class JinjaLaws
{
    static readonly string[] Pieces =
        ["a", "é", "🙂", " ", "\n", "\t", "}", "%", "#", "'", "\"", "\\", "-", "\u2028", "\x1f", "\0", "<|im_end|>"];

    static readonly string[] Spaces = [" ", "\n", "\t", "\u00a0", "\u3000", "\x1c"];

    internal static Arbitrary<PlainPiece> Texts { get; } = Arb.From(
        Gen.Elements(Pieces).ListOf().Select(pieces => new PlainPiece(string.Concat(pieces))),
        text => text.Text.Length > 0 ? [new(text.Text[..(text.Text.Length / 2)].TrimEnd('\ud83d'))] : []);

    internal static Arbitrary<Gap> Gaps { get; } = Arb.From(
        from before in Gen.Elements(Spaces).ListOf()
        from after in Gen.Elements(Spaces).ListOf()
        select new Gap(string.Concat(before), string.Concat(after)),
        gap => (gap.Before + gap.After).Length > 0
            ? [new(gap.Before[..(gap.Before.Length / 2)], gap.After[..(gap.After.Length / 2)])]
            : []);

    internal static Arbitrary<JsonCase> Values { get; } = Arb.From(
        Value(3).Select(value => new JsonCase(value?.ToJsonString() ?? "null")),
        value => value.Json == "null" ? [] : [new("null")]);

    internal static Arbitrary<Summands> Numbers { get; } = Arb.From(
        Gen.Choose(-99, 99).ListOf().Select(numbers => new Summands([.. numbers])),
        one => one.Numbers.Length == 0 ? [] : [new(one.Numbers[1..])]);

    [Law]
    public void Text_without_tags_is_rendered_as_it_is(PlainPiece piece)
    {
        var expected = piece.Text.EndsWith('\n') ? piece.Text[..^1] : piece.Text;
        Assert.Equal(expected, JinjaCase.Render(piece.Text));
        Assert.Equal(piece.Text, JinjaCase.Render("{{ x }}", new() { ["x"] = piece.Text }));
        Assert.Equal(piece.Text, JinjaCase.Render("{% raw %}" + piece.Text + "{%+ endraw %}"));
    }

    [Law]
    public void A_minus_removes_all_white_space_beside_a_tag(Gap gap)
    {
        Assert.Equal("axb", JinjaCase.Render($"a{gap.Before}{{{{- 'x' -}}}}{gap.After}b"));
        Assert.Equal("ab", JinjaCase.Render($"a{gap.Before}{{%- if true -%}}{gap.After}b{{% endif %}}"));
        Assert.Equal("ab", JinjaCase.Render($"a{gap.Before}{{#- c -#}}{gap.After}b"));
    }

    [Law]
    public void A_plus_keeps_all_white_space_beside_a_tag(Gap gap) =>
        Assert.Equal(
            $"a{gap.Before}{gap.After}b",
            JinjaCase.Render($"a{gap.Before}{{%+ if true +%}}{gap.After}b{{% endif %}}"));

    [Law]
    public void JSON_reads_back_as_the_value(JsonCase value)
    {
        var expected = JsonNode.Parse(value.Json);
        foreach (var settings in new[] { "", "(indent=2)", "(ensure_ascii=true, separators=(',', ':'))" })
            Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(JinjaCase.Render(
                $"{{{{ x | tojson{settings} }}}}", new() { ["x"] = JsonNode.Parse(value.Json) }))));
    }

    [Law]
    public void A_loop_changes_a_namespace_and_no_name(Summands numbers)
    {
        var list = new JsonArray([.. numbers.Numbers.Select(number => (JsonNode)(long)number)]);
        Assert.Equal(
            $"{numbers.Numbers.Sum()} 0",
            JinjaCase.Render(
                "{% set ns = namespace(sum=0) %}{% set sum = 0 %}{% for n in l %}{% set ns.sum = ns.sum + n %}"
                + "{% set sum = sum + n %}{% endfor %}{{ ns.sum }} {{ sum }}",
                new() { ["l"] = list }));
    }

    [Law]
    public void A_list_turned_round_twice_is_the_list(Summands numbers)
    {
        var list = new JsonArray([.. numbers.Numbers.Select(number => (JsonNode)(long)number)]);
        Assert.Equal(
            JinjaCase.Render("{{ l }}|{{ l | sort }}", new() { ["l"] = list.DeepClone() }),
            JinjaCase.Render("{{ l[::-1][::-1] }}|{{ l[::-1] | sort }}", new() { ["l"] = list }));
    }

    static Gen<JsonNode?> Value(int depth) => depth == 0
        ? Gen.OneOf<JsonNode?>(
            Gen.Constant<JsonNode?>(null),
            Gen.Choose(-9999, 9999).Select(number => (JsonNode?)number),
            Gen.Choose(-9999, 9999).Select(number => (JsonNode?)(number / 8.0)),
            Gen.Elements(true, false).Select(flag => (JsonNode?)flag),
            Gen.Elements(Pieces).ListOf().Select(pieces => (JsonNode?)string.Concat(pieces)))
        : Gen.OneOf(
            Value(0),
            Value(depth - 1).ListOf().Select(items => (JsonNode?)new JsonArray([.. items.Take(4).Select(Copy)])),
            Value(depth - 1).ListOf().Select(items => (JsonNode?)new JsonObject(
                items.Take(4).Index().Select(one => KeyValuePair.Create(Pieces[one.Index], Copy(one.Item))))));

    static JsonNode? Copy(JsonNode? node) => node?.DeepClone();

    public sealed record PlainPiece(string Text);

    public sealed record Gap(string Before, string After);

    public sealed record JsonCase(string Json);

    public sealed record Summands(int[] Numbers)
    {
        public override string ToString() => string.Join(' ', Numbers);
    }
}
