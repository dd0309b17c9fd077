using RatIlgpu.Testing;

namespace RatIlgpu.Tests.House;

/// <summary>The README shows what the command prints, and its links lead somewhere.</summary>
public sealed class ReadmeTests
{
    static readonly string Readme = File.ReadAllText(Repository.Path("README.md"));

    [Fact]
    public void The_paths_shown_are_those_of_the_demonstration_model()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var trace = new ReverseAttentionTracer(model)
            .TraceText("When Mary and John went to the store, John gave a drink to");
        for (var i = 0; i < trace.PathTexts.Length; i++)
            Assert.Contains($"  {i + 1}.  {trace.PathTexts[i]}\n", Readme, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_link_to_a_file_leads_somewhere()
    {
        foreach (var part in Readme.Split("](")[1..])
            if (part[..part.IndexOf(')')] is var target && !target.StartsWith("https://", StringComparison.Ordinal))
                Assert.True(Path.Exists(Repository.Path(target)), $"README.md links to {target}, which is not there.");
    }
}
