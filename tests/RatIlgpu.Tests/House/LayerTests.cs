using System.Text.RegularExpressions;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.House;

/// <summary>The arrows of docs/architecture.md inside the library; the compiler keeps those between projects.</summary>
public sealed partial class LayerTests
{
    // A folder of src/RatIlgpu, and the folders it may use. The files beside them are the vocabulary (which all may
    // use, and which uses tensors and devices) and LanguageModel, which joins model and tokenizer.
    static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Files"] = [],
        ["Tensors"] = [],
        ["Devices"] = ["Tensors"],
        ["Weights"] = ["Files", "Tensors"],
        ["Text"] = ["Files"],
        ["Models"] = ["Files", "Tensors", "Devices", "Weights"],
        ["Generation"] = ["Tensors", "Devices", "Models"],
        ["Interventions"] = ["Tensors", "Devices", "Models"],
        ["Tracing"] = ["Files", "Tensors", "Devices", "Models", "Interventions", "Text"],
        ["Verification"] = ["Files", "Tensors", "Devices", "Weights", "Models", "Text", "Tracing"],
    };

    static readonly string[] BelowLanguageModel =
        ["Files", "Tensors", "Devices", "Weights", "Text", "Models", "Interventions"];

    static string Library => Repository.Path("src", "RatIlgpu");

    [Fact]
    public void Every_folder_of_the_library_has_its_place() =>
        Assert.Equal(MayUse.Keys.Order(), Directory.GetDirectories(Library).Select(Path.GetFileName).Order());

    [Fact]
    public void Folders_use_only_what_lies_below_them()
    {
        var wrong =
            from folder in MayUse.Keys
            from file in Files(folder)
            from used in Uses(file)
            where used != folder && !MayUse[folder].Contains(used)
            select $"{Path.GetRelativePath(Library, file)} uses {used}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_lower_folders_do_not_know_the_language_model()
    {
        var wrong = BelowLanguageModel.SelectMany(Files)
            .Where(file => Code(file).Contains("LanguageModel", StringComparison.Ordinal));
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_vocabulary_knows_only_tensors_and_devices()
    {
        var wrong =
            from file in Directory.GetFiles(Library, "*.cs")
            where Path.GetFileName(file) != "LanguageModel.cs"
            from used in Uses(file)
            where used is not ("Tensors" or "Devices")
            select $"{Path.GetFileName(file)} uses {used}";
        Assert.Empty(wrong);
    }

    static string[] Files(string folder) =>
        Directory.GetFiles(Path.Combine(Library, folder), "*.cs", SearchOption.AllDirectories);

    // The folders that code names, in a using line or before the name of a type.
    static IEnumerable<string> Uses(string file) =>
        Qualifier().Matches(Code(file)).Select(found => found.Groups["folder"].Value).Where(MayUse.ContainsKey);

    static string Code(string file) => string.Join('\n', File.ReadLines(file).Select(line => line.Split("//")[0]));

    [GeneratedRegex(@"\bRatIlgpu\.(?<folder>\w+)|(?<![\w.])(?<folder>\w+)\.(?=[A-Z])")]
    private static partial Regex Qualifier();
}
