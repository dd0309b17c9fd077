using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Tests.Weights;

public sealed class ModelFolderTests : IDisposable
{
    const string Name = "Qwen/Qwen2.5-0.5B";
    const string Stored = "models--Qwen--Qwen2.5-0.5B";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_is_itself() => Assert.Equal(folder.Root, ModelFolder.Find(folder.Root));

    [Theory]
    [InlineData("HF_HUB_CACHE", "")]
    [InlineData("HF_HOME", "hub")]
    [InlineData("XDG_CACHE_HOME", "huggingface/hub")]
    public void A_name_is_the_main_snapshot_of_the_cache(string variable, string below)
    {
        var main = Snapshot(below, "abc123");
        Snapshot(below, "def456");
        folder.Write("abc123\n"u8.ToArray(), below, Stored, "refs", "main");

        Assert.Equal(main, ModelFolder.Find(Name, asked => asked == variable ? folder.Root : null));
    }

    [Fact]
    public void Without_a_main_the_newest_snapshot_is_taken()
    {
        var newest = Snapshot("", "abc123");
        Directory.SetLastWriteTimeUtc(newest, new DateTime(2025, 2, 1, 0, 0, 0, DateTimeKind.Utc));
        Directory.SetLastWriteTimeUtc(Snapshot("", "def456"), new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        Assert.Equal(newest, Find(Name));
    }

    [Fact]
    public void Says_that_a_file_is_no_folder()
    {
        var path = folder.Write([1], "model.safetensors");
        var thrown = Assert.Throws<InvalidDataException>(() => Find(path));

        Assert.Equal($"{path}: is a file, expected the folder of a model.", thrown.Message);
    }

    [Fact]
    public void Says_where_it_looked_and_how_to_get_a_model()
    {
        var thrown = Assert.Throws<DirectoryNotFoundException>(() => Find(Name));

        Assert.Equal(
            $"{Name}: there is no such folder, and {folder.Root} does not hold that model; get it with: "
            + $"hf download {Name}", thrown.Message);
    }

    [Fact]
    public void A_main_that_was_not_downloaded_is_not_replaced_by_another_snapshot()
    {
        Snapshot("", "def456");
        folder.Write("abc123"u8.ToArray(), Stored, "refs", "main");

        Assert.Throws<DirectoryNotFoundException>(() => Find(Name));
    }

    [Fact]
    public void A_cache_without_snapshots_holds_no_model()
    {
        Directory.CreateDirectory(folder.Path(Stored, "snapshots"));

        Assert.Throws<DirectoryNotFoundException>(() => Find(Name));
    }

    [Theory]
    [InlineData("../..")]
    [InlineData("abc/def")]
    [InlineData("..")]
    public void Says_that_main_names_no_snapshot(string revision)
    {
        Snapshot("", "abc");
        var main = folder.Write(System.Text.Encoding.ASCII.GetBytes(revision), Stored, "refs", "main");

        var thrown = Assert.Throws<InvalidDataException>(() => Find(Name));

        Assert.Equal($"{main}: holds '{revision}', expected the name of a snapshot.", thrown.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../secret")]
    [InlineData("org/-name")]
    [InlineData("org/.hidden")]
    [InlineData("org/a..b")]
    [InlineData("org/a--b")]
    [InlineData("org/name/more")]
    [InlineData("/org/name")]
    [InlineData(@"org\name")]
    [InlineData("org/na me")]
    [InlineData("org/")]
    [InlineData("name")]
    public void Says_that_this_is_no_name(string text)
    {
        var thrown = Assert.Throws<DirectoryNotFoundException>(() => Find(text));

        Assert.Equal(
            $"'{text}': there is no such folder; a model in the Hugging Face cache is named by its owner and its name, "
            + "such as Qwen/Qwen2.5-0.5B.",
            thrown.Message);
    }

    string Find(string name) => ModelFolder.Find(name, asked => asked == "HF_HUB_CACHE" ? folder.Root : null);

    string Snapshot(string below, string revision) =>
        Directory.CreateDirectory(folder.Path(below, Stored, "snapshots", revision)).FullName;
}
