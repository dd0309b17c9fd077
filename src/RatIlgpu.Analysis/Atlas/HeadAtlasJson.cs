namespace RatIlgpu.Analysis;

/// <summary>Writes an atlas of heads as JSON; docs/heads.md describes the file.</summary>
public static class HeadAtlasJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <param name="atlas">The atlas.</param>
    /// <param name="origin">What made it; null if unknown.</param>
    public static string Write(HeadAtlas atlas, TraceOrigin? origin = null) =>
        AnalysisJson.Text(json => Write(json, atlas, origin));

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <param name="atlas">The atlas.</param>
    /// <param name="destination">The stream.</param>
    /// <param name="origin">What made it; null if unknown.</param>
    public static void Write(HeadAtlas atlas, Stream destination, TraceOrigin? origin = null) =>
        AnalysisJson.Write(destination, json => Write(json, atlas, origin));

    /// <summary>Writes the file whole or not at all.</summary>
    /// <param name="atlas">The atlas.</param>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="origin">What made it; null if unknown.</param>
    /// <inheritdoc cref="AttributionJson.Save(LogitAttribution, LanguageModel, string, TraceOrigin)"
    /// path="/exception"/>
    public static void Save(HeadAtlas atlas, string path, TraceOrigin? origin = null) =>
        AnalysisJson.Save(path, json => Write(json, atlas, origin));

    /// <summary>Reads what two atlases are compared by: the manifest without seconds and warnings, the definitions, and
    /// the scores and roles of all heads. What else the file has is left out.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It cannot be read, or is no atlas, or a damaged one.</exception>
    public static HeadAtlas ReadScores(string path) => HeadAtlasFile.Read(path);

    static void Write(Utf8JsonWriter json, HeadAtlas atlas, TraceOrigin? origin)
    {
        var manifest = atlas.Manifest;
        AnalysisJson.WriteHead(
            json, "atlas", manifest.Model, (manifest.LayerCount, manifest.HeadCount, manifest.KeyValueHeadCount),
            origin);
        WriteManifest(json, manifest);
        AnalysisJson.WriteObjects(json, "probes", atlas.Scores, score =>
        {
            json.WriteString("id", score.Id);
            json.WriteString("name", AnalysisJson.WellFormed(score.Name));
            json.WriteString("meaning", AnalysisJson.WellFormed(score.Meaning));
            json.WriteString("pass", AnalysisJson.Name(score.Pass));
            json.WriteBoolean("is_attention", score.IsAttention);
            json.WriteString("unit", score.Unit);
        });
        AnalysisJson.WriteObjects(json, "heads", atlas.Heads, head => WriteHead(json, head));
        json.WriteStartObject("behaviours");
        foreach (var (behaviour, value) in atlas.Behaviours)
            AnalysisJson.WriteNumber(json, AnalysisJson.Name(behaviour), value);
        json.WriteEndObject();
        AnalysisJson.WriteObjects(json, "role_effects", atlas.RoleEffects, one =>
        {
            json.WriteString("role", AnalysisJson.Name(one.Role));
            AnalysisJson.WriteHeads(json, "heads", one.Heads);
            AnalysisJson.WriteObjects(json, "effects", one.Effects, effect => WriteEffect(json, effect));
        });
        AnalysisJson.WriteObjects(json, "cards", atlas.Cards, card => WriteCard(json, card, atlas));
    }

    static void WriteManifest(Utf8JsonWriter json, AtlasManifest manifest)
    {
        json.WriteStartObject("manifest");
        json.WriteString("fingerprint", AnalysisJson.WellFormed(manifest.Fingerprint));
        json.WriteString("score_profile", AnalysisJson.Name(manifest.Profile));
        json.WriteNumber("seed", manifest.Seed);
        json.WriteStartObject("units");
        foreach (var (pass, count) in manifest.Units)
            json.WriteNumber(AnalysisJson.Name(pass), count);
        json.WriteEndObject();
        json.WriteString("texts", AnalysisJson.WellFormed(manifest.Texts));
        json.WriteString("texts_hash", manifest.TextsHash.Length > 0 ? manifest.TextsHash : null);
        json.WriteString("device", AnalysisJson.WellFormed(manifest.Device));
        json.WriteString("version", AnalysisJson.WellFormed(manifest.Version));
        AnalysisJson.WriteNumber(json, "seconds", manifest.Seconds);
        AnalysisJson.WriteList(
            json, "warnings", manifest.Warnings, one => json.WriteStringValue(AnalysisJson.WellFormed(one)));
        json.WriteEndObject();
    }

    static void WriteHead(Utf8JsonWriter json, AtlasHead head)
    {
        json.WriteString("head", head.Head.ToString());
        json.WriteNumber("layer", head.Head.Layer);
        json.WriteNumber("number", head.Head.Head);
        json.WriteNumber("kv", head.KeyValueHead);
        AnalysisJson.WriteObjects(json, "roles", head.Roles, role =>
        {
            json.WriteString("role", AnalysisJson.Name(role.Role));
            json.WriteString("score", role.ScoreId);
            AnalysisJson.WriteNumber(json, "confidence", role.Confidence);
            json.WriteString("verdict", role.Verdict is { } verdict ? AnalysisJson.Name(verdict) : null);
        });
        json.WriteStartObject("scores");
        foreach (var (id, score) in head.Scores)
            WriteScore(json, id, score);
        json.WriteEndObject();
        AnalysisJson.WriteNumber(json, "peak_offset", head.PeakOffset);
        AnalysisJson.WriteNumbers(json, "profile", head.Profile);
        AnalysisJson.WriteObjects(json, "feeders", head.Feeders, feeder =>
        {
            json.WriteString("source", feeder.Source.ToString());
            json.WriteString("input", AnalysisJson.Name(feeder.Input));
            json.WriteString("score", feeder.ScoreId);
            AnalysisJson.WriteNumber(json, "effect", feeder.Effect);
        });
        AnalysisJson.WriteObjects(json, "effects", head.Effects, effect => WriteEffect(json, effect));
    }

    static void WriteScore(Utf8JsonWriter json, string id, HeadScore score)
    {
        json.WriteStartObject(id);
        AnalysisJson.WriteNumber(json, "raw", score.Raw);
        AnalysisJson.WriteNumber(json, "chance", score.Chance);
        AnalysisJson.WriteNumber(json, "excess", score.Excess);
        AnalysisJson.WriteNumber(json, "no_sink", score.WithoutFirst);
        AnalysisJson.WriteNumber(json, "no_self", score.WithoutSelf);
        AnalysisJson.WriteNumber(json, "lo", score.Low);
        AnalysisJson.WriteNumber(json, "hi", score.High);
        AnalysisJson.WriteNumber(json, "n", score.Count);
        json.WriteEndObject();
    }

    static void WriteEffect(Utf8JsonWriter json, CausalEffect effect)
    {
        json.WriteString("role", AnalysisJson.Name(effect.Role));
        json.WriteString("behaviour", AnalysisJson.Name(effect.Behaviour));
        json.WriteString("ablation", AnalysisJson.Name(effect.Kind));
        AnalysisJson.WriteNumber(json, "effect", effect.Effect);
        AnalysisJson.WriteSpread(json, "null", effect.Null);
        json.WriteBoolean("is_same_layer", effect.IsSameLayer);
        json.WriteString("verdict", AnalysisJson.Name(effect.Verdict));
    }

    // Maps, and the attention of examples, are on the page.
    static void WriteCard(Utf8JsonWriter json, HeadCard card, HeadAtlas atlas)
    {
        json.WriteString("head", card.Head.ToString());
        json.WriteStartArray("bias_scores");
        foreach (var score in card.BiasScores)
            json.WriteNumberValue(score);
        json.WriteEndArray();
        AnalysisJson.WriteObjects(json, "examples", card.Examples, example =>
        {
            json.WriteNumber("decile", example.Decile);
            json.WriteNumber("text", atlas.Texts[example.Text].Number);
            AnalysisJson.WriteNumber(json, "activity", example.Activity);
            json.WriteNumber("peak", example.Peak);
        });
        AnalysisJson.WriteObjects(json, "vectors", card.Vectors, vectors =>
        {
            json.WriteString("kind", AnalysisJson.Name(vectors.Kind));
            AnalysisJson.WriteNumber(json, "first_share", vectors.FirstShare);
            AnalysisJson.WriteNumber(json, "second_share", vectors.SecondShare);
        });
    }
}
