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

    [Theory]
    [InlineData("HF_HUB_CACHE", "~/a/hub", "a/hub")]
    [InlineData("HF_HUB_CACHE", "$HOME/a/hub", "a/hub")]
    [InlineData("HF_HUB_CACHE", "${HOME}/a/$PART", "a/hub")]
    [InlineData("HUGGINGFACE_HUB_CACHE", "~/a/hub", "a/hub")]
    [InlineData("HF_HOME", "~/a", "a/hub")]
    [InlineData("XDG_CACHE_HOME", "~", "huggingface/hub")]
    [InlineData("TRANSFORMERS_CACHE", "~/old", "old")]
    public void What_no_shell_has_replaced_in_the_place_of_the_cache_is_replaced(
        string variable, string value, string at)
    {
        var main = Snapshot(at, "abc123");

        Assert.Equal(main, ModelFolder.Find(Name, asked => asked == variable ? value : Home(asked)));
    }

    [Fact]
    public void The_newer_of_two_variables_comes_first()
    {
        var newer = Snapshot("newer", "abc123");
        Snapshot("older", "abc123");
        Snapshot("hub", "abc123");

        Assert.Equal(newer, ModelFolder.Find(Name, asked => asked switch
        {
            "HF_HUB_CACHE" => "~/newer",
            "HUGGINGFACE_HUB_CACHE" or "TRANSFORMERS_CACHE" => "~/older",
            "HF_HOME" => "~",
            _ => Home(asked),
        }));
    }

    [Fact]
    public void A_folder_below_home_that_no_shell_has_replaced_is_found()
    {
        Directory.CreateDirectory(folder.Path("models", "tiny"));

        Assert.Equal(folder.Path("models/tiny"), ModelFolder.Find("~/models/tiny", Home));
    }

    [Theory]
    [InlineData("~", "/home/me")]
    [InlineData("~/a", "/home/me/a")]
    [InlineData("~other/a", "~other/a")]
    [InlineData("a/~/b", "a/~/b")]
    [InlineData("$A/${A}/$A.B/$AB", "one/one/one.B/$AB")]
    [InlineData("$UNSET/${UNSET}/$/${", "$UNSET/${UNSET}/$/${")]
    [InlineData("%A%/'$A'/$$A", "%A%/'one'/$one")]
    public void A_path_is_expanded_as_in_Python(string path, string expected) =>
        Assert.Equal(expected, HubCache.Expand(path, Variables, isWindows: false));

    [Theory]
    [InlineData(@"~\a", @"C:\me\a")]
    [InlineData("~/a", @"C:\me/a")]
    [InlineData("%A%/$A/${A}/$A-b", "one/one/one/$A-b")]
    [InlineData("%UNSET%/50%", "%UNSET%/50%")]
    [InlineData("%%A%%/$$A", "%A%/$A")]
    [InlineData("'%A%'/%A%", "'%A%'/one")]
    public void A_path_of_Windows_is_expanded_as_in_Python(string path, string expected) =>
        Assert.Equal(expected, HubCache.Expand(path, Variables, isWindows: true));

    [Theory]
    [InlineData("")]
    [InlineData("snapshots")]
    [InlineData("snapshots/abc123")]
    public void The_folder_of_a_model_of_the_cache_is_its_main_snapshot(string part)
    {
        var main = Snapshot("hub", "abc123");
        Snapshot("hub", "def456");
        folder.Write("abc123"u8.ToArray(), "hub", Stored, "refs", "main");

        Assert.Equal(main, ModelFolder.Find(folder.Path("hub", Stored, part).TrimEnd('/')));
    }

    [Fact]
    public void Says_which_snapshots_a_model_of_the_cache_has_instead()
    {
        var other = Snapshot("", "def456");
        folder.Write("abc123"u8.ToArray(), Stored, "refs", "main");
        folder.Write([1], Stored, "blobs", "0.incomplete");
        var model = folder.Path(Stored);

        var thrown = Assert.Throws<InvalidDataException>(() => ModelFolder.Find(model));
        Assert.Equal(
            $"{model}: has not the snapshot that refs/main names, but others: {other}; the download stopped early "
            + $"(0.incomplete); get the rest with: hf download {Name}",
            thrown.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hub")]
    public void Says_which_models_a_whole_cache_has(string below)
    {
        Snapshot(below, "abc123");
        var model = folder.Path(below, Stored);

        var thrown = Assert.Throws<InvalidDataException>(() => ModelFolder.Find(folder.Root));
        Assert.Equal(
            $"{folder.Root}: is a cache of Hugging Face, expected one of its models: {model}", thrown.Message);
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

    string? Home(string asked) => asked switch
    {
        "HOME" => folder.Root,
        "PART" => "hub",
        _ => null,
    };

    static string? Variables(string asked) => asked switch
    {
        "HOME" => "/home/me/",
        "USERPROFILE" => @"C:\me",
        "A" => "one",
        _ => null,
    };

    string Snapshot(string below, string revision) =>
        Directory.CreateDirectory(folder.Path(below, Stored, "snapshots", revision)).FullName;
}
