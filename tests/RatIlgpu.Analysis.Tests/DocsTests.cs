using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>The code that docs/analysis.md shows compiles and runs.</summary>
public sealed class DocsTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_code_shown_runs()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var ids = model.EncodePrompt("When Mary and John went to the store, John gave a drink to");

        // Make: the patterns of all layers, and the stream before layer 2 at the last position.
        var run = new Recorder(model.Network).Record(ids.AsSpan(),
        [
            new(Activation.Pattern),
            new(Activation.ResidualBefore) { Layers = [2], Positions = [^1] },
        ]);

        // Read: by layer, then position and head. A row of a pattern is [keys], one of the stream [width].
        ReadOnlySpan<float> attention = run[new(Activation.Pattern, 3)].Row(13, 1);
        Console.WriteLine($"L3H1 attends from \" to\" to \" John\" at 3: {attention[3]:F2}");
        ReadOnlySpan<float> stream = run[new(Activation.ResidualBefore, 2)].Row(13);
        ReadOnlySpan<float> all = run[new(Activation.Pattern, 3)].Values;
        Console.WriteLine($"{stream.Length} numbers of the stream, {all.Length} of the patterns [8, 14, 14]");

        // Save and load.
        run.Save(At("run.safetensors"));
        var same = Recording.Load(At("run.safetensors"));

        // Which heads attend to the previous token?
        foreach (var (head, score) in HeadPatternDetector.Score(run, HeadPatternKind.PreviousToken))
            Console.WriteLine($"{head} {score:F2}");

        // By how much is the logit of " Mary" above that of " John", with and without L1H0?
        var mary = model.Tokenizer.TokenOf(" Mary");
        var john = model.Tokenizer.TokenOf(" John");
        var metric = new LogitMetric.Logit(new(mary, john), ^1);
        var silent = Intervention.Zero(InterventionTarget.At(model.Network, Activation.HeadOutput, 1, [0]));
        Console.WriteLine(metric.Measure(model.Network, ids.AsSpan()));
        Console.WriteLine(metric.Measure(model.Network, ids.AsSpan(), [silent]));

        // Which parts of the model write it? Print, then save.
        var found = new LogitAttributor(model.Network).Attribute(ids.AsSpan(), new(mary, john), ^1);
        foreach (var (term, value) in found.Terms)
            Console.WriteLine($"{term} {value:F2}");
        AttributionJson.Save(found, model, At("attribution.json"));

        // Which key does the last token of each head of layer 3 attend to most, by what the head writes of it?
        var reader = new AttentionReader(model.Network);
        reader.Read(new AnalysisPrompt(ids), new AttentionOptions { Layers = [3], InfoFactors = true }, head =>
        {
            var row = new float[head.TokenCount];
            head.CopyRows(head.TokenCount - 1, row);
            var key = Enumerable.Range(0, row.Length).MaxBy(key => row[key] * head.InfoFactors!.Value[key]);
            Console.WriteLine($"{head.Head} reads {key}: {row[key]:F2}");
        });

        // Two prompts at once: mean and spread of each row.
        var other = model.EncodePrompt("When John and Mary went to the store, Mary gave a drink to");
        var both = new LogitAttributor(model.Network).AttributeAll(
        [
            new(ids) { Target = new(mary, john) },
            new(other) { Target = new(john, mary) },
        ]);
        foreach (var (term, value) in both.Mean)
            Console.WriteLine($"{term} {value.Mean:F2} ± {value.Spread:F2}");

        // Two pairs: each prompt's heads put into a run of the other, one by one.
        PatchCase[] cases =
        [
            new(new(ids.AsSpan(), other.AsSpan()), metric),
            new(new(other.AsSpan(), ids.AsSpan()), new LogitMetric.Logit(new(john, mary), ^1)),
        ];
        var target = new PatchTarget(Activation.HeadOutput, PatchAxes.Head);
        var patches = new ActivationPatching(model.Network).SweepPairs(cases, target);
        foreach (var (cell, effect) in patches.Largest(3))
            Console.WriteLine($"{cell} {effect.Mean:F2} ± {effect.Spread:F2}");

        Assert.Equal("L3H1 attends from \" to\" to \" John\" at 3: 1.00", Console.Lines[0]);
        Assert.Equal("128 numbers of the stream, 1568 of the patterns [8, 14, 14]", Console.Lines[1]);
        Assert.Equal(all, same[new(Activation.Pattern, 3)].Values);
        Assert.True(File.Exists(At("attribution.json")));
    }

    [Fact]
    public void The_code_that_runs_is_the_code_shown()
    {
        var docs = File.ReadAllText(Repository.Path("docs", "analysis.md"));
        var source = Lines(File.ReadAllText(Repository.Path("tests", "RatIlgpu.Analysis.Tests", "DocsTests.cs")))
            .Select(line => line.Replace("At(\"", "\"").Replace("\"))", "\")").Replace("\"),", "\",")).ToList();
        var shown = docs.Split("```csharp\n")[1..].SelectMany(block => Lines(block.Split("```")[0]))
            .Where(line => !line.StartsWith("using RatIlgpu", StringComparison.Ordinal)).ToList();
        var start = source.IndexOf(shown[0]);
        Assert.Equal(shown, source.Skip(start).Take(shown.Count));
    }

    static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0);

    string At(string file) => Path.Combine(folder, file);

    // Replaces System.Console: keeps the lines instead of printing them.
    static class Console
    {
        public static List<string> Lines { get; } = [];

        public static void WriteLine(object line) => Lines.Add($"{line}");
    }
}
