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
var (qwen, ids) = (model.Network, model.EncodePrompt(prompt));
var answer = new TextGenerator(model).Generate(ids.AsSpan(), 1).Single();
var metric = new LogitMetric.LogProbability(answer, ^1);
double Probability(params Intervention[] changes) => Math.Exp(metric.Measure(qwen, ids.AsSpan(), [.. changes]));

Console.WriteLine($"{PathText.Token(model.Tokenizer.Token(answer))}: {Probability() * 100:F1} %");

// The output of a head is set to 0, or to its mean over the prompt.
InterventionTarget Output(HeadIndex head) =>
    InterventionTarget.At(qwen, Activation.HeadOutput, head.Layer, [head.Head]);
var run = new Recorder(qwen).Record(ids.AsSpan(), [new(Activation.HeadOutput)]);
var silenced = (
    from layer in Enumerable.Range(0, model.Config.LayerCount)
    from head in Enumerable.Range(0, model.Config.HeadCount).Select(head => new HeadIndex(layer, head))
    let zero = Probability(Intervention.Zero(Output(head)))
    orderby zero, head
    select (Head: head, Zero: zero, Mean: Probability(Intervention.Mean(Output(head), run)))).ToList();
Console.WriteLine("Without one head, the most needed first:");
foreach (var (head, zero, mean) in silenced.Take(6))
    Console.WriteLine($"  {head}: zero {zero * 100:F1} %, mean {mean * 100:F1} %");

// Interventions hold in a generation too: the text with all heads, and without the most needed one.
var needed = silenced[0].Head;
foreach (var (name, changes) in new (string, Intervention[])[]
    { ("With all heads", []), ($"Without {needed}", [Intervention.Zero(Output(needed))]) })
{
    using var probe = new InterventionProbe(qwen, changes);
    var generator = new TextGenerator(model) { Probe = probe };
    Console.WriteLine($"{name} it goes on:{model.Tokenizer.Decode([.. generator.Generate(ids.AsSpan(), 8)])}");
}
