// Which heads does the answer need? Silences one head after the other and watches the answer's probability.
//   dotnet run -c Release --project samples/Ablate [FOLDER [PROMPT]]

using System.Globalization;
using RatIlgpu;
using RatIlgpu.Analysis;
using RatIlgpu.Tracing;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var folder = args.ElementAtOrDefault(0) ?? DemoModel.Folder;
var prompt = args.ElementAtOrDefault(1) ?? "When Mary and John went to the store, John gave a drink to";

using var device = new CpuDevice();
using var model = LanguageModel.Load(folder, device);
var (qwen, ids) = (model.Network, model.Tokenizer.Encode(prompt).Ids);
var answer = new TextGenerator(model).Generate(ids.AsSpan(), 1).Single();
var metric = new LogitMetric.LogProbability(answer, ^1);
double Probability(params Intervention[] changes) => Math.Exp(metric.Measure(qwen, ids.AsSpan(), [.. changes]));

Console.WriteLine($"{PathText.Token(model.Tokenizer.Token(answer))}: {Probability() * 100:F1} %");

// The output of a head is set to 0, or to its mean over the prompt.
var run = new Recorder(qwen).Record(ids.AsSpan(), [new(Activation.HeadOutput)]);
var silenced =
    from layer in Enumerable.Range(0, model.Config.LayerCount)
    from head in Enumerable.Range(0, model.Config.HeadCount)
    let output = InterventionTarget.At(qwen, Activation.HeadOutput, layer, [head])
    let zero = Probability(Intervention.Zero(output))
    let mean = Probability(Intervention.Mean(output, run))
    orderby zero, layer, head
    select $"  {new HeadIndex(layer, head)}: zero {zero * 100:F1} %, mean {mean * 100:F1} %";
Console.WriteLine("Without one head, the most needed first:");
foreach (var line in silenced.Take(6))
    Console.WriteLine(line);

// Interventions hold in a generation too: the text without the most needed head.
var needed = InterventionTarget.At(qwen, Activation.HeadOutput, 1, [0]);
var generator = new TextGenerator(model) { Probe = new InterventionProbe(qwen, Intervention.Zero(needed)) };
Console.WriteLine($"Without L1H0 it goes on:{model.Tokenizer.Decode([.. generator.Generate(ids.AsSpan(), 8)])}");
