// What are the matrices of attention made of? The singular vectors of a layer, what pairs of them add to a score, what
// a head loses without one of them, and a page of it all.
//   dotnet run -c Release --project samples/Components [FOLDER]

using System.Globalization;
using RatIlgpu;
using RatIlgpu.Analysis;
using RatIlgpu.Html;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
using var device = new CpuDevice();
using var model = LanguageModel.Load(args.ElementAtOrDefault(0) ?? DemoModel.Folder, device);
var (network, layer, head) = (model.Network, model.Config.LayerCount - 1, 1);

// Or Decomposition.Load(network, layer, "components.safetensors").
var components = Decomposition.Svd(network, layer);
var ids = model.EncodePrompt("When Mary and John went to the store, John gave a drink to");
var run = new Recorder(network).Record(ids.AsSpan(), ComponentScores.Captures(layer));
var repeats = new RepeatedSequences(model.Tokenizer, model.Config.VocabularySize);
var report = ComponentReport.Of(
    network, components, run, ^1, [[.. ids]], [.. Enumerable.Range(0, 2).Select(repeats.Make)], [head]);

// With the rest, the delta and the bias, the pairs add up to the score.
var scores = report.Scores;
var key = Enumerable.Range(0, scores.Keys.Length).MaxBy(place => scores.Attention[head, place]);
var sum = 0.0;
for (var query = 0; query < scores.Values.Axes[2].Labels.Length; query++)
    for (var other = 0; other < scores.Values.Axes[3].Labels.Length; other++)
        sum += scores.Values[head, key, query, other]!.Value;
Console.WriteLine(
    $"L{layer}H{head} scores the key {scores.Keys[key]} by {scores.Scores[head, key]:F3}; its pairs: {sum:F3}");

var induction = report.Induction[0];
Console.WriteLine($"Induction {induction.Score:F2}, fed by {induction.Feeders[0].Source}");
foreach (var effect in induction.Effects.Take(3))
    Console.WriteLine($"  without {effect.Projection} component {effect.Component}: −{effect.Effects[head]:F2}");

// The strongest components of its queries, taken out of a run at the last token.
var strongest = induction.Effects.Where(effect => effect.Projection == AttentionProjection.Query).Take(4);
var without = new Recorder(network).Record(ids.AsSpan(), [new(Activation.Pattern) { Layers = [layer] }], new()
{
    Interventions =
    [
        .. strongest.Select(effect => ComponentInterventions.SubtractFromHead(
            network, components, AttentionProjection.Query, effect.Component, head, run, [ids.Length - 1])),
    ],
});
var attention = without[new Site(Activation.Pattern, layer)].Row(ids.Length - 1, head)[scores.Keys[key]];
Console.WriteLine($"Attention to it {scores.Attention[head, key]:F2}, without four query components {attention:F2}");
ComponentsPage.Render(report, model.Tokenizer.Token).Save("components.html");
Console.WriteLine("Wrote components.html");
