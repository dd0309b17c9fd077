// What would the model say without a head, or without the values of earlier tokens? Asks after crafted prompts and one
// of its own, and writes a page of the tables.
//   dotnet run -c Release --project samples/Predict [FOLDER [PROMPT]]

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
string Show(int id) => PathText.Token(model.Tokenizer.Token(id));
string Change(TokenChange one) => $"{Show(one.Id)} {one.Change:+0.0;-0.0;0.0}";
PredictionPrompt AtEnd(string text, string label)
{
    var ids = model.EncodePrompt(text);
    return new([.. ids], ids.Length - 1, label);
}

// Where no heads are named, those whose zeroing changes the prediction of the prompts most are taken. Ids that are no
// token of the tokenizer are not listed.
var options = new PredictionOptions { Top = 10, Masked = model.IdsWithoutToken };
var table = PredictionTable.Run(model.Network, [AtEnd(prompt, "names")], options);
Console.WriteLine($"Heads that matter most: {string.Join(", ", table.Heads)}");
foreach (var row in table.Prompts[0].Rows)
{
    var moved = string.Join(", ", row.Risen.Take(2).Concat(row.Fallen.Take(2)).Select(Change));
    Console.WriteLine(
        $"{row.Condition,-33} {(row.IsSame ? "=" : "≠")} {Show(row.Predicted.Id)} KL {row.Divergence:F2}  {moved}");
}

// A condition of one's own beside the others: the same heads, with half of their outputs.
Intervention Half(HeadIndex head) => Intervention.Scale(
    InterventionTarget.At(model.Network, Activation.HeadOutput, head.Layer, [head.Head]), 0.5f);
var crafted = PredictionTable.Run(
    model.Network,
    [.. CraftedPrompts.All.Take(6).Select(one => AtEnd(one.Text, one.Label))],
    options with { Heads = table.Heads },
    _ => [new("half of these heads", [.. table.Heads.Select(Half)])]);
var half = crafted.Summary()[^1];
Console.WriteLine($"{half.Condition}: another token after {half.Changed} of {half.Count} crafted prompts");

PredictionPage.Render(crafted, model.Tokenizer.Token, new() { Title = "Crafted prompts" }).Save("predict.html");
Console.WriteLine("Wrote predict.html");
