// Which words does the model look back at? Trace a prompt and write the page that shows it.
//   dotnet run -c Release --project samples/Trace [FOLDER [PROMPT]]

using RatIlgpu;
using RatIlgpu.Devices;
using RatIlgpu.Html;

var folder = args.ElementAtOrDefault(0) ?? DemoModel.Folder;
var prompt = args.ElementAtOrDefault(1) ?? "When Mary and John went to the store, John gave a drink to";

using var device = new CpuDevice();
using var model = LanguageModel.Load(folder, device);
var tracer = new ReverseAttentionTracer(model);

// The last token, at the last layer, with the mean of the heads.
var trace = tracer.TraceText(prompt);
foreach (var line in trace.PathTexts)
    Console.WriteLine(line);

// Another layer, one head, fewer paths.
var one = tracer.TraceText(prompt, new TraceOptions { Layer = 1, Heads = HeadAggregation.Head(0), TopBeam = 2 });
Console.WriteLine();
Console.WriteLine($"Layer {one.Layer}, head {one.Options.Heads}:");
foreach (var line in one.PathTexts)
    Console.WriteLine(line);

TracePage.Render(trace).Save("trace.html");
Console.WriteLine();
Console.WriteLine("Wrote trace.html");
