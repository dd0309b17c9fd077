using System.Text.Json;

namespace RatIlgpu.Analysis.Tests;

/// <summary>Results, and their JSON, have a line for each intervention in their run, as its recording has.</summary>
public sealed class ChangedRunJsonTests : IDisposable
{
    static readonly HeadIndex Head = new(2, 1);

    readonly CpuDevice device = new();
    readonly LanguageModel model;
    readonly int[] ids;
    readonly Recording changed;

    public ChangedRunJsonTests()
    {
        model = LanguageModel.Load(DemoModel.Folder, device);
        ids = [.. model.Tokenizer.Encode("When Mary and John went").Ids];
        changed = new Recorder(model.Network).Record(
            ids, [.. Enum.GetValues<Activation>().Select(one => new Capture(one))],
            new()
            {
                Interventions =
                [
                    At(Activation.HeadOutput, 1, [0]),
                    Intervention.Edit(
                        InterventionTarget.At(model.Network, Activation.MlpOutput), (_, _, _) => { }, "a \ud83d line"),
                ],
            });
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Fact]
    public void Attributions_states_and_explanations_have_the_lines_of_the_run()
    {
        var attribution = new LogitAttributor(model.Network).Attribute(changed, new(ids[1]), ^1);
        Has(attribution.Interventions, AttributionJson.Write(attribution, model));
        var lens = new LogitLens(model.Network).ReadAll([new([.. ids]) { Run = changed }]);
        Has(lens.Prompts[0].Interventions, LensJson.Write(lens, model));
        var explained = new AttentionScoreAttributor(model.Network).Explain(changed, Head, ^1, [1]);
        Has(explained[0].Interventions, ScoreAttributionJson.Write([explained], model));
        Has(
            changed.Interventions,
            AttentionJson.Write([new([.. ids], null, []) { Interventions = changed.Interventions }], model));

        void Has(ValueArray<string> lines, string json)
        {
            Assert.Equal(changed.Interventions, lines);
            Assert.Equal(
                ["zero HeadOutput of layer 1, heads 0", "a \ufffd line MlpOutput of layer 0"], Lines(json));
        }
    }

    [Fact]
    public void Results_of_a_run_as_it_is_have_none()
    {
        var attribution = new LogitAttributor(model.Network).Attribute(ids, new(ids[1]), ^1);
        Assert.Empty(attribution.Interventions);
        Assert.Empty(Lines(AttributionJson.Write(attribution, model)));
        Assert.Empty(Lines(AttentionJson.Write([new([.. ids], null, [])], model)));
    }

    [Fact]
    public void A_verified_explanation_has_the_interventions_behind_its_layer_too()
    {
        ValueArray<Intervention> all = [At(Activation.HeadOutput, 1, [0]), At(Activation.HeadOutput, 3, [2])];
        var found = new AttentionScoreAttributor(model.Network).Explain(
            ids, Head, ^1, 1, recording: new() { Interventions = [all[0]] });
        var verified = new ScoreVerifier(model.Network).Verify(found, count: 1, interventions: all);
        Assert.Equal(["zero HeadOutput of layer 1, heads 0"], found.Interventions);
        Assert.Equal(
            ["zero HeadOutput of layer 1, heads 0", "zero HeadOutput of layer 3, heads 2"], verified.Interventions);
    }

    Intervention At(Activation activation, int layer, ImmutableArray<int> heads) =>
        Intervention.Zero(InterventionTarget.At(model.Network, activation, layer, heads));

    static IEnumerable<string?> Lines(string json) =>
        JsonDocument.Parse(json).RootElement.GetProperty("interventions").EnumerateArray()
            .Select(line => line.GetString());
}
