using System.Text;
using RatIlgpu.Files;

namespace RatIlgpu.Tests.Files;

public sealed class JsonPartTests
{
    [Fact]
    public void Says_where_a_value_stands()
    {
        var part = Parse("""{"a": {"b": [0, [1, "x"]]}}""")["a"]["b"].Items()[1].Items()[1];

        Assert.Equal("f.json: a.b[1][1] is 'x', expected true or false.", Refusal(() => part.Flag()));
    }

    [Fact]
    public void Tells_null_from_nothing()
    {
        var root = Parse("""{"null": null}""");

        Assert.Equal((true, true), (root["null"].IsMissing, root["nothing"].IsMissing));
        Assert.Equal((true, false), (root["null"].IsNull, root["nothing"].IsNull));
        Assert.Equal((true, false), (root.Find("null").HasValue, root.Find("nothing").HasValue));
        Assert.Equal("f.json: nothing is missing, expected text.", Refusal(() => root["nothing"].Text()));
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_text() => Assert.Equal(1, Parse("\ufeff{\"a\": 1}")["a"].Whole(0));

    [Theory]
    [InlineData("1.0")]
    [InlineData("2147483648")]
    [InlineData("\"1\"")]
    [InlineData("-1")]
    public void A_whole_number_is_written_as_one(string number) => Assert.Equal(
        $"f.json: a is {number.Replace('"', '\'')}, expected a whole number from 0 to 2,147,483,647.",
        Refusal(() => Parse($$"""{"a": {{number}}}""")["a"].Whole(0)));

    [Fact]
    public void Shows_no_more_of_a_text_than_fits_a_line()
    {
        var part = Parse($$"""{"a": "\n\u202e{{new string('x', 1000)}}"}""")["a"];

        Assert.Equal(
            $"f.json: a is '\\n\\u202E{new string('x', 158)}…', expected a number.", Refusal(() => part.Number()));
    }

    static JsonPart Parse(string json) => JsonPart.Parse(Encoding.UTF8.GetBytes(json), "f.json");

    static string Refusal(Action read) => Assert.Throws<InvalidDataException>(read).Message;
}
