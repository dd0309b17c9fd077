// Which heads carry the name, and along which paths? Two pages and a figure.
//   dotnet run -c Release --project samples/PatchPage [FOLDER]

using System.Globalization;
using RatIlgpu;
using RatIlgpu.Analysis;
using RatIlgpu.Html;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
using var device = new CpuDevice();
using var model = LanguageModel.Load(args.ElementAtOrDefault(0) ?? DemoModel.Folder, device);
int[] Ids(string name) =>
    [.. model.EncodePrompt($"When Mary and John went to the store, {name} gave a drink to")];
int Token(string text) => model.Tokenizer.Encode(text).Ids.Single();

// In the corrupted prompt the other name comes twice, so that John gets the drink.
var pair = new PromptPair(Ids("John"), Ids("Mary"));
var metric = new LogitMetric.Logit(new(Token(" Mary"), Token(" John")), ^1);

var heads = new ActivationPatching(model.Network).Sweep(
    pair, new(Activation.HeadOutput, PatchAxes.Position | PatchAxes.Head), metric);
PatchPage.Render(heads, model.Tokenizer.Token, new()
{
    Title = "Heads that carry the name",
    ModelName = model.Name,
    Json = PatchJson.Write(heads, model),
}).Save("patch-heads.html");
foreach (var (cell, effect) in heads.Largest(2))
    Console.WriteLine($"{cell}: {effect:+0.0;-0.0}, {heads.Recovery(cell):P0} of the difference");

// All paths from every head into the values of every later one.
var paths = new DirectPathPatching(model.Network).SweepAll(pair, HeadInput.Value, metric).ToList();
PatchPage.Render(paths, model.Tokenizer.Token, new() { Title = "Paths into values" }).Save("patch-paths.html");
File.WriteAllText("patch-paths.svg", PatchPage.ToSvg(paths, model.Tokenizer.Token));
Console.WriteLine("Wrote patch-heads.html, patch-paths.html and patch-paths.svg");
