// Explains why a head looks at a token: which parts of the key tell one name from the other, and what is left of the
// attention when the model runs with one of them taken out; and a page of all of it.
//   dotnet run -c Release --project samples/Explain

using System.Globalization;
using RatIlgpu;
using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Tracing;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
using var device = new CpuDevice();
using var model = LanguageModel.Load(DemoModel.Folder, device);
var ids = model.EncodePrompt("When Mary and John went to the store, John gave a drink to");
string Text(int position) => $"{PathText.Token(model.Tokenizer.Token(ids[position]))} at {position}";

// Why does L3H3 look at " Mary" rather than at " John"? The parts sum to log(attention / attention).
var head = new HeadIndex(3, 3);
var attributor = new AttentionScoreAttributor(model.Network);
var foil = attributor.Explain(ids.AsSpan(), head, ^1, 1, new() { Reading = ScoreReading.Foil, FoilKey = 3 });
Console.WriteLine(
    $"{head} attends from {PathText.Token(model.Tokenizer.Token(ids[^1]))} to {Text(1)}: {foil.Attention:F2}");
Console.WriteLine($"Rather than to {Text(3)}, by part of the key:");
foreach (var (part, sum) in foil.KeyParts.Zip(foil.ByKeyPart).OrderByDescending(one => Math.Abs(one.Second)).Take(3))
    Console.WriteLine($"  {part}: {sum:+0.00;-0.00}");

// The score of the link, with no other key. Without a part at this key, the log odds of its attention fall by what the
// part adds.
var here = attributor.Explain(ids.AsSpan(), head, ^1, 1);
here = new ScoreVerifier(model.Network).Verify(here, count: here.KeyParts.Length);
var measured = here.Verification!;
var back = measured.Parts.First(one => one.Input == HeadInput.Key && $"{one.Part}" == "L1H0");
Console.WriteLine(
    $"Without L1H0 at the key: the score falls by {measured.Unchanged.Score - back.Held.Score:F2}, said was "
    + $"{back.Attributed:F2}; attention {back.Held.Attention:F2}, {back.Recomputed.Attention:F2} with new norms");

// The page: every pair of parts, and what each part adds, in three readings of the same link.
var others = attributor.Explain(ids.AsSpan(), head, ^1, 1, new() { Reading = ScoreReading.Others });
ExplanationPage.Render([here, others, foil], model.Tokenizer.Token).Save("explanation.html");
Console.WriteLine("Wrote explanation.html");
