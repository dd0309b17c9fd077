using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using RatIlgpu.Analysis;
using Capture = RatIlgpu.Analysis.Capture;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(AttributionPageLaws), typeof(AttributionLaws.Case)])]
public sealed class AttributionPageLaws
{
    // Of the sum of the magnitudes of the rows: sums in double, in another order.
    const double Reordered = 1e-12;

    // Of the sum of the magnitudes of the cells: cells are single numbers, and rows of heads are summed otherwise.
    const double Singles = 1e-6;

    // Every case writes a model to a file.
    const int Many = 30;

    /// <summary>Gets texts of tokens that a parser could take for something else.</summary>
    public static Arbitrary<string> Texts => HtmlPageLaws.Texts;

    [Law(Many)]
    public void Shown_rows_what_is_unaccounted_and_rounding_sum_to_the_logit(AttributionLaws.Case found) =>
        Holds(found, (units, views) =>
        {
            // Which rows are shown is as good as random.
            var shown = new UnitsOf(
                units, term => (StringComparer.Ordinal.Compare(term.Label, "L1") ^ found.Step) % 3 != 0);
            foreach (var rows in shown.Views.Units.Where(rows => !rows.IsCumulative))
                for (var view = 0; view < views.Length; view++)
                {
                    double[] numbers = [.. rows.NumbersOf(view)];
                    Assert.Equal(rows.Terms.Length + 2, numbers.Length);
                    var size = views[view].Terms.Sum(row => Math.Abs(row.Value));
                    Assert.Equal(views[view].Measured, numbers.Sum(), Reordered * (1 + size));
                }
        });

    [Law(Many)]
    public void A_page_carries_the_numbers_of_the_record(AttributionLaws.Case found) => Holds(found, (units, views) =>
    {
        var html = AttributionPage.Render(units, id => new(id, $"t{id}", [])).Html;
        var all = new UnitsOf(units, _ => true).Views;
        for (var view = 0; view < views.Length; view++)
        {
            Assert.Equal(
                all.Units.SelectMany(rows => rows.NumbersOf(view)), Numbers<double>(html, $"view-{view}"));
            var cells = Numbers<float>(html, $"cells-{view}");
            var keys = views[view].Position + 1;
            var bySource = units.Single(unit => unit.Attributions[0][0].Options.Unit == AttributionUnit.HeadBySource)
                .Attributions[0][view].Terms;
            foreach (var (term, value) in bySource)
                if (term is ResidualTerm.HeadSource one)
                    Assert.Equal((float)value, cells[(all.Sources!.Heads.IndexOf(one.Index) * keys) + one.Source]);
        }
    });

    [Law(Many)]
    public void A_row_of_the_matrix_sums_to_the_bar_of_its_head(AttributionLaws.Case found) =>
        Holds(found, (units, views) =>
        {
            var all = new UnitsOf(units, _ => true).Views;
            var heads = all.Units.Single(rows => rows.Unit == AttributionUnit.Head);
            for (var view = 0; view < views.Length; view++)
            {
                var keys = views[view].Position + 1;
                var cells = all.Sources!.CellsOf(view);
                var bars = heads.Terms.Zip(heads.ValuesOf(view)).ToDictionary(row => row.First, row => row.Second);
                foreach (var (row, head) in all.Sources.Heads.Index())
                {
                    var own = cells.AsSpan(row * keys, keys).ToArray();
                    Assert.Equal(
                        bars[new ResidualTerm.Head(head)], own.Sum(cell => (double)cell),
                        Singles * (1 + own.Sum(cell => Math.Abs((double)cell))));
                }
            }
        });

    [Law(Many)]
    public void No_token_changes_the_structure_of_a_page(AttributionLaws.Case found, string text) =>
        Holds(found, (units, _) =>
        {
            Assert.Equal(Tags("token"), Tags(text));

            string[] Tags(string token) =>
            [
                .. Regex.Matches(
                    AttributionPage.Render(
                        units, id => new(id, token, []), new() { Title = token, ModelName = "m" + token }).Html,
                    "</?[a-zA-Z!][^<>]*>")
                    // Only a long block of data is compressed, so the type of the block may differ.
                    .Select(tag => tag.Value.Replace(
                        "application/octet-stream", "application/json", StringComparison.Ordinal)),
            ];
        });

    static void Holds(
        AttributionLaws.Case found,
        Action<ImmutableArray<AttributionBatch>, ImmutableArray<LogitAttribution>> statement)
    {
        using var tiny = found.Model.Make();
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        AnalysisPrompt prompt = new([.. found.Prompt])
        {
            Target = new(found.Answer, found.Foil),
            Positions = found.Position > 0 ? [0, found.Position] : [0],
        };
        prompt = prompt with
        {
            Run = new Recorder(model).Record(
                found.Prompt, [.. Enum.GetValues<Activation>().Select(activation => new Capture(activation))]),
        };
        var biases = (ValueBiasTreatment)(found.Answer % 2);
        ImmutableArray<AttributionBatch> units =
        [
            .. Enum.GetValues<AttributionUnit>().Select(unit => new LogitAttributor(model).AttributeAll([prompt], new()
            {
                Unit = unit,
                ValueBias = unit == AttributionUnit.CumulativeLayer ? ValueBiasTreatment.InHeads : biases,
            })),
        ];
        statement(units, units[0].Attributions[0]);
    }

    static T[] Numbers<T>(string html, string id)
        where T : struct
    {
        var block = html.Split($"id=\"{id}\">")[1].Split("</script>")[0];
        using var gzip = new GZipStream(new MemoryStream(Convert.FromBase64String(block)), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        gzip.CopyTo(bytes);
        return MemoryMarshal.Cast<byte, T>(bytes.ToArray()).ToArray();
    }

    /// <summary>The views of a page of units.</summary>
    sealed class UnitsOf(ImmutableArray<AttributionBatch> units, Func<ResidualTerm, bool> shows)
    {
        public AttributionViews Views { get; } =
            new([.. units.Select(unit => unit.Attributions)], id => new(id, $"t{id}", []), shows);
    }
}
