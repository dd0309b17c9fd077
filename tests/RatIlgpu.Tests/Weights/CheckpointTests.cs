using System.Text;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Tests.Weights;

public sealed class CheckpointTests : IDisposable
{
    const string Index = "model.safetensors.index.json";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("tests/golden/tiny-gqa-tied-f32", DataType.F32)]
    [InlineData("tests/golden/tiny-mha-untied-bf16-sharded", DataType.BF16)]
    [InlineData("tests/golden/tiny-window-f16", DataType.F16)]
    [InlineData("samples/demo-model", DataType.BF16)]
    public void Every_checkpoint_of_the_repository_opens(string name, DataType format)
    {
        var path = Repository.Path(name);
        var config = Qwen2Config.Read(path);
        using var checkpoint = Checkpoint.Open(path);

        var embedding = checkpoint.Tensor(
            "model.embed_tokens.weight", new Shape(config.VocabularySize, config.HiddenSize));

        Assert.Equal(format, embedding.DataType);
        Assert.Equal(!config.TiesEmbeddings, checkpoint.Contains("lm_head.weight"));
    }

    [Fact]
    public void Finds_every_tensor_in_its_shard()
    {
        Write("a.safetensors", "x", 1);
        Write("b.safetensors", "y", 2);
        WriteIndex("""{"x": "a.safetensors", "y": "b.safetensors"}""");

        using var checkpoint = Checkpoint.Open(folder.Root);

        Assert.Equal(["x", "y"], checkpoint.Names);
        Assert.Equal([1], checkpoint.Tensor("x").Floats.ToArray());
        Assert.Equal([2], checkpoint.Tensor("y").Floats.ToArray());
    }

    [Fact]
    public void A_single_file_is_preferred_to_an_index()
    {
        Write("model.safetensors", "x", 3);
        WriteIndex("""{"x": "absent.safetensors"}""");

        using var checkpoint = Checkpoint.Open(folder.Root);

        Assert.Equal([3], checkpoint.Tensor("x").Floats.ToArray());
    }

    [Fact]
    public void Says_which_tensor_the_folder_lacks()
    {
        Write("model.safetensors", "x", 3);
        using var checkpoint = Checkpoint.Open(folder.Root);

        var thrown = Assert.Throws<InvalidDataException>(() => { checkpoint.Tensor("lm_head.weight"); });

        Assert.Equal(
            $"{folder.Root}: the checkpoint has no tensor 'lm_head.weight'; it has, for one, 'x'.", thrown.Message);
    }

    [Fact]
    public void Says_which_file_has_another_shape()
    {
        Write("model.safetensors", "x", 3);
        using var checkpoint = Checkpoint.Open(folder.Root);

        var thrown = Assert.Throws<InvalidDataException>(() => { checkpoint.Tensor("x", new Shape(2, 3)); });

        Assert.Equal($"{folder.Path("model.safetensors")}: 'x' is [1], expected [2, 3].", thrown.Message);
    }

    [Fact]
    public void Says_that_there_is_no_folder()
    {
        var path = folder.Path("nowhere");
        var thrown = Assert.Throws<DirectoryNotFoundException>(() => Checkpoint.Open(path));

        Assert.Equal($"{path}: there is no such folder.", thrown.Message);
    }

    [Fact]
    public void Says_that_a_folder_has_no_weights()
    {
        var thrown = Assert.Throws<FileNotFoundException>(() => Checkpoint.Open(folder.Root));

        Assert.Equal(
            $"{folder.Root}: there is neither model.safetensors nor {Index}; save the weights as safetensors.",
            thrown.Message);
    }

    [Theory]
    [InlineData("../a.safetensors")]
    [InlineData("..")]
    [InlineData("/etc/passwd")]
    [InlineData("sub/a.safetensors")]
    [InlineData(@"sub\\a.safetensors")]
    [InlineData("C:a.safetensors")]
    [InlineData("")]
    public void An_index_cannot_lead_out_of_the_folder(string file)
    {
        WriteIndex($$"""{"x": "{{file}}"}""");

        var name = file.Replace(@"\\", @"\", StringComparison.Ordinal);
        Refuses($"weight_map.x is '{name}', expected the name of a file in the folder.");
    }

    [Theory]
    [InlineData("[]", "weight_map is a list of 0, expected an object.")]
    [InlineData("""{"x": 3}""", "weight_map.x is 3, expected text.")]
    [InlineData("""{"x": null}""", "weight_map.x is null, expected text.")]
    [InlineData("""{"x": "a.safetensors",}""", "is not JSON from line 1, byte 38 on.")]
    [InlineData("""{"\udc00": "a.safetensors"}""", "has a name with half a surrogate pair.")]
    public void Says_what_is_wrong_with_an_index(string map, string fault)
    {
        Write("a.safetensors", "x", 1);
        WriteIndex(map);

        Refuses(fault);
    }

    [Fact]
    public void Refuses_an_index_that_names_a_tensor_twice()
    {
        Write("a.safetensors", "x", 1);
        WriteIndex("""{"x": "a.safetensors", "x": "a.safetensors"}""");

        Assert.Throws<InvalidDataException>(() => Checkpoint.Open(folder.Root));
    }

    [Fact]
    public void A_tensor_that_is_not_where_the_index_says_matters_only_to_who_asks_for_it()
    {
        Write("a.safetensors", "x", 1);
        WriteIndex("""{"x": "a.safetensors", "y": "a.safetensors"}""");
        using var checkpoint = Checkpoint.Open(folder.Root);

        Assert.Equal([1], checkpoint.Tensor("x").Floats.ToArray());
        var thrown = Assert.Throws<InvalidDataException>(() => { checkpoint.Tensor("y"); });
        Assert.Equal(
            $"{folder.Path(Index)}: 'y' is said to be in a.safetensors, which does not have it.", thrown.Message);
    }

    [Fact]
    public void A_tensor_that_two_shards_have_is_that_which_the_index_names()
    {
        Write("a.safetensors", "x", 1);
        Write("b.safetensors", "x", 2);
        WriteIndex("""{"x": "b.safetensors", "y": "a.safetensors"}""");
        using var checkpoint = Checkpoint.Open(folder.Root);

        Assert.Equal([2], checkpoint.Tensor("x").Floats.ToArray());
    }

    [Fact]
    public void A_tensor_that_the_index_leaves_out_is_found()
    {
        Write("a.safetensors", "x", 1);
        Write("b.safetensors", "y", 2);
        WriteIndex("""{"x": "a.safetensors", "z": "b.safetensors"}""");
        using var checkpoint = Checkpoint.Open(folder.Root);

        Assert.Equal([2], checkpoint.Tensor("y").Floats.ToArray());
    }

    [Fact]
    public void Says_which_shards_are_missing_to_who_asks_for_a_tensor_of_theirs()
    {
        Write("a.safetensors", "x", 1);
        WriteIndex("""{"x": "a.safetensors", "y": "b.safetensors", "z": "c.safetensors"}""");
        using var checkpoint = Checkpoint.Open(folder.Root);

        Assert.Equal([1], checkpoint.Tensor("x").Floats.ToArray());
        var thrown = Assert.Throws<FileNotFoundException>(() => { checkpoint.Tensor("y"); });
        Assert.Equal(
            $"{folder.Path(Index)}: lists 3 files, of which 2 are not there: b.safetensors, c.safetensors; get them "
            + "again",
            thrown.Message);
    }

    [Fact]
    public void Shards_without_an_index_are_taken_if_all_are_there()
    {
        Write("model-00001-of-00002.safetensors", "x", 1);
        Write("model-00002-of-00002.safetensors", "y", 2);
        Write("model-extra.safetensors", "z", 3);
        using var checkpoint = Checkpoint.Open(folder.Root);

        Assert.Equal(["x", "y"], checkpoint.Names);
    }

    [Fact]
    public void A_disposed_checkpoint_gives_no_tensor()
    {
        Write("model.safetensors", "x", 3);
        var checkpoint = Checkpoint.Open(folder.Root);
        checkpoint.Dispose();

        Assert.Throws<ObjectDisposedException>(() => { checkpoint.Tensor("x"); });
    }

    void Refuses(string fault)
    {
        var thrown = Assert.Throws<InvalidDataException>(() => Checkpoint.Open(folder.Root));
        Assert.Equal($"{folder.Path(Index)}: {fault}", thrown.Message);
    }

    void WriteIndex(string map) =>
        folder.Write(Encoding.UTF8.GetBytes($$"""{"weight_map": {{map}}}"""), Index);

    void Write(string file, string name, float number) =>
        SafetensorsWriter.Write(
            folder.Path(file), [SafetensorsTensor.Of(name, DataType.F32, new Shape(1), new[] { number })]);
}
