using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests;

public sealed class ModelOptionsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Weights_that_are_links_count_as_what_they_lead_to()
    {
        folder.Write(new byte[300], "blobs", "a");
        folder.Write(new byte[20], "snapshot", "model-00001-of-00003.safetensors");
        folder.Write(new byte[7000], "snapshot", "tokenizer.json");
        File.CreateSymbolicLink(
            folder.Path("snapshot", "model-00002-of-00003.safetensors"), Path.Combine("..", "blobs", "a"));

        // What is not there is said when the weights are opened.
        File.CreateSymbolicLink(folder.Path("snapshot", "model-00003-of-00003.safetensors"), "nothing");
        Assert.Equal(320, ModelOptions.WeightBytesOf(folder.Path("snapshot")));
    }
}
