// Splits the logit of the likeliest next token into what each sublayer adds, what each head adds, and what each head
// adds for each token that it reads. Writes a page that shows the result.
//   dotnet run -c Release --project samples/LogitAttribution [FOLDER [PROMPT]]

using System.Globalization;
using RatIlgpu;
using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Tracing;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var folder = args.ElementAtOrDefault(0) ?? DemoModel.Folder;
var prompt = args.ElementAtOrDefault(1) ?? "When Mary and John went to the store, John gave a drink to";

using var device = new CpuDevice();
using var model = LanguageModel.Load(folder, device);
var ids = model.EncodePrompt(prompt);
string Text(int id) => PathText.Token(model.Tokenizer.Token(id));

// What the model says next.
var answer = new TextGenerator(model).Generate(ids.AsSpan(), 1).Single();
var attributor = new LogitAttributor(model.Network);
var target = new LogitTarget(answer);

// Every sublayer, in the order of the model: the rows add up to the logit.
var sublayers = attributor.Attribute(ids.AsSpan(), target, ^1);
Console.WriteLine($"The logit of {Text(answer)} is {sublayers.Measured:F2}:");
foreach (var (term, value) in sublayers.Terms)
    Console.WriteLine($"  {term,-12} {value,7:F2}");

// The heads that add most, and the tokens they take it from.
var heads = attributor.Attribute(ids.AsSpan(), target, ^1, new() { Unit = AttributionUnit.HeadBySource });
Console.WriteLine();
Console.WriteLine("Heads, by the token they read:");
foreach (var (term, value) in heads.Largest(6))
    if (term is ResidualTerm.HeadSource head)
        Console.WriteLine($"  {head.Index} from {Text(ids[head.Source])} at {head.Source}: {value:F2}");

// The page: components as bars, and what each head reads from each token as a matrix.
AttributionPage.Render([heads, sublayers], model.Tokenizer.Token, new() { ModelName = model.Name })
    .Save("attribution.html");
Console.WriteLine();
Console.WriteLine("Wrote attribution.html");
