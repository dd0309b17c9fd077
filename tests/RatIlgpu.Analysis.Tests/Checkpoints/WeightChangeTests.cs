using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests.Checkpoints;

public sealed class WeightChangeTests
{
    const string Output = "model.layers.1.self_attn.o_proj.weight", Query = "model.layers.2.self_attn.q_proj.weight";

    // Six query heads of 8 numbers read two key heads; the stream is 40 wide.
    const int Size = 8, Width = 40, Columns = 6 * Size;

    [Fact]
    public void A_checkpoint_against_itself_has_no_change_at_all()
    {
        using var pair = new TinyPair();
        var diff = pair.Read();
        Assert.True(diff.AreEqual);
        Assert.All(diff.Weights, weight =>
        {
            Assert.Equal((0.0, 0, 0.0), (weight.Whole.Norm, weight.Whole.Rank, weight.Whole.EffectiveRank));
            Assert.Equal(0, weight.Whole.Relative);
            Assert.All(weight.Heads, block => Assert.Equal(0, block.Norm));
        });
        Assert.Equal(2 + (3 * 12), diff.Weights.Length);
        Assert.Equal(WeightPart.Embedding, diff.Weights[0].Part);
        Assert.Equal("model.norm.weight", diff.Weights[^1].Name);
    }

    [Fact]
    public void A_change_of_the_columns_of_one_head_shows_in_that_block_alone()
    {
        var square = 0.0;
        using var pair = new TinyPair((name, numbers) =>
        {
            if (name != Output)
                return;
            for (var row = 0; row < Width; row++)
                for (var column = 4 * Size; column < 5 * Size; column++)
                {
                    square += (double)numbers[(row * Columns) + column] * numbers[(row * Columns) + column];
                    numbers[(row * Columns) + column] = 0;
                }
        });
        var diff = pair.Read();
        Assert.False(diff.AreEqual);
        var weight = Assert.Single(diff.Weights, one => one.Whole.Norm > 0);
        Assert.Equal((Output, WeightPart.Output, 1), (weight.Name, weight.Part, weight.Layer!.Value));
        Assert.Equal(Math.Sqrt(square), weight.Whole.Norm, 1e-12);
        Assert.Equal([0, 0, 0, 0, Math.Sqrt(square), 0], weight.Heads.Select(block => Math.Round(block.Norm, 12))
            .Zip(weight.Heads, (_, block) => block.Norm), (left, right) => Math.Abs(left - right) < 1e-12);
        // What is taken away is all that was there.
        Assert.Equal(1, weight.Heads[4].Relative!.Value, 1e-12);
        Assert.Equal(Size, weight.Heads[4].Rank);
        Assert.Equal(Size, weight.Whole.Rank);
        Assert.Equal(weight.Heads[4], diff.BlockOf(new(1, 4), WeightPart.Output));
    }

    [Fact]
    public void Rows_of_queries_belong_to_query_heads_and_rows_of_keys_to_the_heads_that_share_them()
    {
        using var pair = new TinyPair((name, numbers) =>
        {
            if (name == Query)
                numbers[5 * Size * Width] += 3;
            if (name == "model.layers.0.self_attn.k_proj.weight")
                numbers[(Size * Width) + 1] += 4;
            if (name == "model.layers.0.self_attn.v_proj.bias")
                numbers[0] += 2;
        });
        var diff = pair.Read();
        Assert.Equal([0, 0, 0, 0, 0, 3.0], Norms(Query), (left, right) => Math.Abs(left - right) < 1e-6);
        Assert.Equal([0, 4.0], Norms("model.layers.0.self_attn.k_proj.weight"),
            (left, right) => Math.Abs(left - right) < 1e-6);
        Assert.Equal([2.0, 0], Norms("model.layers.0.self_attn.v_proj.bias"),
            (left, right) => Math.Abs(left - right) < 1e-6);
        Assert.Equal(3, diff.Weights.Count(weight => weight.Whole.Norm > 0));
        // Three query heads read each key head.
        Assert.Equal(0, diff.BlockOf(new(0, 2), WeightPart.Key)!.Value.Norm);
        Assert.Equal(4, diff.BlockOf(new(0, 3), WeightPart.Key)!.Value.Norm, 1e-6);
        Assert.Null(diff.BlockOf(new(0, 0), WeightPart.Up));

        IEnumerable<double> Norms(string name) =>
            diff.Weights.Single(weight => weight.Name == name).Heads.Select(block => block.Norm);
    }

    [Theory]
    [InlineData(DataType.F32)]
    [InlineData(DataType.F16)]
    [InlineData(DataType.BF16)]
    public void A_merged_adapter_of_rank_2_has_rank_2_however_its_sums_were_rounded(DataType format)
    {
        using var pair = new TinyPair((name, numbers) => AddRankTwo(name, numbers), null, format, format);
        var weight = pair.Read().Weights.Single(one => one.Name == Query);
        Assert.Equal(2, weight.Whole.Rank);
        Assert.InRange(weight.Whole.EffectiveRank!.Value, 1, format == DataType.BF16 ? 3 : 2.01);
    }

    [Fact]
    public void A_change_that_only_rounds_has_rank_0()
    {
        using var pair = new TinyPair(formatB: DataType.BF16);
        Assert.All(pair.Read().Weights, weight =>
        {
            Assert.InRange(weight.Whole.Norm, double.Epsilon, 1);
            Assert.Equal(0, weight.Whole.Rank);
            Assert.Equal((DataType.F32, DataType.BF16), (weight.FormatA, weight.FormatB));
        });
    }

    [Fact]
    public void A_zero_weight_that_was_trained_has_no_relative_change()
    {
        Assert.Null(new BlockChange(1, 0, 1, 1).Relative);
        Assert.Equal(0, new BlockChange(0, 0, 0, 0).Relative);
        Assert.Equal(0.25, new BlockChange(1, 4, 1, 1).Relative);
    }

    [Theory]
    [InlineData(TinyFamily.Qwen3)]
    [InlineData(TinyFamily.Llama)]
    public void Other_families_are_compared_by_the_weights_that_they_have(TinyFamily family)
    {
        var config = family == TinyFamily.Qwen3 ? TinyQwen2.Qwen3 : TinyQwen2.Llama with { RopeScaling = null };
        using var pair = new TinyPair((_, numbers) => numbers[0] += 1, config);
        var diff = pair.Read();
        Assert.All(diff.Weights, weight => Assert.Equal(1, weight.Whole.Norm, 1e-6));
        Assert.Equal(2 + (3 * (family == TinyFamily.Qwen3 ? 11 : 9)), diff.Weights.Length);
    }

    [Fact]
    public void A_weight_that_is_not_a_number_is_named()
    {
        using var pair = new TinyPair((name, numbers) =>
        {
            if (name == Query)
                numbers[7] = float.NaN;
        });
        var fault = Assert.Throws<ArithmeticException>(() => pair.Read());
        Assert.Contains(Query, fault.Message, StringComparison.Ordinal);
        Assert.Contains("NaN", fault.Message, StringComparison.Ordinal);
    }

    static void AddRankTwo(string name, float[] numbers)
    {
        if (name != Query)
            return;
        for (var i = 0; i < numbers.Length; i++)
        {
            var (row, column) = (i / Width, i % Width);
            numbers[i] += (float)(0.2 * Math.Sin(row) * Math.Cos(2 * column))
                + (float)(0.1 * Math.Cos(3 * row) * Math.Sin(column));
        }
    }

    public enum TinyFamily
    {
        Qwen3,
        Llama,
    }
}
