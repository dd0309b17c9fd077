using System.Text;
using System.Text.Json;

namespace RatIlgpu.Analysis.Tests.Ablation;

public sealed class AblationJsonTests : IDisposable
{
    static readonly MeanAndSpread Half = new(0.5, 0.25, 2), Single = new(1.5, double.NaN, 1), None = MeanAndSpread.Of();

    static readonly AblationSample Sample = new([5, 6], 1);

    readonly CpuDevice device = new();
    readonly LanguageModel model;

    public AblationJsonTests() => model = LanguageModel.Load(DemoModel.Folder, device);

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Fact]
    public void A_study_is_written_in_a_fixed_form()
    {
        var condition = new AblationCondition(AblatedPart.Head, AblationKind.KnockOut, [new(3, 1)]);
        var report = new AblationReport(
            new() { Kinds = [AblationKind.KnockOut] },
            [new(Sample, 1, [7], [new(new(3, 0), [0.5f, 0.5f], 0)]) { Values = [new(new(3, 1), [0.5f, 2])] }],
            [
                new(condition, [new(3, Half, None)], Single, Half, [
                    new([[new(0.5, null)]], [0.125], [8], [new(new(3, 0), [1, 0], 0.75)]),
                ]),
            ]);
        Is(AblationJson.Write(report, model),
            """
            "part":"head","kinds":["knock_out"],"everywhere":false,"predicted":[#7,#8],
            "samples":[{"sample":1,"tokens":[#5,#6],"position":1,"first":1,"predictions":[7],
            "value_lengths":[{"head":"L3H1","lengths":[0.5,2]}]}],
            "conditions":[{"condition":"L3H1 knock-out","kind":"knock_out","heads":["L3H1"],
            "layers":[{"layer":3,"projection":{"mean":0.5,"spread":0.25,"count":2},
            "cosine":{"mean":null,"spread":null,"count":0}}],
            "divergence":{"mean":1.5,"spread":null,"count":1},"changed":{"mean":0.5,"spread":0.25,"count":2},
            "samples":[{"sample":1,"layers":[{"layer":3,"projection":[0.5],"cosine":[null]}],"divergence":[0.125],
            "predictions":[8],"patterns":[{"head":"L3H0","variation":0.75}]}]}]
            """);
    }

    [Fact]
    public void A_redundancy_test_is_written_in_a_fixed_form()
    {
        var report = new RedundancyReport([new(3, 1)], [new(3, 2)], [Sample], [
            .. Enum.GetValues<RedundancyPair>().Select(pair => new RedundancyComparison(
                pair, 3, pair == RedundancyPair.ValuesAfterHeads ? None : Half, Single)),
        ]);
        var one = """{"mean":0.5,"spread":0.25,"count":2},"cosine":{"mean":1.5,"spread":null,"count":1}}""";
        var rows = Enum.GetValues<RedundancyPair>().Select(pair => pair == RedundancyPair.ValuesAfterHeads
            ? """{"pair":"values_after_heads","layer":3,"projection":{"mean":null,"spread":null,"count":0},"""
                + one[one.IndexOf("\"cosine", StringComparison.Ordinal)..]
            : $$"""{"pair":"{{AnalysisJson.Name(pair)}}","layer":3,"projection":{{one}}""");
        Is(AblationJson.Write(report, model),
            $$"""
            "heads":["L3H1"],"value_heads":["L3H2"],"redundancy":null,"own_redundancy":0,"interaction":-0.5,
            "own_interaction":-0.5,"comparisons":[{{string.Join(',', rows)}}],
            "samples":[{"sample":1,"tokens":[#5,#6],"position":1}]
            """);
    }

    [Fact]
    public void A_sweep_is_written_in_a_fixed_form()
    {
        var sweep = new OffsetSweep([new(3, 1)], [Sample], [
            new(
                3, new(Single, None),
                [new(1, new(Single, Single), new(Half, Half)), new(2, new(None, None), new(Half, Half))]),
        ]);
        var none = """{"mean":null,"spread":null,"count":0}""";
        var (half, single) =
            ("""{"mean":0.5,"spread":0.25,"count":2}""", """{"mean":1.5,"spread":null,"count":1}""");
        Is(AblationJson.Write(sweep, model),
            $$"""
            "heads":["L3H1"],"layers":[{"layer":3,"heads_alone":{"projection":{{single}},"cosine":{{none}}},
            "offsets":[{"offset":1,"values":{"projection":{{single}},"cosine":{{single}}},
            "both":{"projection":{{half}},"cosine":{{half}}},"difference":1},
            {"offset":2,"values":{"projection":{{none}},"cosine":{{none}}},
            "both":{"projection":{{half}},"cosine":{{half}}},"difference":null}]}],
            "samples":[{"sample":1,"tokens":[#5,#6],"position":1}]
            """);
    }

    [Fact]
    public void A_comparison_of_attention_is_written_in_a_fixed_form()
    {
        var comparison = new AttentionComparison(
            3, [Sample], [new(AblatedPart.Head, AblationKind.Zero, [new(2, 1)])],
            [new(new(3, 0), [Single, Half], [new([Half, None], [None, new(0.5, 0.5, 4)])])])
        { Everywhere = true };
        Is(AblationJson.Write(comparison, model),
            """
            "layer":3,"everywhere":true,"conditions":[{"condition":"L2H1 zero","kind":"zero","heads":["L2H1"]}],
            "heads":[{"head":"L3H0","before":[{"mean":1.5,"spread":null,"count":1},
            {"mean":0.5,"spread":0.25,"count":2}],"conditions":[{"after":[{"mean":0.5,"spread":0.25,"count":2},
            {"mean":null,"spread":null,"count":0}],"difference":[{"mean":null,"spread":null,"count":0},
            {"mean":0.5,"spread":0.5,"count":4}],"standard_error":[null,0.25]}]}],
            "samples":[{"sample":1,"tokens":[#5,#6],"position":1}]
            """);
    }

    [Fact]
    public void Text_stream_and_file_have_the_same_bytes_run_after_run()
    {
        int[] ids = [.. model.Tokenizer.Encode("When Mary and John went").Ids];
        var (text, path) = (Run(), Path.GetTempFileName());
        Assert.Equal(text, Run());
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
        AblationJson.Save(Report(), model, path, new() { Command = "ratilgpu ablate" });
        Assert.Equal(text, File.ReadAllText(path));
        File.Delete(path);
        using var stream = new MemoryStream();
        AblationJson.Write(Report(), model, stream, new() { Command = "ratilgpu ablate" });
        Assert.Equal(text, Encoding.UTF8.GetString(stream.ToArray()));

        AblationReport Report() =>
            AblationStudy.Run(model.Network, [new([.. ids], 2), new([.. ids], 4)], new() { Heads = [new(1, 0)] });
        string Run() => AblationJson.Write(Report(), model, new() { Command = "ratilgpu ablate" });
    }

    // Of the whole file without its head, with #id in the place of a token, and without its layout.
    void Is(string json, string expected)
    {
        using var parsed = JsonDocument.Parse(json);
        var found = JsonSerializer.Serialize(parsed.RootElement);
        foreach (var id in (int[])[5, 6, 7, 8])
            found = found.Replace(
                JsonSerializer.Serialize(new { id, text = model.Tokenizer.Token(id).Text }), $"#{id}",
                StringComparison.Ordinal);
        var line = expected.Replace("\n", "", StringComparison.Ordinal);
        Assert.EndsWith($"}},{line}}}", found, StringComparison.Ordinal);
    }
}
