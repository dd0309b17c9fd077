using System.Text.Json;

namespace RatIlgpu.Analysis.Tests.Checkpoints;

public sealed class DiffJsonTests
{
    [Fact]
    public void A_comparison_is_written_whole_in_a_fixed_form()
    {
        using var pair = new TinyPair((name, numbers) =>
        {
            if (name.EndsWith("1.self_attn.o_proj.weight", StringComparison.Ordinal))
                numbers[0] += 2;
        });
        var diff = pair.Read(new() { Prompts = [new([3, 1, 4])] });
        using var parsed = JsonDocument.Parse(DiffJson.Write(diff, new() { Command = "ratilgpu diff A B" }));
        var root = parsed.RootElement;
        Assert.Equal(
            ["kind", "version", "model", "origin", "a", "b", "are_equal", "warnings", "weights", "texts", "scores"],
            root.EnumerateObject().Select(one => one.Name));
        Assert.Equal("diff", root.GetProperty("kind").GetString());
        Assert.Equal(diff.A.Fingerprint, root.GetProperty("a").GetProperty("fingerprint").GetString());
        Assert.False(root.GetProperty("are_equal").GetBoolean());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("scores").ValueKind);
        var weight = root.GetProperty("weights").EnumerateArray()
            .Single(one => one.GetProperty("norm").GetDouble() > 0);
        Assert.Equal("output", weight.GetProperty("part").GetString());
        Assert.Equal("f32", weight.GetProperty("format_a").GetString());
        Assert.Equal(2, weight.GetProperty("heads")[0].GetProperty("norm").GetDouble(), 1e-6);
        Assert.Equal(1, weight.GetProperty("heads")[0].GetProperty("rank").GetInt32());
        var texts = root.GetProperty("texts");
        Assert.Equal(diff.Texts!.MeanKl, texts.GetProperty("mean_kl").GetDouble());
        Assert.Equal(18, texts.GetProperty("heads").GetArrayLength());
        Assert.Equal("#4", texts.GetProperty("sequences")[0].GetProperty("tokens")[2].GetString());
        Assert.Equal(DiffJson.Write(diff), DiffJson.Write(pair.Read(new() { Prompts = [new([3, 1, 4])] })));
    }

    [Fact]
    public void Scores_and_roles_stand_beside_each_other_by_model()
    {
        using var pair = new TinyPair();
        var score = new HeadScore(0.5, 4) { Low = 0.1, High = 0.2 };
        var diff = pair.Read() with
        {
            Scores = new()
            {
                Scores = [],
                Changes = [new(new(1, 2), "one", score, score with { Raw = 0.75, Low = null })],
                Roles = [new(new(1, 2), new(HeadRole.Induction, "one", double.NaN), true)],
            },
        };
        using var parsed = JsonDocument.Parse(DiffJson.Write(diff));
        var scores = parsed.RootElement.GetProperty("scores");
        var change = scores.GetProperty("changes")[0];
        Assert.Equal("L1H2", change.GetProperty("head").GetString());
        Assert.Equal(0.25, change.GetProperty("difference").GetDouble());
        Assert.Equal(JsonValueKind.Null, change.GetProperty("differs").ValueKind);
        Assert.Equal(0.75, change.GetProperty("b").GetProperty("excess").GetDouble());
        var role = scores.GetProperty("roles")[0];
        Assert.Equal("induction", role.GetProperty("role").GetString());
        Assert.True(role.GetProperty("is_gained").GetBoolean());
        Assert.Equal(JsonValueKind.Null, role.GetProperty("confidence").ValueKind);
    }
}
