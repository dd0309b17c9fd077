using System.Xml.Linq;
using RatIlgpu.Analysis;
using RatIlgpu.Html;

namespace RatIlgpu.Browser.Tests;

/// <summary>The files that the page of the lens exports, of states of the demonstration model.</summary>
public sealed class LensExportTests(Chromium chromium) : PageTests(chromium)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_exported_JSON_is_that_of_the_library(int prompts)
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var batch = Read(model, prompts);
        var origin = new TraceOrigin { Title = "T", Command = "c \"é\"", Version = "1" };
        OpenOf(batch, model, origin);
        AssertExports(LensJson.Write(batch, model, origin), "lens");
    }

    [Fact]
    public void The_exported_CSV_has_a_row_for_each_state_of_the_shown_prompt()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        var batch = Read(model, 2);
        OpenOf(batch, model, null);
        var rows = Exported("csv", "lens-prompt1").TrimStart('\ufeff').Split("\r\n");
        Assert.Equal(
            "prompt,position,token,state,entropy,kl_divergence,top_token,top_probability,top_logit,followed1_token,"
            + "followed1_rank,followed1_probability,followed1_logit,direction ramp", rows[0]);
        Assert.Equal(batch.Prompts[0].States.Length + 2, rows.Length);
        var first = batch.Prompts[0].States.First(state => state.Position == 1);
        var cells = rows[1].Split(',');
        Assert.Equal(["1", "1", " Mary", "0_pre"], cells[..4]);
        Assert.Equal(first.Entropy, double.Parse(cells[4], CultureInfo.InvariantCulture));
        Assert.Equal(first.KlDivergence, double.Parse(cells[5], CultureInfo.InvariantCulture));
        Assert.Equal(first.Tokens[0].Rank, int.Parse(cells[10], CultureInfo.InvariantCulture));
        Assert.Equal(first.Projections[0].Value, double.Parse(cells[13], CultureInfo.InvariantCulture));
    }

    [Fact]
    public void The_exported_pictures_have_every_cell()
    {
        using var device = new CpuDevice();
        using var model = LanguageModel.Load(DemoModel.Folder, device);
        OpenOf(Read(model, 1), model, null);
        var drawing = XDocument.Parse(Exported("svg", "lens"));
        var texts = drawing.Descendants().Where(part => part.Name.LocalName == "text")
            .Select(part => part.Value).ToList();
        Assert.Contains("Logit lens · Probability of the top token", texts);
        Assert.Contains("final_post", texts);
        Assert.Contains("·Mary", texts);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], Export("png", "lens")[..4]);
    }

    static LensBatch Read(LanguageModel model, int prompts) => new LogitLens(model.Network).ReadAll(
        [
            new([.. model.EncodePrompt("When Mary and John")]) { Positions = [3, 1] },
            .. Enumerable.Repeat(new AnalysisPrompt([.. model.EncodePrompt(" the store, é")]), prompts - 1),
        ],
        new()
        {
            Top = 2,
            Tokens = [514],
            Directions = [new([.. Enumerable.Range(0, model.Config.HiddenSize).Select(i => i / 128.0)], "ramp")],
        });

    void OpenOf(LensBatch batch, LanguageModel model, TraceOrigin? origin) => Open(LensPage.Render(
        batch, model.Tokenizer.Token, new()
        {
            Model = new(model.Name, model.Config.LayerCount, model.Config.HeadCount)
            {
                KeyHeadCount = model.Config.KeyValueHeadCount,
            },
            Origin = origin,
            Title = "Logit lens",
        }));
}
