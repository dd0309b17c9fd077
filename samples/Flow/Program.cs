// Where does what stands at the last word come from, through all layers? The share of each word, and the best paths.
//   dotnet run -c Release --project samples/Flow [FOLDER [PROMPT]]

using System.Globalization;
using RatIlgpu;
using RatIlgpu.Html;
using RatIlgpu.Tracing;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var folder = args.ElementAtOrDefault(0) ?? DemoModel.Folder;
var prompt = args.ElementAtOrDefault(1) ?? "When Mary and John went to the store, John gave a drink to";

using var device = new CpuDevice();
using var model = LanguageModel.Load(folder, device);
var tracer = new FlowTracer(model);

// By what attention brings: the tokens with the largest shares, which sum to 1 over all tokens.
var flow = tracer.TraceText(prompt);
foreach (var (position, share) in flow.Shares.Index().OrderByDescending(one => one.Item).Take(4))
    Console.WriteLine($"{100 * share,5:F1} % {PathText.Token(flow.Tokens[position])} at position {position}");
Console.WriteLine();
foreach (var line in flow.PathTexts)
    Console.WriteLine(line);
Console.WriteLine($"These paths carry {100 * flow.PathShare:F1} % of the whole.");
FlowPage.Render(flow).Save("flow.html");
Console.WriteLine("Wrote flow.html");

// By attention alone, every layer keeps half of each position.
var rollout = tracer.TraceText(prompt, new FlowOptions { Method = FlowMethod.Rollout });
Console.WriteLine();
Console.WriteLine($"By attention alone {PathText.Token(flow.Tokens[0])} has {100 * rollout.Shares[0]:F1} %.");

// What moves in the last layer alone, from the name to the end?
var last = tracer.TraceText(prompt, new FlowOptions { FromLayer = ^1 });
foreach (var move in last.Paths.SelectMany(path => path.Moves).Take(1))
    Console.WriteLine(
        $"In layer {move.Layer}, {PathText.Token(last.Tokens[move.From])} gives {100 * move.Flow:F1} % to "
        + $"{PathText.Token(last.Tokens[move.To])}.");
