using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Analysis;

public sealed class AttributeCommandTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store, John gave a drink to";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_sublayers_come_in_the_order_of_the_model_and_add_up()
    {
        var run = Attribute("--foil", " John");
        Assert.Empty(run.Error);
        Assert.Contains(
            "Metric     logit of \" Mary\" (#514) − \" John\" (#560) at position 13: 16.702\n", run.Output,
            StringComparison.Ordinal);
        var rows = Rows(run);
        Assert.Equal(
            ["embed", "0_attn_out", "0_mlp_out", "1_attn_out", "1_mlp_out", "2_attn_out", "2_mlp_out", "3_attn_out",
                "3_mlp_out", "rounding", "all rows"],
            rows.Select(row => row.Name));
        Assert.Equal(16.7023, rows[^1].Value);
        Assert.Equal(rows[^1].Value, rows.SkipLast(1).Sum(row => row.Value), 0.001);
    }

    [Theory]
    [InlineData("cumulative-layer", "0_pre", 9)]
    [InlineData("head", "L3H3", 5)]
    [InlineData("head-by-source", "L3H3 <- 1 \" Mary\"", 5)]
    [InlineData("neuron", "L3N18", 5)]
    public void Every_unit_has_its_rows(string unit, string name, int count)
    {
        string[] top = unit == "cumulative-layer" ? [] : ["--top", "3"];
        var rows = Rows(Attribute(["--unit", unit, .. top]));
        Assert.Contains(name, rows.Select(row => row.Name));
        Assert.Equal(count, rows.Count);
    }

    [Fact]
    public void The_largest_rows_are_asked_for_by_number()
    {
        var rows = Rows(Attribute("-u", "sublayer", "-n", "2"));
        Assert.Equal(["3_mlp_out", "3_attn_out", "8 more", "all rows"], rows.Select(row => row.Name));
        Assert.Equal(["10 more", "all rows"], Rows(Attribute("-n", "0")).Select(row => row.Name));
    }

    [Fact]
    public void Biases_of_values_can_be_rows_of_their_own()
    {
        var rows = Rows(Attribute("--value-bias", "separate"));
        Assert.Equal(4, rows.Count(row => row.Name.EndsWith("_value_bias", StringComparison.Ordinal)));
        Assert.Equal(Rows(Attribute())[^1], rows[^1]);
    }

    [Fact]
    public void The_mean_of_all_tokens_is_a_reference()
    {
        var (raw, mean) = (Rows(Attribute())[^1].Value, Rows(Attribute("--reference", "vocabulary-mean"))[^1].Value);
        Assert.True(Math.Abs(raw - mean) > 1);
    }

    [Fact]
    public void The_prompt_comes_from_standard_input_too() => Assert.Equal(
        Attribute().Output, CommandRun.WithText(Prompt + "\n", "attribute").Output);

    [Fact]
    public void The_file_has_every_row()
    {
        var file = folder.Path("attribution.json");
        Attribute("-u", "head-by-source", "--value-bias", "separate", "-p", "3", "--json", file);
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        var root = json.RootElement;
        Assert.Equal("attribute", root.GetProperty("kind").GetString());
        Assert.Equal(14, root.GetProperty("tokens").GetArrayLength());
        Assert.Equal(3, root.GetProperty("position").GetInt32());
        Assert.Equal("head_by_source", root.GetProperty("unit").GetString());
        Assert.Equal("separate", root.GetProperty("value_bias").GetString());
        Assert.Equal("raw", root.GetProperty("reference").GetString());
        var rows = root.GetProperty("rows").EnumerateArray().ToList();
        // Four positions for each of 32 heads, the biases of four layers, the remainder and the rounding.
        Assert.Equal(4 * 32 + 4 + 2, rows.Count);
        Assert.Equal("L0H0 <- 0", rows[0].GetProperty("label").GetString());
        Assert.Equal(
            root.GetProperty("measured").GetDouble(), rows.Sum(row => row.GetProperty("value").GetDouble()), 1e-9);
    }

    [Theory]
    [InlineData(
        "--unit is 'x', expected sublayer, cumulative-layer, head, head-by-source, neuron.", "-u", "x")]
    [InlineData(
        "--value-bias is about rows of heads; --unit cumulative-layer has none.", "-u", "cumulative-layer",
        "--value-bias", "separate")]
    [InlineData("--heads chooses rows of heads; --unit sublayer has none: use head or head-by-source.", "--heads", "0")]
    [InlineData("--top is -3, expected 0 or more.", "-n", "-3")]
    [InlineData(
        "--direction stands in the place of tokens; leave --answer and --foil out.", "--direction", "d.json",
        "--answer", " Mary")]
    [InlineData(
        "--reference vocabulary-mean changes nothing in a difference; leave it or --foil out.", "--reference",
        "vocabulary-mean", "--foil", " John")]
    public void What_makes_no_sense_is_refused(string message, params string[] more) =>
        Attribute(more).IsMisused(message, " attribute");

    [Fact]
    public void A_position_beyond_the_prompt_is_refused() => Attribute("-p", "-15").Refuses(
        "--position is -15, expected -14 to 13 for a prompt of 14 tokens.");

    [Fact]
    public void An_empty_prompt_is_refused() =>
        CommandRun.Of("attribute", "").IsMisused("the prompt is empty, expected at least one token.", " attribute");

    static List<(string Name, double Value)> Rows(CommandRun run) =>
    [
        .. Regex.Matches(run.Output, @"^  (?<name>\S.*?) +(?<value>[-+]?\d+\.\d{4})$", RegexOptions.Multiline).Select(
            row => (row.Groups["name"].Value,
                double.Parse(row.Groups["value"].Value, CultureInfo.InvariantCulture))),
    ];

    static CommandRun Attribute(params string[] more) => CommandRun.Of(["attribute", Prompt, .. more]);
}
