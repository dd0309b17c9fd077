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
    public void An_explanation_is_saved_with_every_pair_and_margin()
    {
        var attributor = new AttentionScoreAttributor(model.Network);
        ImmutableArray<ScoreAttribution> found =
        [
            .. new[] { 1, 2 }.Select(key => attributor.Explain(
                ids, new(1, 2), ^1, key, new() { Reading = ScoreReading.Foil, FoilKey = 0 })),
        ];
        var json = Saved(
            path => ScoreAttributionJson.Save([found], model, path),
            stream => ScoreAttributionJson.Write([found], model, stream),
            ScoreAttributionJson.Write([found], model));
        Assert.Equal("explain", json.GetProperty("kind").GetString());
        Assert.Equal(ids, Ids(json.GetProperty("tokens")));
        Assert.Equal(
            ("L1H2", "foil", 0, ids.Length - 1),
            (json.GetProperty("head").GetString(), json.GetProperty("reading").GetString(),
                json.GetProperty("foil_key").GetInt32(), json.GetProperty("query").GetInt32()));
        Assert.Equal(found[1].QueryAttention, Numbers(json, "query_attention"));
        foreach (var (key, one) in json.GetProperty("keys").EnumerateArray().Zip(found))
        {
            Assert.Equal(one.Pairs, Numbers(key, "pairs"));
            Assert.Equal(one.ByQueryPart, Numbers(key, "by_query_part"));
            Assert.Equal(one.ByKeyPart, Numbers(key, "by_key_part"));
            Assert.Equal(one.AttentionWithout, Numbers(key, "attention_without"));
            Assert.Equal(
                one.KeyParts.Select(part => part.Label),
                key.GetProperty("key_parts").EnumerateArray().Select(label => label.GetString()));
            Assert.Equal(one.Measured, key.GetProperty("measured").GetDouble());
        }

        Assert.Equal(
            2, JsonDocument.Parse(ScoreAttributionJson.Write([found, found], model)).RootElement
                .GetProperty("prompts").GetArrayLength());
        Assert.Throws<ArgumentException>(() => ScoreAttributionJson.Write([[]], model));

        static IEnumerable<double> Numbers(JsonElement key, string name) =>
            key.GetProperty(name).EnumerateArray().Select(number => number.GetDouble());
    }

    [Fact]
    public void Heads_are_saved_with_their_numbers()
    {
        var heads = new List<HeadSummary>();
        new AttentionReader(model.Network).Read(
            new AnalysisPrompt([.. ids]), new() { Layers = [1] }, head => heads.Add(HeadSummary.Of(head)));
        AttentionSummary[] found = [new([.. ids], null, [.. heads]) { Label = "Mary first" }];
        var json = Saved(
            path => AttentionJson.Save(found, model, path),
            stream => AttentionJson.Write(found, model, stream),
            AttentionJson.Write(found, model));
        Assert.Equal("attention", json.GetProperty("kind").GetString());
        Assert.Equal("Mary first", json.GetProperty("label").GetString());
        Assert.Equal(ids, Ids(json.GetProperty("tokens")));
        Assert.Equal(
            heads.Select(one => (one.Head.ToString(), one.First, one.Previous, one.Self, one.Entropy)),
            json.GetProperty("heads").EnumerateArray().Select(one => (
                one.GetProperty("head").GetString()!, one.GetProperty("first").GetDouble(),
                one.GetProperty("previous").GetDouble(), one.GetProperty("self").GetDouble(),
                one.GetProperty("entropy").GetDouble())));
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
            Assert.Equal(state.Entropy, saved.GetProperty("entropy").GetDouble());
            Assert.Equal(state.KlDivergence, saved.GetProperty("kl_divergence").GetDouble());
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
    public void Several_prompts_are_saved_with_mean_and_spread()
    {
        AnalysisPrompt[] prompts =
        [
            new([.. ids]) { Target = new(ids[1], ids[3]) }, new([.. ids[..3]]) { Target = new(ids[1]) },
        ];
        var found = new LogitAttributor(model.Network).AttributeAll(prompts);
        var json = Saved(
            path => AttributionJson.Save(found, model, path),
            stream => AttributionJson.Write(found, model, stream),
            AttributionJson.Write(found, model));
        Assert.Equal(3, json.GetProperty("version").GetInt32());
        var saved = json.GetProperty("prompts").EnumerateArray().ToList();
        foreach (var (one, prompt) in found.Attributions.Select(one => one[0]).Zip(saved))
        {
            // Each prompt has the parts of a file of its own.
            var alone = JsonDocument.Parse(AttributionJson.Write(one, model)).RootElement;
            Assert.Equal(
                ["kind", "version", "model", .. prompt.EnumerateObject().Skip(1).Select(part => part.Name)],
                alone.EnumerateObject().Select(part => part.Name));
            Assert.Equal(one.Measured, prompt.GetProperty("measured").GetDouble());
        }

        Assert.Equal(
            found.Mean.Select(row => (row.Term.Label, row.Value.Mean, row.Value.Spread)),
            json.GetProperty("mean").EnumerateArray().Zip(
                json.GetProperty("spread").EnumerateArray(),
                (mean, spread) => (
                    mean.GetProperty("label").GetString()!,
                    mean.GetProperty("value").GetDouble(),
                    spread.GetProperty("value").GetDouble())));
        Assert.Equal(found.ToArray().Values, Numbers(json.GetProperty("values")));

        // One prompt has the form that it had before.
        var single = new LogitAttributor(model.Network).AttributeAll(prompts[..1]);
        Assert.Equal(
            AttributionJson.Write(single.Attributions[0][0], model), AttributionJson.Write(single, model));
    }

    [Fact]
    public void Every_entry_of_several_prompts_names_the_number_of_its_prompt()
    {
        AnalysisPrompt[] prompts =
        [
            new([.. ids]) { Targets = [new(ids[1]), new(ids[3])], Positions = [2, ^1] },
            new([.. ids[..3]]) { Target = new(ids[1]), Positions = [0, ^1] },
        ];
        var network = model.Network;
        PatchCase one = new(pair, new LogitMetric.KlDivergence(^1));
        Assert.Equal([1, 1, 2, 2], Numbers(
            AttributionJson.Write(new LogitAttributor(network).AttributeAll(prompts), model)));
        Assert.Equal([1, 2], Numbers(LensJson.Write(new LogitLens(network).ReadAll(prompts), model)));
        Assert.Equal([1, 2], Numbers(HeadScoreJson.Write(
            HeadPatternDetector.ScoreAll(network, prompts, HeadPatternKind.PreviousToken), model)));
        Assert.Equal([1, 2], Numbers(PatchJson.Write(
            new ActivationPatching(network).SweepPairs([one, one], new(Activation.Value, default)), model)));
        Assert.Equal([1, 2], Numbers(PatchJson.Write(
            new DirectPathPatching(network).SweepPairs([one, one], [new(2, 0)], HeadInput.Key), model)));

        static IEnumerable<int> Numbers(string text) => JsonDocument.Parse(text).RootElement.GetProperty("prompts")
            .EnumerateArray().Select(entry => entry.EnumerateObject().First())
            .Select(first => first is { Name: "prompt" } ? first.Value.GetInt32() : -1);
    }

    [Fact]
    public void What_made_the_results_is_saved_after_the_model_where_it_is_known()
    {
        var origin = new TraceOrigin { Title = "a \ud83d title <", Command = "attribute x" };
        var network = model.Network;
        AnalysisPrompt prompt = new([.. ids]) { Target = new(ids[1]) };
        PatchCase one = new(pair, new LogitMetric.KlDivergence(^1));
        var attributions = new LogitAttributor(network).AttributeAll([prompt, prompt]);
        var lens = new LogitLens(network).ReadAll([prompt, prompt]);
        var patches = new ActivationPatching(network).SweepPairs([one, one], new(Activation.Value, default));
        var paths = new DirectPathPatching(network).SweepPairs([one, one], [new(2, 0)], HeadInput.Key);
        var scores = HeadPatternDetector.ScoreAll(network, [prompt], HeadPatternKind.Induction);
        Has(known => AttributionJson.Write(attributions, model, known));
        Has(known => AttributionJson.Write(attributions.Attributions[0][0], model, known));
        Has(known => LensJson.Write(lens, model, known));
        Has(known => LensJson.Write(lens.Prompts[0].States, ids, model, known));
        Has(known => PatchJson.Write(patches, model, known));
        Has(known => PatchJson.Write(patches.Grids[0], model, known));
        Has(known => PatchJson.Write(paths, model, known));
        Has(known => PatchJson.Write([paths[0].Grids[0]], model, known));
        Has(known => HeadScoreJson.Write(scores, model, known));
        Has(known => LabelledArrayJson.Write(attributions.ToArray(), model, known));
        Saved(
            path => AttributionJson.Save(attributions, model, path, origin),
            stream => AttributionJson.Write(attributions, model, stream, origin),
            AttributionJson.Write(attributions, model, origin));

        void Has(Func<TraceOrigin?, string> write)
        {
            var parts = JsonDocument.Parse(write(origin)).RootElement.EnumerateObject().ToList();
            Assert.Equal(
                ["kind", "version", "model", "origin"], parts.Take(4).Select(part => part.Name));
            Assert.Equal(
                [("title", "a \ufffd title <"), ("command", "attribute x")],
                parts[3].Value.EnumerateObject().Select(part => (part.Name, part.Value.GetString()!)));
            Assert.DoesNotContain("\"origin\"", write(null), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_lens_of_several_prompts_is_saved_with_mean_and_spread()
    {
        AnalysisPrompt[] prompts =
            [new([.. ids]) { Target = new(ids[1]) }, new([.. ids[..3]]) { Target = new(ids[3]) }];
        var direction = new StreamDirection([.. Enumerable.Range(0, 128).Select(i => i / 128.0)], "ramp");
        var found = new LogitLens(model.Network).ReadAll(prompts, new() { Top = 1, Directions = [direction] });
        var json = Saved(
            path => LensJson.Save(found, model, path),
            stream => LensJson.Write(found, model, stream),
            LensJson.Write(found, model));
        Assert.Equal(2, json.GetProperty("prompts").GetArrayLength());
        var first = json.GetProperty("prompts")[1].GetProperty("states")[0].GetProperty("projections")[0];
        Assert.Equal("ramp", first.GetProperty("direction").GetString());
        Assert.Equal(found.Prompts[1].States[0].Projections[0].Value, first.GetProperty("value").GetDouble());
        foreach (var (mean, saved) in found.Mean.Zip(json.GetProperty("spread").EnumerateArray()))
            Assert.Equal(
                (mean.State.Label, mean.Entropy.Spread, mean.KlDivergence.Spread, mean.Followed[0].Probability.Spread,
                    mean.Projections[0].Spread),
                (saved.GetProperty("state").GetString()!, saved.GetProperty("entropy").GetDouble(),
                    saved.GetProperty("kl_divergence").GetDouble(),
                    saved.GetProperty("followed")[0].GetProperty("probability").GetDouble(),
                    saved.GetProperty("projections")[0].GetProperty("value").GetDouble()));
        var single = new LogitLens(model.Network).ReadAll(prompts[..1]);
        Assert.Equal(
            LensJson.Write(single.Prompts[0].States, ids, model), LensJson.Write(single, model));
    }

    [Fact]
    public void Patches_of_several_pairs_are_saved_with_mean_and_spread()
    {
        PatchCase[] cases =
        [
            new(pair, new LogitMetric.KlDivergence([^2, ^1])), new(pair.Swapped(), new LogitMetric.KlDivergence(^1)),
        ];
        var found = new ActivationPatching(model.Network).SweepPairs(
            cases, new(Activation.HeadOutput, PatchAxes.Head), new() { Layers = [1, ^1], Heads = [0, 2] });
        var json = Saved(
            path => PatchJson.Save(found, model, path),
            stream => PatchJson.Write(found, model, stream),
            PatchJson.Write(found, model));
        var first = json.GetProperty("prompts")[0];
        Assert.Equal("kl_divergence", first.GetProperty("metric").GetString());
        Assert.Equal([3, 4], first.GetProperty("position").EnumerateArray().Select(place => place.GetInt32()));
        Assert.Equal(4, json.GetProperty("prompts")[1].GetProperty("position").GetInt32());
        Assert.All(["answer", "foil", "direction"], name =>
            Assert.Equal(JsonValueKind.Null, first.GetProperty(name).ValueKind));
        Assert.Equal(["layer", "head"], first.GetProperty("axes").EnumerateArray().Select(axis => axis.GetString()));
        Assert.Equal([1, 3], first.GetProperty("layers").EnumerateArray().Select(layer => layer.GetInt32()));
        Assert.Equal(JsonValueKind.Null, first.GetProperty("positions").ValueKind);
        Assert.Equal(4, first.GetProperty("labels").GetProperty("layer").GetArrayLength());
        Assert.Equal(found.Grids[0].Values.ToArray(), Numbers(first.GetProperty("values")));
        foreach (var (cell, mean) in found.Cells.Zip(json.GetProperty("mean").EnumerateArray()))
        {
            Assert.Equal((cell.Layer, cell.Head), (
                mean.GetProperty("layer").GetInt32(), mean.GetProperty("head").GetInt32()));
            Assert.Equal(
                found.Effect(cell) is { Count: > 0, Mean: var number } ? number : null,
                Numbers(mean, "effect"));
        }

        var single = new ActivationPatching(model.Network).SweepPairs(cases[..1], new(Activation.Value, default));
        Assert.Equal(PatchJson.Write(single.Grids[0], model), PatchJson.Write(single, model));
    }

    [Fact]
    public void Paths_of_several_pairs_are_saved_source_by_source()
    {
        var metric = new LogitMetric.Probability(ids[1], ^1);
        PatchCase[] cases = [new(pair, metric), new(pair.Swapped(), metric)];
        var found = new DirectPathPatching(model.Network).SweepPairs(
            cases, [new(1, 0), new(2, 7)], HeadInput.Key, new() { DestinationHeads = [1] });
        var json = Saved(
            path => PatchJson.Save(found, model, path),
            stream => PatchJson.Write(found, model, stream),
            PatchJson.Write(found, model));
        Assert.Equal("probability", json.GetProperty("prompts")[1].GetProperty("metric").GetString());
        Assert.Equal(["L1H0", "L2H7"], json.GetProperty("mean").EnumerateArray().Select(source =>
            source.GetProperty("source").GetString()));
        var path = json.GetProperty("spread")[1].GetProperty("paths").EnumerateArray().Single();
        Assert.Equal("L3H1", path.GetProperty("destination").GetString());
        Assert.Equal(found[1].Metric(new(3, Head: 1)).Spread, path.GetProperty("metric").GetDouble());
        var single = new DirectPathPatching(model.Network).SweepPairs(cases[..1], [new(2, 7)], HeadInput.Key);
        Assert.Equal(PatchJson.Write([single[0].Grids[0]], model), PatchJson.Write(single, model));
        Assert.Contains(
            "There is no batch to write",
            Assert.Throws<ArgumentException>(
                () => PatchJson.Write(Array.Empty<PatchBatch<PathTarget>>(), model)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_of_heads_are_saved_with_how_they_were_scored()
    {
        var found = HeadPatternDetector.ScoreAll(
            model.Network, [new([.. ids]), new([.. ids, .. ids])], HeadPatternKind.PreviousToken);
        var json = Saved(
            path => HeadScoreJson.Save(found, model, path),
            stream => HeadScoreJson.Write(found, model, stream),
            HeadScoreJson.Write(found, model));
        Assert.Equal("heads", json.GetProperty("kind").GetString());
        var first = json.GetProperty("prompts")[0];
        Assert.Equal(
            ("previous_token", "attention_share", "with_key"),
            (first.GetProperty("pattern").GetString(), first.GetProperty("measure").GetString(),
                first.GetProperty("queries").GetString()));
        Assert.Equal(
            found.Mean.Select(one => ($"{one.Key}", one.Value.Mean)),
            json.GetProperty("mean").EnumerateArray().Select(one =>
                (one.GetProperty("head").GetString()!, one.GetProperty("score").GetDouble())));
    }

    [Fact]
    public void Padding_is_saved_with_every_result()
    {
        int[] mask = [0, .. Enumerable.Repeat(1, ids.Length)], padded = [0, .. ids], other = [9, .. pair.Corrupted];
        AnalysisPrompt prompt = new([.. padded]) { AttentionMask = [.. mask], Target = new(ids[1]) };
        var grid = new ActivationPatching(model.Network).Sweep(
            new(padded, other, [.. mask]), new(Activation.Value, default), new LogitMetric.Logit(new(ids[1]), ^1));
        string[] texts =
        [
            AttributionJson.Write(new LogitAttributor(model.Network).AttributeAll([prompt]), model),
            LensJson.Write(new LogitLens(model.Network).ReadAll([prompt]), model),
            HeadScoreJson.Write(
                HeadPatternDetector.ScoreAll(model.Network, [prompt], HeadPatternKind.Induction), model),
            PatchJson.Write(grid, model),
        ];
        Assert.All(texts, text => Assert.Equal(
            mask,
            JsonDocument.Parse(text).RootElement.GetProperty("attention_mask").EnumerateArray()
                .Select(entry => entry.GetInt32())));
    }

    [Fact]
    public void An_array_is_saved_with_its_labels()
    {
        LabelledArray array = new([new("row", ["a", "b"]), new("column", ["x"])], [1.5, null]);
        var json = Saved(
            path => LabelledArrayJson.Save(array, model, path),
            stream => LabelledArrayJson.Write(array, model, stream),
            LabelledArrayJson.Write(array, model));
        Assert.Equal("array", json.GetProperty("kind").GetString());
        Assert.Equal(["row", "column"], json.GetProperty("axes").EnumerateArray().Select(axis => axis.GetString()));
        Assert.Equal("b", json.GetProperty("labels").GetProperty("row")[1].GetString());
        Assert.Equal([1.5, null], Numbers(json.GetProperty("values")));
    }

    [Fact]
    public void A_direction_is_saved_by_its_name_and_size()
    {
        var direction = new StreamDirection([.. Enumerable.Repeat(0.5, 128)], "half");
        var found = new LogitAttributor(model.Network).Attribute(ids, new(direction), ^1);
        var json = JsonDocument.Parse(AttributionJson.Write(found, model)).RootElement.GetProperty("direction");
        Assert.Equal(
            ("half", 128, direction.Norm),
            (json.GetProperty("name").GetString(), json.GetProperty("width").GetInt32(),
                json.GetProperty("norm").GetDouble()));
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

    static double?[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(Number)];

    static double? Numbers(JsonElement one, string name) => Number(one.GetProperty(name));

    static double? Number(JsonElement number) =>
        number.ValueKind == JsonValueKind.Null ? null : number.GetDouble();

    static IEnumerable<int> Ids(JsonElement tokens, string? inside = null) => tokens.EnumerateArray()
        .Select(token => (inside is null ? token : token.GetProperty(inside)).GetProperty("id").GetInt32());
}
