// Which heads look at the token before, and which at what came next the last time? Reads the attention of all heads
// over tokens that are repeated once, and writes a page of the clearest.
//   dotnet run -c Release --project samples/Attention [FOLDER]

using System.Globalization;
using RatIlgpu;
using RatIlgpu.Analysis;
using RatIlgpu.Html;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
const int Period = 20;
using var device = new CpuDevice();
using var model = LanguageModel.Load(args.ElementAtOrDefault(0) ?? DemoModel.Folder, device);

// 20 different words of two letters or more, then the same again.
var words = Enumerable.Range(260, model.Config.VocabularySize - 263)
    .Where(id => model.Tokenizer.Token(id).Text.Trim().Length > 1).ToArray();
new Random(1).Shuffle(words);
var prompt = new AnalysisPrompt([.. words[..Period], .. words[..Period]]);

// A head comes with rows of its pattern that are made when they are asked for.
var reader = new AttentionReader(model.Network);
var (previous, induction) = (new Dictionary<HeadIndex, double>(), new Dictionary<HeadIndex, double>());
reader.Read(prompt, new(), head =>
{
    var row = new float[head.TokenCount];
    previous[head.Head] = HeadSummary.Of(head).Previous;
    induction[head.Head] = Enumerable.Range(Period, Period).Average(query =>
    {
        head.CopyRows(query, row);
        return row[query - Period + 1];
    });
});

var best = induction.OrderByDescending(one => one.Value).Take(3).Prepend(previous.MaxBy(one => one.Value)).ToArray();
Console.WriteLine($"{best[0].Key} attends to the token before: {best[0].Value:F2} of its attention.");
foreach (var (head, share) in best[1..])
    Console.WriteLine($"{head} attends to what came next the last time: {share:F2} of its attention.");

// The page can show each key by how much the head can pass on of it, and not only by how much it attends to it.
var shown = new AttentionOptions
{
    Heads = [.. best.Select(one => one.Key)],
    ValueFactors = true,
    InfoFactors = true,
};
var page = new AttentionPageBuilder(new() { Title = "Previous token and induction" }) { HeadOrder = shown.Heads };
page.BeginPrompt([.. prompt.TokenIds.Select(model.Tokenizer.Token)]);
reader.Read(prompt, shown, page.Add);
page.ToPage().Save("attention.html");
Console.WriteLine("Wrote attention.html");
