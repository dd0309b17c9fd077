using System.Text.Json;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Analysis;

public sealed class LensCommandTests : IDisposable
{
    const string Prompt = "When Mary and John went to the store, John gave a drink to";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_last_state_says_what_the_model_says()
    {
        var run = Lens("--predictions", "2", "--answer", " Mary,#560");
        Assert.Empty(run.Error);
        Assert.Contains("\nAfter \" to\" at 13\n  0_pre       \" to\" 100.0 %  ", run.Output, StringComparison.Ordinal);
        Assert.Contains("  final_post  \" Mary\" 99.6 %  \" Mia\" 0.2 %  [\" Mary\" rank 1, 99.6 %]  [\" John\" rank ",
            run.Output, StringComparison.Ordinal);
        Assert.Equal(9, run.Output.Split('\n').Count(line => line.StartsWith("  ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Several_positions_come_in_their_order()
    {
        var output = Lens("-p", "-1,1,13").Output;
        var (first, last) = (output.IndexOf("After \" Mary\" at 1\n", StringComparison.Ordinal),
            output.IndexOf("After \" to\" at 13\n", StringComparison.Ordinal));
        Assert.InRange(first, 0, last);
        Assert.Equal(2, output.Split("After ").Length - 1);
    }

    [Fact]
    public void The_file_has_every_state()
    {
        var file = folder.Path("lens.json");
        Lens("--predictions", "4", "-p", "0,1", "--answer", " Mary", "--json", file);
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        Assert.Equal("lens", json.RootElement.GetProperty("kind").GetString());
        var states = json.RootElement.GetProperty("states").EnumerateArray().ToList();
        Assert.Equal(2 * 9, states.Count);
        Assert.Equal("final_post", states[^1].GetProperty("state").GetString());
        Assert.Equal(1, states[^1].GetProperty("position").GetInt32());
        var top = states[^1].GetProperty("top").EnumerateArray().ToList();
        Assert.Equal([1, 2, 3, 4], top.Select(token => token.GetProperty("rank").GetInt32()));
        Assert.Equal(" and", top[0].GetProperty("token").GetProperty("text").GetString());
        Assert.Equal(
            514, states[0].GetProperty("followed")[0].GetProperty("token").GetProperty("id").GetInt32());
    }

    [Fact]
    public void A_prompt_longer_than_the_model_was_made_for_is_noted() => Assert.Contains(
        "Note       The prompt has 600 tokens, beyond the 512 positions the model was made for: results there may mean "
        + "little.\n",
        CommandRun.Of("lens", string.Concat(Enumerable.Repeat(" the", 600)), "--predictions", "1").Output,
        StringComparison.Ordinal);

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        Lens("--predictions", "-1").IsMisused("--predictions is -1, expected 0 or more.", " lens");
        Lens("-p", "14").Refuses("--position is 14, expected -14 to 13 for a prompt of 14 tokens.");
    }

    static CommandRun Lens(params string[] more) => CommandRun.Of(["lens", Prompt, .. more]);
}
