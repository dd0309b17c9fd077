using RatIlgpu.Html;
using RatIlgpu.Html.Tests;
using RatIlgpu.Html.Tests.Flow;

namespace RatIlgpu.Browser.Tests;

/// <summary>Screenshots for people to look at. They are not compared, since fonts differ between machines.</summary>
public sealed class ScreenshotTests(Chromium chromium) : PageTests(chromium)
{
    [Theory]
    [InlineData("trace", "light", 1366, 900)]
    [InlineData("trace", "dark", 1366, 900)]
    [InlineData("trace", "light", 390, 844)]
    [InlineData("trace", "dark", 390, 844)]
    [InlineData("long", "light", 1366, 900)]
    [InlineData("long", "dark", 390, 844)]
    [InlineData("compare", "light", 1366, 900)]
    [InlineData("compare", "dark", 1366, 900)]
    [InlineData("compare", "light", 390, 844)]
    [InlineData("compare", "dark", 390, 844)]
    [InlineData("heads", "light", 1366, 900)]
    [InlineData("heads", "dark", 390, 844)]
    [InlineData("prompts", "light", 1366, 900)]
    [InlineData("prompts", "dark", 1366, 900)]
    [InlineData("prompts", "light", 390, 844)]
    [InlineData("prompts", "dark", 390, 844)]
    [InlineData("attention", "light", 1366, 900)]
    [InlineData("attention", "dark", 390, 844)]
    [InlineData("attention-large", "dark", 1366, 900)]
    [InlineData("attention-large", "light", 390, 844)]
    [InlineData("patch-paths", "light", 1366, 900)]
    [InlineData("patch-paths", "dark", 1366, 900)]
    [InlineData("patch-paths", "light", 390, 844)]
    [InlineData("patch-paths", "dark", 390, 844)]
    [InlineData("patch-pattern", "light", 1366, 900)]
    [InlineData("patch-pattern", "dark", 390, 844)]
    [InlineData("patch-pairs", "light", 390, 844)]
    [InlineData("patch-pairs", "dark", 1366, 900)]
    [InlineData("patch-large", "light", 1366, 900)]
    [InlineData("lens", "light", 1366, 900)]
    [InlineData("lens", "dark", 1366, 900)]
    [InlineData("lens", "light", 390, 844)]
    [InlineData("lens", "dark", 390, 844)]
    [InlineData("atlas", "light", 1366, 900)]
    [InlineData("atlas", "dark", 1366, 900)]
    [InlineData("atlas", "light", 390, 844)]
    [InlineData("atlas", "dark", 390, 844)]
    [InlineData("diff", "light", 1366, 900)]
    [InlineData("diff", "dark", 1366, 900)]
    [InlineData("diff", "light", 390, 844)]
    [InlineData("diff", "dark", 390, 844)]
    [InlineData("predict", "light", 1366, 900)]
    [InlineData("predict", "dark", 1366, 900)]
    [InlineData("predict", "light", 390, 844)]
    [InlineData("predict", "dark", 390, 844)]
    [InlineData("ablation", "light", 1366, 900)]
    [InlineData("ablation", "dark", 1366, 900)]
    [InlineData("ablation", "light", 390, 844)]
    [InlineData("ablation", "dark", 390, 844)]
    [InlineData("redundancy", "light", 1366, 900)]
    [InlineData("redundancy", "dark", 390, 844)]
    [InlineData("sweep", "dark", 1366, 900)]
    [InlineData("sweep", "light", 390, 844)]
    [InlineData("distances", "light", 1366, 900)]
    [InlineData("distances", "dark", 390, 844)]
    [InlineData("flow", "light", 1366, 900)]
    [InlineData("flow", "dark", 390, 844)]
    [InlineData("flow-deep", "dark", 1366, 900)]
    [InlineData("flow-deep", "light", 390, 844)]
    [InlineData("flow-compare", "light", 1366, 900)]
    [InlineData("flow-compare", "dark", 390, 844)]
    public void The_page_fits_the_width_of_its_screen(string kind, string theme, int width, int height)
    {
        Resize(width, height, isTouched: width < 500);
        Open(PageOf(kind), $"#t={theme}{AddressOf(kind)}");
        Assert.InRange(Number("document.documentElement.scrollWidth"), 0, width);
        var file = Picture($"{kind}-{theme}-{width}");
        Assert.True(new FileInfo(file).Length > 10_000, file);
    }

    static string AddressOf(string kind) => kind switch
    {
        "trace" => "&n=n15",
        "prompts" => "&s=3",
        "predict" => "&n=2",
        "attention" => "&h=1.0&k=39",
        "diff" => "&n=23.13",
        "ablation" => "&n=30&c=4",
        _ => "",
    };

    static HtmlPage PageOf(string kind) => kind switch
    {
        "long" => TracePage.Render(SampleTrace.Random(tokens: 600, paths: 20, longest: 6)),
        "compare" => ComparePage.Render(
            SampleTrace.FivePaths(), SampleTrace.Swapped(), new() { NameA = "Mary", NameB = "Anna" }),
        "atlas" => AtlasPage.Render(SampleAtlas.Of(24, 14, 2, cards: 3, tokens: 96, points: 200)),
        "diff" => DiffPage.Render(SampleDiff.Of(24, 14, 2, texts: 6, tokens: 256)),
        "ablation" => AblationPage.Render(
            SampleAblation.Study(heads: 14, tokens: 64), SampleAblation.Token, SampleAblation.Told),
        "redundancy" => AblationPage.Render(
            SampleAblation.Redundancy(), SampleAblation.Token, SampleAblation.Told),
        "sweep" => AblationPage.Render(SampleAblation.Sweep(20), SampleAblation.Token, SampleAblation.Told),
        "distances" => AblationPage.Render(
            SampleAblation.Distances(heads: 8), SampleAblation.Token, SampleAblation.Told),
        "lens" => LensPage.Render(SampleLens.TwoPrompts(), SampleLens.Token, SampleLens.Told),
        "predict" => PredictionPage.Render(
            SamplePredictions.Report(3, top: 20), SamplePredictions.Token, SamplePredictions.Told),
        "heads" => TracePage.Render(SampleTrace.LayersAndHeads()),
        "prompts" => TracePage.Render(SampleTrace.ThreePrompts()),
        "attention" => SampleAttention.Large(layers: 2, heads: 4, tokens: 40),
        "attention-large" => SampleAttention.TwoPrompts(
            new() { Mode = AttentionMode.Large, Picker = PromptPicker.Radio, HelpText = true }),
        "patch-paths" => PatchPage.Render(SamplePatches.Paths(4, 8, SamplePatches.PathEffect), null),
        "patch-large" => PatchPage.Render(SamplePatches.Paths(24, 14, SamplePatches.PathEffect), null),
        "patch-pattern" => PatchPage.Render(
            SamplePatches.Activation(
                ["position", "head", "key"],
                at => at[3] > at[1] ? null : Math.Sin((7 * at[0]) + (3 * at[1]) + (5 * at[2]) + at[3])), null),
        "patch-pairs" => PatchPage.Render(
            SamplePatches.Heads(at => at[1] - at[0], at => Math.Sin(at[0] + (5 * at[1])), at => at[0]), null),
        "flow" => FlowPage.Render(SampleFlow.FourPaths()),
        "flow-deep" => FlowPage.Render(SampleFlow.Deep(layers: 80, tokens: 300, paths: 24)),
        "flow-compare" => ComparePage.Render(SampleFlow.FourPaths(), SampleFlow.Swapped()),
        _ => TracePage.Render(SampleTrace.Told(SampleTrace.FivePaths(), 0, " Mary", 0.75)),
    };
}
