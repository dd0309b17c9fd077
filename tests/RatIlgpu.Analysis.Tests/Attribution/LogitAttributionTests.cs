namespace RatIlgpu.Analysis.Tests;

public sealed class LogitAttributionTests
{
    static readonly LogitAttribution Found = new(
        new Recording(new("a model"), [3, 1, 4], null, []),
        new(5, 11),
        position: 2,
        new(),
        measured: -1,
        finalScale: 3,
        [
            new(new ResidualTerm.Embedding(), 1),
            new(new ResidualTerm.Attention(0), -3),
            new(new ResidualTerm.Mlp(0), 2),
            new(new ResidualTerm.Rounding(), -1),
        ]);

    [Fact]
    public void The_highest_come_from_the_top() =>
        Assert.Equal([2, 1, -1, -3], Found.Highest(9).Select(row => row.Value));

    [Fact]
    public void The_lowest_come_from_the_bottom() =>
        Assert.Equal([-3, -1], Found.Lowest(2).Select(row => row.Value));

    [Fact]
    public void The_largest_come_whatever_their_sign_and_equals_in_the_order_of_the_model() =>
        Assert.Equal([-3, 2, 1, -1], Found.Largest(4).Select(row => row.Value));

    [Fact]
    public void None_are_none_and_fewer_are_refused()
    {
        Assert.Empty(Found.Highest(0));
        foreach (var some in (Func<int, object>[])[n => Found.Highest(n), n => Found.Lowest(n), n => Found.Largest(n)])
            Assert.StartsWith(
                "-1 contributions asked", Assert.Throws<ArgumentOutOfRangeException>(() => some(-1)).Message);
    }

    [Fact]
    public void A_row_as_text_is_its_label_and_its_value()
    {
        string[] rows = ["embed: 1", "0_attn_out: -3", "0_mlp_out: 2", "rounding: -1"];
        Assert.Equal(rows, Found.Terms.Select(row => row.ToString()));
    }

    [Fact]
    public void Every_term_has_its_label()
    {
        (ResidualTerm Term, string Label)[] terms =
        [
            (new ResidualTerm.Head(new(3, 7)), "L3H7"),
            (new ResidualTerm.HeadSource(new(3, 7), 5), "L3H7 <- 5"),
            (new ResidualTerm.Neuron(3, 17), "L3N17"),
            (new ResidualTerm.ValueBias(2), "2_value_bias"),
            (new ResidualTerm.StreamBefore(0), "0_pre"),
            (new ResidualTerm.StreamMiddle(0), "0_mid"),
            (new ResidualTerm.FinalStream(), "final_post"),
            (new ResidualTerm.Remainder(), "remainder"),
        ];
        Assert.Equal(terms.Select(one => one.Label), terms.Select(one => $"{one.Term}"));
    }
}
