using System.Text.Json.Nodes;
using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Verification;
using RatIlgpu.Weights;

namespace RatIlgpu.Tests.Verification;

public sealed class VerifierTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public VerifierTests() => folder.Copy(Repository.Path("tests", "golden", "tiny-gqa-tied-f32"));

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("tiny-gqa-tied-f32")]
    [InlineData("tiny-mha-untied-bf16-sharded")]
    [InlineData("tiny-window-f16")]
    public void A_golden_folder_is_held_to_some_parts_in_a_hundred_thousand(string name)
    {
        var bounds = new Verifier(new PlainDevice()).Verify(Repository.Path("tests", "golden", name)).Runs[0].Bounds;
        Assert.InRange(bounds.Attention, 2e-5, 4e-5);
        Assert.Equal((bounds.Attention, bounds.Attention), (bounds.Stream, bounds.Logit));
        Assert.Equal(4 * bounds.Attention, bounds.Score);
    }

    [Fact]
    public void Another_prompt_is_a_miss_of_every_kind()
    {
        Edit(golden => golden["input_ids"]![6] = 1);
        var run = new Verifier(new PlainDevice()).Verify(folder.Root).Runs[0];
        Assert.False(run.Passed);
        Assert.True(run.AttentionError > run.Bounds.Attention);
        Assert.True(run.LogitError > run.Bounds.Logit * run.LargestLogit);
        Assert.NotEmpty(run.Misses);
    }

    [Fact]
    public void A_weight_that_is_not_a_number_is_named()
    {
        var weights = folder.Path("model.safetensors");
        using (var file = SafetensorsFile.Open(weights))
            SafetensorsWriter.Write(folder.Path("other"), file.Names.Select(name => SafetensorsTensor.Of(
                name, DataType.F32, file.ShapeOf(name),
                name == "model.norm.weight"
                    ? [.. Enumerable.Repeat(float.NaN, (int)file.ShapeOf(name).Count)]
                    : file.Tensor(name).Floats.ToArray())));
        File.Move(folder.Path("other"), weights, overwrite: true);

        var thrown = Assert.Throws<ArithmeticException>(() => new Verifier(new PlainDevice()).Verify(folder.Root));
        Assert.Equal(
            $"{folder.Root}: the logits are not numbers. {weights}: 'model.norm.weight' holds NaN at 0 of 48, expected "
            + "finite numbers: the training diverged, or the file is damaged.",
            thrown.Message);
    }

    [Theory]
    [InlineData("positions", "path 0 is 21-5-0, expected 20-5-0")]
    [InlineData("edge_attns", "path 0 differs by 1.0E+000 in an attention")]
    [InlineData("score_raw", "path 0 differs by 7.9E-001 in a score")]
    [InlineData("score_norm", "path 0 differs by 1.0E+000 in a score")]
    public void A_path_that_differs_is_named(string field, string miss)
    {
        Edit(golden =>
        {
            var beam = golden["traces"]![0]!["beams"]![0]!;
            if (field == "positions")
                beam[field]![0] = 20;
            else if (field == "edge_attns")
                beam[field]![0] = 1 + beam[field]![0]!.GetValue<double>();
            else
                beam[field] = 1 + beam[field]!.GetValue<double>();
        });
        Assert.Equal([$"trace 0: {miss}"], new Verifier(new PlainDevice()).Verify(folder.Root).Runs[0].Misses);
    }

    [Fact]
    public void A_link_that_differs_is_named()
    {
        Edit(golden => golden["traces"]![0]!["sankey"]!["links"]![0]!["value"] = 0.5);
        Assert.Equal(
            ["trace 0: link 5 to 21 of the Sankey graph has another value"],
            new Verifier(new PlainDevice()).Verify(folder.Root).Runs[0].Misses);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"input_ids":[1],"attention_mask":[1],"traces":[null]}""")]
    [InlineData("""{"input_ids":[1],"attention_mask":[1],"traces":[{"masked":false}]}""")]
    public void A_damaged_golden_file_is_refused(string json)
    {
        File.WriteAllText(folder.Path("golden.json"), json);
        var refusal = Assert.Throws<InvalidDataException>(() => new Verifier(new PlainDevice()).Verify(folder.Root));
        Assert.Contains("golden.json", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("input_ids", "input_ids[6] is 101, expected a whole number from 0 to 100.")]
    [InlineData("attention_mask", "attention_mask is a list of 24, expected a list of 23.")]
    [InlineData("layer", "traces[0].layer is 99, expected a whole number from -3 to 2.")]
    [InlineData("edge_attns", "traces[0].beams[0].edge_attns is a list of 3, expected a list of 2.")]
    public void Says_where_a_golden_file_does_not_fit_the_model_or_itself(string field, string fault)
    {
        Edit(golden =>
        {
            if (field == "input_ids")
                golden[field]![6] = 101;
            else if (field == "attention_mask")
                golden[field]!.AsArray().Add(1);
            else if (field == "layer")
                golden["traces"]![0]![field] = 99;
            else
                golden["traces"]![0]!["beams"]![0]![field]!.AsArray().Add(0.5);
        });
        var refusal = Assert.Throws<InvalidDataException>(() => new Verifier(new PlainDevice()).Verify(folder.Root));
        Assert.Equal($"{folder.Path("golden.json")}: {fault}", refusal.Message);
    }

    [Fact]
    public void References_of_another_run_are_refused()
    {
        Edit(golden => golden["input_ids"] = new JsonArray(1, 2));
        Edit(golden => golden["attention_mask"] = new JsonArray(1, 1));
        Assert.Throws<InvalidDataException>(() => new Verifier(new PlainDevice()).Verify(folder.Root));
    }

    void Edit(Action<JsonNode> edit)
    {
        var path = folder.Path("golden.json");
        var golden = JsonNode.Parse(File.ReadAllText(path))!;
        edit(golden);
        File.WriteAllText(path, golden.ToJsonString());
    }
}
