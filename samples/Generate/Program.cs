// Let a model write, and see where the token it wrote first came from.
//   dotnet run -c Release --project samples/Generate [FOLDER [PROMPT]]

using RatIlgpu;

var folder = args.ElementAtOrDefault(0) ?? DemoModel.Folder;
var prompt = args.ElementAtOrDefault(1) ?? "When Mary and John went to the store, John gave a drink to";

using var device = new CpuDevice();
using var model = LanguageModel.Load(folder, device);
var generator = new TextGenerator(model);
var ids = model.EncodePrompt(prompt);

// The likeliest continuation, then two sampled ones; the same seed always gives the same text.
var likeliest = generator.Generate(ids.AsSpan(), 12).ToArray();
Console.WriteLine(prompt + model.Tokenizer.Decode(likeliest));
foreach (var seed in new[] { 1, 2 })
{
    var options = new SamplingOptions { Temperature = 1, TopP = 0.9, Seed = seed };
    var sampled = generator.Generate(ids.AsSpan(), 12, options);
    Console.WriteLine(prompt + model.Tokenizer.Decode([.. sampled]));
}

// The first generated token stands right behind the prompt.
var trace = new ReverseAttentionTracer(model).Trace(
    [.. ids, .. likeliest], new TraceOptions { TargetPosition = ids.Length, TopBeam = 3 });
Console.WriteLine();
foreach (var line in trace.PathTexts)
    Console.WriteLine(line);
