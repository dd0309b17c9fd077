using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(PatchPageLaws)])]
public sealed class PatchPageLaws
{
    // A sweep runs a whole model.
    const int Cases = 30;

    static readonly LogitMetric Metric = new LogitMetric.Logit(new(3, 4), ^1);
    static readonly Lazy<PatchGrid<PatchTarget>> Grid = new(OneGrid);

    internal static Arbitrary<string> Texts => HtmlPageLaws.Texts;

    internal static Arbitrary<ModelCase> Models => Arb.From(
        ModelCase.Any.Generator.Where(found => found is { Layers: > 1, Length: <= 8 }),
        found => ModelCase.Any.Shrinker(found));

    [Law(100)]
    public void No_text_changes_the_structure_of_a_page(string text)
    {
        Assert.Equal(Tags(Page("token")), Tags(Page(text)));
        Assert.Equal(Page("token").Split('<').Length, Page(text).Split('<').Length);
    }

    [Law(100)]
    public void Texts_read_back_as_they_can_be_seen(string text)
    {
        var page = Page(text);
        Assert.Equal(TokenGlyphs.Line(text, 1000), Read(page, "<h1>(.*?)</h1>"));
        Assert.Equal(TokenGlyphs.Line($"m{text}", 120), Read(page, "<dt>Model<dd><bdi>(.*?)</bdi>"));
        Assert.Equal(TokenGlyphs.Line($"c{text}", 1000), Read(page, "<code dir=\"ltr\">(.*?)</code>"));
    }

    [Law(100)]
    public void A_static_figure_is_well_formed_whatever_its_texts(string text) => Assert.Equal(
        "svg",
        System.Xml.Linq.XDocument.Parse(PatchPage.ToSvg(Grid.Value, id => new(id, text, []), new() { Title = text }))
            .Root!.Name.LocalName);

    [Law(Cases)]
    public void A_page_has_the_numbers_of_its_grids_bit_for_bit(ModelCase found) => found.Holds((_, model, clean) =>
    {
        var random = new Random(found.Seed);
        int[] other = [.. clean.Select(token => (token + random.Next(2)) % model.Config.VocabularySize)];
        PromptPair[] pairs = [new(clean, other), new(other, clean)];
        PatchTarget[] targets = [.. PlainPatches.Targets(model.Config)];
        var batch = new ActivationPatching(model).SweepPairs(
            [.. pairs.Select(pair => new PatchCase(pair, Metric))], targets[random.Next(targets.Length)]);
        AreCarried([.. batch.Grids.Select(grid => grid.Values.ToArray())], PatchPage.Render(batch, Token));
        var paths = new DirectPathPatching(model).SweepPairs(
            [.. pairs.Select(pair => new PatchCase(pair, Metric))], null, (HeadInput)random.Next(3),
            new() { Axes = random.Next(2) == 0 ? PatchAxes.Head : PatchAxes.Layer });
        AreCarried(
            [
                .. pairs.Select((_, pair) =>
                    paths.SelectMany(source => source.Grids[pair].Values.ToArray()).ToArray()),
            ],
            PatchPage.Render(paths, Token));
    });

    static void AreCarried(IReadOnlyList<double?[]> expected, HtmlPage page)
    {
        foreach (var (pair, values) in expected.Index())
        {
            var block = page.Html.Split($"id=\"values-{pair}\">")[1].Split("</script>")[0];
            using var gzip = new GZipStream(
                new MemoryStream(Convert.FromBase64String(block)), CompressionMode.Decompress);
            using var bytes = new MemoryStream();
            gzip.CopyTo(bytes);
            var all = bytes.ToArray();
            Assert.Equal(values.Length * sizeof(double), all.Length);
            for (var i = 0; i < values.Length; i++)
                Assert.Equal(
                    BitConverter.DoubleToInt64Bits(values[i] ?? double.NaN),
                    BinaryPrimitives.ReadInt64LittleEndian(all.AsSpan(i * sizeof(double))));
        }
    }

    static PatchGrid<PatchTarget> OneGrid()
    {
        using var tiny = new TinyQwen2();
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        int[] clean = tiny.Prompt(3), corrupted = [clean[0], clean[1] + 1, clean[2]];
        return new ActivationPatching(model).Sweep(
            new(clean, corrupted), new(Activation.HeadOutput, PatchAxes.Position | PatchAxes.Head), Metric);
    }

    static string Page(string text) => PatchPage.Render(Grid.Value, id => new(id, text, []), new()
    {
        Title = text,
        ModelName = $"m{text}",
        Labels = [text],
        Json = text,
        Origin = new() { Command = $"c{text}", Version = text },
        HelpText = true,
    }).Html;

    static Text.TokenText Token(int id) => new(id, string.Create(CultureInfo.InvariantCulture, $"t{id}"), []);

    static string[] Tags(string html) => [.. Regex.Matches(html, "</?[a-zA-Z!][^<>]*>")
        .Select(tag => tag.Value.Replace("application/octet-stream", "application/json", StringComparison.Ordinal))];

    static string Read(string html, string pattern) =>
        WebUtility.HtmlDecode(Regex.Match(html, pattern, RegexOptions.Singleline).Groups[1].Value);
}
