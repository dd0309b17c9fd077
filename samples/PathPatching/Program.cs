// Which head tells the induction heads where to look? A previous-token head, through their keys.
//   dotnet run -c Release --project samples/PathPatching [FOLDER]

using System.Globalization;
using RatIlgpu;
using RatIlgpu.Analysis;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int pairs = 10;
const int length = 12;
const int last = 3; // The layer of the induction heads.
using var device = new CpuDevice();
using var model = LanguageModel.Load(args.ElementAtOrDefault(0) ?? DemoModel.Folder, device);
var patching = new DirectPathPatching(model.Network);
var layers = new DirectPathOptions { Axes = PatchAxes.Layer };
var words = Enumerable.Range(260, 1000).Where(model.Tokenizer.Has).ToArray();
var random = new Random(2);

var (clean, corrupted) = (0.0, 0.0);
var effects = new Dictionary<(HeadInput Input, HeadIndex Source), double>();
for (var i = 0; i < pairs; i++)
{
    // Twelve tokens, then their first ten again: after the tenth, an induction head looks for what followed it before.
    var drawn = random.GetItems(words, 200).Distinct().Take(length + 1).ToArray();
    int[] prompt = [.. drawn[..length], .. drawn[..(length - 2)]];
    // Corrupted, the tenth token was not seen before, so there is nothing to find.
    var pair = new PromptPair(prompt, [.. prompt[..(length - 3)], drawn[length], .. prompt[(length - 2)..]]);
    var metric = new LogitMetric.Logit(new(drawn[length - 2]), ^1);
    foreach (var input in Enum.GetValues<HeadInput>())
        foreach (var map in patching.SweepAll(pair, input, metric, layers).Where(map => map.Target.Source.Layer < last))
        {
            var effect = map.Effect(new(last)) ?? 0;
            var path = (input, map.Target.Source);
            effects[path] = effects.GetValueOrDefault(path) + effect / pairs;
            if (map.Target.Source == default && input == HeadInput.Query)
                (clean, corrupted) = (clean + map.CleanMetric / pairs, corrupted + map.CorruptedMetric / pairs);
        }
}

Console.WriteLine($"The logit of the token that follows: clean {clean:F1}, corrupted {corrupted:F1}.");
foreach (var input in Enum.GetValues<HeadInput>())
{
    var sources = effects.Where(one => one.Key.Input == input).OrderByDescending(one => one.Value).Take(2);
    var best = string.Join(", then ", sources.Select(one => $"{one.Key.Source} {one.Value:+0.00;-0.00}"));
    Console.WriteLine($"Restored through the {input.ToString().ToLowerInvariant()} of layer {last}: {best}");
}
