using RatIlgpu.Analysis;
using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests;

/// <summary>Attributions of a small random model.</summary>
static class SampleAttribution
{
    /// <summary>The prompts: tokens from 0 on, and another order of the same.</summary>
    public static readonly AnalysisPrompt
        First = new([.. Enumerable.Range(0, 8)]) { Target = new(9, 4) },
        Second = new([.. Enumerable.Range(0, 6).Reverse()]) { Target = new(5) },
        AtEach = AnalysisPrompt.OfNextTokens([.. Enumerable.Range(0, 5)]);

    /// <summary>The units of a page that has everything.</summary>
    public static readonly AttributionUnit[] Whole =
        [AttributionUnit.Head, AttributionUnit.Sublayer, AttributionUnit.HeadBySource];

    /// <summary>Attributes prompts in several units.</summary>
    public static ImmutableArray<AttributionBatch> Of(
        AnalysisPrompt[] prompts, AttributionUnit[] units, ValueBiasTreatment biases = ValueBiasTreatment.InHeads)
    {
        using var tiny = new TinyQwen2();
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        AnalysisPrompt[] recorded =
        [
            .. prompts.Select(prompt => prompt with
            {
                Run = new Recorder(model).Record(
                    prompt.TokenIds, [.. Enum.GetValues<Activation>().Select(one => new Capture(one))]),
            }),
        ];
        return
        [
            .. units.Select(unit => new LogitAttributor(model).AttributeAll(recorded, new()
            {
                Unit = unit,
                ValueBias = unit == AttributionUnit.CumulativeLayer ? ValueBiasTreatment.InHeads : biases,
            })),
        ];
    }

    /// <summary>Attributes prompts as a page that has everything needs it.</summary>
    public static ImmutableArray<AttributionBatch> Of(params AnalysisPrompt[] prompts) => Of(prompts, Whole);

    /// <summary>Returns texts for token ids: the first have these, the others their number.</summary>
    public static Func<int, TokenText> Texts(IReadOnlyList<string> words) =>
        id => new(id, id < words.Count ? words[id] : $" t{id}", []);

    /// <summary>Returns the text of a token of a usual sentence.</summary>
    public static TokenText Text(int id) => Texts(SampleTrace.Sentence)(id);

    /// <summary>Renders a page.</summary>
    public static HtmlPage Page(params AnalysisPrompt[] prompts) => AttributionPage.Render(Of(prompts), Text);
}
