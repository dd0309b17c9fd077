// What is left without a head? Each head of a layer is taken away at one position of some texts, by zeros and by its
// mean; then the head that matters most is asked whether it has all that the token before gives.
//   dotnet run -c Release --project samples/AblationStudy [FOLDER]

using System.Globalization;
using RatIlgpu;
using RatIlgpu.Analysis;
using RatIlgpu.Html;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
using var device = new CpuDevice();
using var model = LanguageModel.Load(args.ElementAtOrDefault(0) ?? DemoModel.Folder, device);

// Positions are drawn with a seed; none is the first, since the test below looks at the token before.
var texts = new TextSequences(model.Tokenizer, model.Config.VocabularySize, new() { Most = 96 });
var samples = AblationSample.Draw(texts, TextCorpus.BuiltIn, count: 8, least: 1);

var report = AblationStudy.Run(model.Network, samples, new() { Layer = 1 });
foreach (var effect in report.Conditions.OrderByDescending(effect => effect.Divergence.Mean).Take(5))
    Console.WriteLine(
        $"{effect.Condition}: KL {effect.Divergence.Mean:F3} nats, {effect.Changed.Mean * 100:F0} % of predictions "
        + $"change, {effect.Layers[0].Projection.Mean:F2} of the layer's output is left");

// A: without the head at t. B: without the values at t − 1. R is 1 where A takes away all that B does.
var head = report.Conditions.MaxBy(effect => effect.Divergence.Mean)!.Condition.Heads[0];
var test = RedundancyStudy.Run(model.Network, samples, [head]);
Console.WriteLine(
    $"{head} and the values at t − 1: R {test.Redundancy:F2} for all heads, {test.OwnRedundancy:F2} for its own");

AblationPage.Render(report, model.Tokenizer.Token).Save("ablation.html");
Console.WriteLine("Wrote ablation.html");
