using RatIlgpu.Analysis;

namespace RatIlgpu.Html;

/// <summary>Writes the plan of a page of an atlas: what there is, and in which order the blocks have it.</summary>
sealed class AtlasSheet(HeadAtlas atlas, AtlasPageOptions options, TokenTable tokens)
{
    readonly Dictionary<string, int> places =
        atlas.Scores.Index().ToDictionary(score => score.Item.Id, score => score.Index, StringComparer.Ordinal);

    public void Write(Utf8JsonWriter json)
    {
        var manifest = atlas.Manifest;
        json.WriteStartObject();
        WriteFile(json);
        json.WriteNumber("layers", manifest.LayerCount);
        json.WriteNumber("heads", manifest.HeadCount);
        json.WriteNumber("distances", AtlasBlocks.Distances(atlas));
        TraceData.Array(json, "scores", atlas.Scores, score => WriteScore(json, score));
        TraceData.Array(json, "roles", Enum.GetValues<HeadRole>(), role => WriteNames(
            json, role, AtlasWords.NameOf(role), AtlasWords.CodeOf(role), AtlasWords.HueOf(role)));
        TraceData.Array(json, "verdicts", Enum.GetValues<CausalVerdict>(), verdict => WriteNames(
            json, verdict, AtlasWords.NameOf(verdict), AtlasWords.SignOf(verdict), null));
        TraceData.Array(json, "behaviours", Enum.GetValues<HeadBehaviour>(), behaviour => WriteNames(
            json, behaviour, AtlasWords.NameOf(behaviour), AtlasWords.UnitOf(behaviour), null));
        TraceData.Array(json, "inputs", Enum.GetValues<HeadInput>(), input =>
            json.WriteStringValue(AtlasWords.NameOf(input)));
        TraceData.Array(
            json, "pairs",
            AtlasWords.Pairs.Where(pair => places.ContainsKey(pair.Text) && places.ContainsKey(pair.Random)),
            pair => WriteNumbers(json, places[pair.Text], places[pair.Random]));
        TraceData.Array(json, "all", atlas.Heads, head => WriteHead(json, head));
        TraceData.Array(json, "ids", tokens.Tokens, token => json.WriteNumberValue(token.Id));
        TraceData.WriteTexts(json, [.. tokens.Tokens]);
        TraceData.Array(json, "texts", atlas.Texts, text => WriteNumbers(json, text.Number, text.Tokens.Length));
        json.WriteNumber("points", atlas.Points.Length);
        TraceData.Array(json, "cards", atlas.Cards, card => WriteCard(json, card));
        json.WriteEndObject();
    }

    // What the exported JSON begins with; its names are those of the command's file.
    void WriteFile(Utf8JsonWriter json)
    {
        var manifest = atlas.Manifest;
        json.WriteStartObject("file");
        json.WriteStartObject("model");
        json.WriteString("name", manifest.Model);
        json.WriteNumber("layer_count", manifest.LayerCount);
        json.WriteNumber("head_count", manifest.HeadCount);
        json.WriteNumber("key_head_count", manifest.KeyValueHeadCount);
        json.WriteEndObject();
        if (options.Origin?.Command is { } command)
        {
            json.WriteStartObject("origin");
            json.WriteString("command", command);
            json.WriteEndObject();
        }

        json.WriteStartObject("manifest");
        json.WriteString("fingerprint", manifest.Fingerprint);
        json.WriteString("score_profile", IdOf(manifest.Profile));
        json.WriteNumber("seed", manifest.Seed);
        json.WriteStartObject("units");
        foreach (var (pass, units) in manifest.Units)
            json.WriteNumber(IdOf(pass), units);
        json.WriteEndObject();
        json.WriteString("texts", manifest.Texts);
        json.WriteString("texts_hash", manifest.TextsHash);
        json.WriteString("device", manifest.Device);
        json.WriteString("version", manifest.Version);
        TraceData.Array(json, "warnings", manifest.Warnings, json.WriteStringValue);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    static string IdOf(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    static void WriteScore(Utf8JsonWriter json, HeadScoreDefinition score)
    {
        json.WriteStartObject();
        json.WriteString("id", score.Id);
        json.WriteString("name", TraceWords.Name(score.Name));
        json.WriteString("meaning", TraceWords.Notice(score.Meaning));
        json.WriteString("pass", AtlasWords.NameOf(score.Pass));
        json.WriteBoolean("attention", score.IsAttention);
        if (score.Unit is { } unit)
            json.WriteString("unit", TraceWords.Name(unit));
        json.WriteEndObject();
    }

    // The name, the letters or the unit, the hue if there is one, and the name in files.
    static void WriteNames(Utf8JsonWriter json, Enum value, string name, string sign, int? hue)
    {
        json.WriteStartArray();
        json.WriteStringValue(name);
        json.WriteStringValue(sign);
        if (hue is { } number)
            json.WriteNumberValue(number);
        else
            json.WriteNullValue();
        json.WriteStringValue(IdOf(value));
        json.WriteEndArray();
    }

    void WriteHead(Utf8JsonWriter json, AtlasHead head)
    {
        json.WriteStartObject();
        json.WriteNumber("kv", head.KeyValueHead);
        if (head.PeakOffset is { } peak)
            json.WriteNumber("peak", peak);
        if (!head.Roles.IsEmpty)
            TraceData.Array(json, "roles", head.Roles, role => WriteNumbers(
                json, (int)role.Role, PlaceOf(role.ScoreId), role.Confidence, (double?)(int?)role.Verdict));
        if (!head.Feeders.IsEmpty)
            TraceData.Array(json, "feeders", head.Feeders, feeder => WriteNumbers(
                json, feeder.Source.Layer, feeder.Source.Head, (int)feeder.Input, PlaceOf(feeder.ScoreId),
                feeder.Effect));
        if (!head.Effects.IsEmpty)
            TraceData.Array(json, "effects", head.Effects, effect => WriteNumbers(
                json, (int)effect.Role, (int)effect.Behaviour, (int)effect.Kind, effect.Effect, effect.Null.Mean,
                effect.Null.Spread, effect.Null.Count, (int)effect.Verdict, effect.IsSameLayer ? 1 : 0));
        json.WriteEndObject();
    }

    void WriteCard(Utf8JsonWriter json, HeadCard card)
    {
        json.WriteStartObject();
        json.WriteNumber("head", (card.Head.Layer * atlas.Manifest.HeadCount) + card.Head.Head);
        TraceData.Array(json, "maps", card.Maps, map => json.WriteStringValue(TraceWords.Name(map.Name)));
        TraceData.Array(json, "biases", card.BiasScores, score => json.WriteNumberValue(score));
        TraceData.Array(json, "examples", card.Examples, example =>
            WriteNumbers(json, example.Decile, example.Text, example.Activity, example.Peak));
        TraceData.Array(json, "vectors", card.Vectors, vectors =>
        {
            var (low, high) = AtlasBlocks.RangeOf(vectors);
            WriteNumbers(json, (int)vectors.Kind, vectors.FirstShare, vectors.SecondShare, low, high);
        });
        json.WriteEndObject();
    }

    int PlaceOf(string scoreId) => places.GetValueOrDefault(scoreId, -1);

    static void WriteNumbers(Utf8JsonWriter json, params ReadOnlySpan<double?> numbers)
    {
        json.WriteStartArray();
        foreach (var number in numbers)
            if (number is { } value && double.IsFinite(value))
                json.WriteNumberValue(value);
            else
                json.WriteNullValue();
        json.WriteEndArray();
    }
}
