using System.Text;
using System.Text.Json;

namespace RatIlgpu.Analysis.Tests;

/// <summary>A program with only the library saves results as JSON.</summary>
public sealed class AnalysisJsonTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly LanguageModel model;
    readonly int[] ids;
    readonly PromptPair pair;
    readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public AnalysisJsonTests()
    {
        model = LanguageModel.Load(DemoModel.Folder, device);
        ids = [.. model.Tokenizer.Encode("When Mary and John went").Ids];
        pair = new(ids, [.. model.Tokenizer.Encode("When John and Mary went").Ids]);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void An_attribution_is_saved_with_its_prompt_and_its_rows()
    {
        var found = new LogitAttributor(model.Network).Attribute(ids, new(ids[1], ids[3]), ^1);
        var json = Saved(
            path => AttributionJson.Save(found, model, path),
            stream => AttributionJson.Write(found, model, stream),
            AttributionJson.Write(found, model));
        Assert.Equal("attribute", json.GetProperty("kind").GetString());
        Assert.Equal(ids, Ids(json.GetProperty("tokens")));
        Assert.Equal(ids[3], json.GetProperty("foil").GetProperty("id").GetInt32());
        Assert.Equal(ids.Length - 1, json.GetProperty("position").GetInt32());
        Assert.Equal(
            found.Terms.Select(row => (row.Term.Label, row.Value)),
            json.GetProperty("rows").EnumerateArray().Select(row =>
                (row.GetProperty("label").GetString()!, row.GetProperty("value").GetDouble())));
    }

    [Fact]
    public void The_states_of_a_lens_are_saved_with_their_tokens()
    {
        var states = new LogitLens(model.Network).Read(ids, ^1, new() { Top = 2, Tokens = [ids[1]] });
        var json = Saved(
            path => LensJson.Save(states, ids, model, path),
            stream => LensJson.Write(states, ids, model, stream),
            LensJson.Write(states, ids, model));
        Assert.Equal("lens", json.GetProperty("kind").GetString());
        Assert.Equal(ids, Ids(json.GetProperty("tokens")));
        foreach (var (state, saved) in states.Zip(json.GetProperty("states").EnumerateArray()))
        {
            Assert.Equal(state.State.Label, saved.GetProperty("state").GetString());
            Assert.Equal(state.Top.Select(token => token.Id), Ids(saved.GetProperty("top"), "token"));
            Assert.Equal(
                state.Tokens[0].Probability, saved.GetProperty("followed")[0].GetProperty("probability").GetDouble());
        }
    }

    [Fact]
    public void A_grid_of_an_activation_is_saved_with_every_cell()
    {
        var grid = new ActivationPatching(model.Network).Sweep(
            pair, new(Activation.ResidualBefore, PatchAxes.Position), new LogitMetric.Logit(new(ids[1]), ^2));
        var json = Saved(
            path => PatchJson.Save(grid, model, path),
            stream => PatchJson.Write(grid, model, stream),
            PatchJson.Write(grid, model));
        Assert.Equal(Ids(json.GetProperty("clean")), ids);
        Assert.Equal(ids.Length - 2, json.GetProperty("position").GetInt32());
        Assert.Equal(grid.CleanMetric, json.GetProperty("clean_metric").GetDouble());
        Assert.Equal(
            grid.Cells.Select(cell => (cell.Layer, cell.Position!.Value, grid[cell]!.Value)),
            json.GetProperty("patches").EnumerateArray().Select(patch => (
                patch.GetProperty("layer").GetInt32(),
                patch.GetProperty("position").GetInt32(),
                patch.GetProperty("metric").GetDouble())));
    }

    [Theory]
    [InlineData(PatchAxes.Head, "paths", "destination")]
    [InlineData(PatchAxes.Layer, "layers", "layer")]
    public void Paths_of_several_sources_are_saved_together(PatchAxes axes, string list, string destination)
    {
        var grids = new DirectPathPatching(model.Network).SweepAll(
            pair, HeadInput.Value, new LogitMetric.LogProbability(ids[1], ^1), new() { Axes = axes }).Take(2).ToList();
        var json = Saved(
            path => PatchJson.Save(grids, model, path),
            stream => PatchJson.Write(grids, model, stream),
            PatchJson.Write(grids, model));
        Assert.Equal("log_probability", json.GetProperty("metric").GetString());
        Assert.Equal(axes == PatchAxes.Head, json.TryGetProperty("scope", out _));
        foreach (var (grid, source) in grids.Zip(json.GetProperty("sources").EnumerateArray()))
        {
            Assert.Equal($"{grid.Target.Source}", source.GetProperty("source").GetString());
            Assert.Equal(
                grid.Patched.Select(cell => (axes == PatchAxes.Head ? $"{cell}" : $"{cell.Layer}", grid.Effect(cell))),
                source.GetProperty(list).EnumerateArray().Select(path =>
                    ($"{path.GetProperty(destination)}", (double?)path.GetProperty("effect").GetDouble())));
        }
    }

    [Fact]
    public void Grids_of_different_sweeps_are_not_saved_together()
    {
        var patching = new DirectPathPatching(model.Network);
        var metric = new LogitMetric.Logit(new(ids[1]), ^1);
        var (query, key) = (Of(HeadInput.Query), Of(HeadInput.Key));
        Assert.Contains("are of different sweeps", Refused(query, key));
        Assert.Contains("There is no grid to write", Refused());

        string Refused(params PatchGrid<PathTarget>[] grids) =>
            Assert.Throws<ArgumentException>(() => PatchJson.Write(grids, model)).Message;

        PatchGrid<PathTarget> Of(HeadInput input) => patching.Sweep(pair, new(0, 0), input, metric);
    }

    [Fact]
    public void A_file_that_cannot_be_written_leaves_nothing_behind()
    {
        var found = new LogitAttributor(model.Network).Attribute(ids, new(ids[1]), ^1);
        Assert.Throws<DirectoryNotFoundException>(
            () => AttributionJson.Save(found, model, Path.Combine(folder, "none", "a.json")));
        Assert.ThrowsAny<IOException>(() => AttributionJson.Save(found, model, folder));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    // All three ways write the same bytes.
    JsonElement Saved(Action<string> save, Action<Stream> write, string text)
    {
        var path = Path.Combine(folder, "found.json");
        save(path);
        using var stream = new MemoryStream();
        write(stream);
        Assert.Equal(text, File.ReadAllText(path));
        Assert.Equal(text, Encoding.UTF8.GetString(stream.ToArray()));
        Assert.All(text, character => Assert.True(char.IsAscii(character)));
        Assert.EndsWith("}\n", text, StringComparison.Ordinal);
        return JsonDocument.Parse(text).RootElement;
    }

    static IEnumerable<int> Ids(JsonElement tokens, string? inside = null) => tokens.EnumerateArray()
        .Select(token => (inside is null ? token : token.GetProperty(inside)).GetProperty("id").GetInt32());
}
