using System.Text.Json;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Cases;

/// <summary>A checkpoint of tests/cases: the files of one folder there over those of <c>base</c>.</summary>
sealed class CaseFolder : IDisposable
{
    readonly TemporaryFolder folder = new();

    /// <summary>Puts a checkpoint together.</summary>
    /// <param name="name">The folder of tests/cases; null for the base alone.</param>
    public CaseFolder(string? name = null)
    {
        var own = name is null ? [] : Directory.GetFiles(Of(name)).ToDictionary(file => Path.GetFileName(file)!);
        var hasWeights = own.Keys.Any(file => file.Contains(".safetensors", StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(Of("base")))
            if (Path.GetFileName(file) is var known && !own.ContainsKey(known)
                && !(hasWeights && known == "model.safetensors"))
                own[known] = file;
        Directory.CreateDirectory(Root);
        foreach (var (file, source) in own)
            File.Copy(source, Path.Combine(Root, file));
    }

    /// <summary>Gets the folder of the checkpoint.</summary>
    public string Root => folder.Path("model");

    /// <summary>Returns a folder of tests/cases.</summary>
    public static string Of(string name) => Repository.Path("tests", "cases", name);

    /// <summary>Writes a file of the checkpoint.</summary>
    public CaseFolder With(string file, string content)
    {
        File.WriteAllText(Path.Combine(Root, file), content);
        return this;
    }

    /// <summary>Replaces text in a file of the checkpoint, which has to have it.</summary>
    public CaseFolder With(string file, string old, string now)
    {
        var text = File.ReadAllText(Path.Combine(Root, file));
        Assert.Contains(old, text, StringComparison.Ordinal);
        return With(file, text.Replace(old, now, StringComparison.Ordinal));
    }

    /// <summary>Deletes a file of the checkpoint.</summary>
    public CaseFolder Without(string file)
    {
        File.Delete(Path.Combine(Root, file));
        return this;
    }

    /// <summary>Runs a command on the checkpoint.</summary>
    public CommandRun Run(string command, params string[] args)
    {
        string[] output = command == "trace" ? ["--output", folder.Path("output")] : [];
        return CommandRun.Of([command, "--model", Root, .. output, .. args]);
    }

    /// <summary>Returns the ids of a text.</summary>
    public int[] Ids(string text)
    {
        var run = Run("tokenize", "--json", "-", text);
        Assert.Equal("", run.Error);
        using var json = JsonDocument.Parse(run.Output);
        return [.. json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
    }

    public void Dispose() => folder.Dispose();
}
