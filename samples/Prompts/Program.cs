// Does it look back at the right name whoever is named first? Traces several prompts together, and averages over them.
//   dotnet run -c Release --project samples/Prompts [FOLDER]

using System.Globalization;
using RatIlgpu;
using RatIlgpu.Analysis;
using RatIlgpu.Devices;
using RatIlgpu.Html;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
using var device = new CpuDevice();
using var model = LanguageModel.Load(args.ElementAtOrDefault(0) ?? DemoModel.Folder, device);

(string First, string Second)[] names = [("Mary", "John"), ("John", "Mary"), ("Tom", "Anna"), ("Anna", "Tom")];
TracePrompt[] prompts =
[
    .. from pair in names
       let text = $"When {pair.First} and {pair.Second} went to the store, {pair.Second} gave a drink to"
       select new TracePrompt(model.EncodePrompt(text)),
];

// Two heads of the last layer each; the results of a prompt come together, bit for bit those of the prompt alone.
var axes = new TraceAxes { Heads = [HeadAggregation.Head(1), HeadAggregation.Head(3)] };
var results = new ReverseAttentionTracer(model).TraceAll(prompts, axes).ToList();
foreach (var (prompt, traces) in results.Index())
{
    var (likeliest, (first, second)) = (traces[0].Predictions[0], names[prompt]);
    Console.WriteLine($"{first}, {second}: {likeliest.Token.Text} {likeliest.Probability * 100:F1} %");
    foreach (var trace in traces)
        Console.WriteLine($"  head {trace.Options.Heads}: {trace.PathTexts[0]}");
}

// Positions mean the same in these prompts, so the attention of the target to them has a mean.
foreach (var (place, head) in axes.Heads.Value.Items.Index())
{
    var shares = Enumerable.Range(0, results[0][place].TargetAttention.Length).Select(position =>
        (position, Of: MeanAndSpread.Of(results.Select(traces => (double?)traces[place].TargetAttention[position]))));
    var most = shares.OrderByDescending(share => share.Of.Mean).Take(2)
        .Select(share => $"position {share.position} {share.Of.Mean:F2} ± {share.Of.Spread:F2}");
    Console.WriteLine($"Head {head} attends from the end to {string.Join(", ", most)}");
}

TracePage.Render([.. results.SelectMany(traces => traces)]).Save("prompts.html");
Console.WriteLine("Wrote prompts.html");
