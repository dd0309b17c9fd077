// What does every head do? Scores over texts and made sequences, each beside what chance gives, name the heads; a run
// without them says whether the model needs them; and the earlier heads that feed one are found.
//   dotnet run -c Release --project samples/HeadAtlas [FOLDER]

using System.Globalization;
using RatIlgpu;
using RatIlgpu.Analysis;
using RatIlgpu.Html;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
using var device = new CpuDevice();
using var model = LanguageModel.Load(args.ElementAtOrDefault(0) ?? DemoModel.Folder, device);

// Fewer sequences than by default: enough for heads as definite as those of the demonstration model.
var atlas = new HeadAtlasReader(model, new()
{
    Documents = 16,
    RepeatSequences = 8,
    SuccessorPrompts = 40,
    IndirectObjectPrompts = 24,
}).Read(new() { Cards = 4 });

foreach (var head in atlas.Heads.Where(head => !head.Roles.IsEmpty))
{
    // The interval of the excess is of 95 %; a role goes by its lower end.
    var role = head.Roles[0];
    var score = head.Scores[role.ScoreId];
    var feeder = head.Feeders.IsEmpty ? "" : $", fed by {head.Feeders[0].Source}";
    Console.WriteLine(
        $"{head.Head} {role.Role}: {score.Excess:F2} [{score.Low:F2}, {score.High:F2}], verdict: "
        + $"{role.Verdict?.ToString() ?? "not measured"}{feeder}");
}

AtlasPage.Render(atlas).Save("atlas.html");
Console.WriteLine("Wrote atlas.html");
