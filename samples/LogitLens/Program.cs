// What would the model say if it stopped after each layer? Unembeds the residual stream on its way, and writes a page
// of all positions.
//   dotnet run -c Release --project samples/LogitLens [FOLDER [PROMPT]]

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
var answer = new TextGenerator(model).Generate(ids.AsSpan(), 1).Single();
string Show(LensToken token) => $"{PathText.Token(model.Tokenizer.Token(token.Id))} {token.Probability * 100:F1} %";

// Every position, with the answer followed from the embedding on.
var everywhere = new AnalysisPrompt([.. ids])
{
    Positions = [.. Enumerable.Range(0, ids.Length).Select(position => (Index)position)],
    Target = new(answer),
};
var lens = new LogitLens(model.Network).ReadAll([everywhere], new() { Top = 3 });

foreach (var state in lens.Prompts[0].States.Where(state => state.Position == ids.Length - 1))
{
    var likeliest = string.Join(", ", state.Top.Select(Show));
    Console.WriteLine($"{state.State,-10}  {likeliest}; the answer is number {state.Tokens[0].Rank}");
}

LensPage.Render(lens, model.Tokenizer.Token, new() { Title = prompt }).Save("lens.html");
Console.WriteLine("Wrote lens.html");
