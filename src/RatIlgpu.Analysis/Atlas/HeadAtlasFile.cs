namespace RatIlgpu.Analysis;

/// <summary>Reads scores and roles of an <c>atlas.json</c>, which is trusted in nothing.</summary>
sealed class HeadAtlasFile
{
    // Ten times the atlas of a model of 70 billion parameters.
    const int MostBytes = 1 << 28;

    const int MostHeads = 1 << 18;

    readonly string path;

    HeadAtlasFile(string path) => this.path = path;

    /// <summary>Reads a file.</summary>
    /// <inheritdoc cref="HeadAtlasJson.ReadScores"/>
    public static HeadAtlas Read(string path)
    {
        var bytes = InputFile.Read(path, MostBytes);
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException(
                $"{path}: is no JSON file, or a damaged one, expected the atlas.json that 'ratilgpu heads' wrote.",
                fault);
        }

        using (document)
            return new HeadAtlasFile(path).Read(document.RootElement);
    }

    HeadAtlas Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || Find(root, "kind") is not { ValueKind: JsonValueKind.String } kind
            || kind.GetString() != "atlas")
            throw new InvalidDataException(
                $"{path}: is JSON, but no atlas of heads, expected the atlas.json that 'ratilgpu heads' wrote.");
        var (model, manifest) = (Part(root, "model"), Part(root, "manifest"));
        var (layers, heads) = (Whole(model, "layer_count"), Whole(model, "head_count"));
        var keyHeads = Whole(model, "key_head_count");
        if ((long)layers * heads > MostHeads || heads % keyHeads != 0)
            throw Wrong($"has {layers} layers of {heads} heads that read {keyHeads}, which no model has.");
        return new()
        {
            Manifest = new()
            {
                Model = Text(model, "name"),
                Fingerprint = Text(manifest, "fingerprint"),
                LayerCount = layers,
                HeadCount = heads,
                KeyValueHeadCount = keyHeads,
                Profile = Choice<ScoreProfile>(manifest, "score_profile"),
                Seed = (long)Number(manifest, "seed"),
                Units = Units(Part(manifest, "units")),
                Texts = Text(manifest, "texts"),
                TextsHash = TextOrNull(manifest, "texts_hash") ?? "",
                Device = Text(manifest, "device"),
                Version = Text(manifest, "version"),
            },
            Scores = [.. Items(root, "probes").Select(Definition)],
            Heads = Heads(root, layers, heads, keyHeads),
        };
    }

    ImmutableSortedDictionary<AtlasPass, int> Units(JsonElement units) => Enum.GetValues<AtlasPass>()
        .Where(pass => Find(units, AnalysisJson.Name(pass)) is not null)
        .ToImmutableSortedDictionary(pass => pass, pass => (int)Number(units, AnalysisJson.Name(pass)));

    HeadScoreDefinition Definition(JsonElement score) => new(
        Text(score, "id"), Text(score, "name"), Text(score, "meaning"), Choice<AtlasPass>(score, "pass"))
    {
        IsAttention = Find(score, "is_attention") is { ValueKind: JsonValueKind.True },
        Unit = TextOrNull(score, "unit"),
    };

    ImmutableArray<AtlasHead> Heads(JsonElement root, int layers, int heads, int keyHeads)
    {
        var all = Items(root, "heads");
        if (all.Length != layers * heads)
            throw Wrong($"has {all.Length} heads, expected {layers * heads}: {heads} of each of {layers} layers.");
        return [.. all.Select((one, place) => Head(one, new(place / heads, place % heads), heads / keyHeads))];
    }

    AtlasHead Head(JsonElement head, HeadIndex expected, int groupSize)
    {
        if (Text(head, "head") is var name && name != expected.ToString())
            throw Wrong($"has {OneLine.Quote(name)} in the place of {expected}, expected heads in their order.");
        return new(expected, expected.Head / groupSize)
        {
            Scores = Part(head, "scores").EnumerateObject().ToImmutableSortedDictionary(
                one => one.Name, one => Score(one.Value), StringComparer.Ordinal),
            Roles = [.. Items(head, "roles").Select(Role)],
        };
    }

    HeadScore Score(JsonElement score) => new(Number(score, "raw"), Number(score, "n"))
    {
        Chance = NumberOrNull(score, "chance"),
        WithoutFirst = NumberOrNull(score, "no_sink"),
        WithoutSelf = NumberOrNull(score, "no_self"),
        Low = NumberOrNull(score, "lo"),
        High = NumberOrNull(score, "hi"),
    };

    RoleLabel Role(JsonElement role) => new(
        Choice<HeadRole>(role, "role"), Text(role, "score"), NumberOrNull(role, "confidence") ?? double.NaN)
    {
        Verdict = TextOrNull(role, "verdict") is null ? null : Choice<CausalVerdict>(role, "verdict"),
    };

    static JsonElement? Find(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var found)
        && found.ValueKind != JsonValueKind.Null ? found : null;

    JsonElement Part(JsonElement parent, string name) => Need(parent, name, JsonValueKind.Object, "an object");

    JsonElement[] Items(JsonElement parent, string name) =>
        [.. Need(parent, name, JsonValueKind.Array, "a list").EnumerateArray()];

    string Text(JsonElement parent, string name) =>
        TextOf(Need(parent, name, JsonValueKind.String, "text"), name);

    string? TextOrNull(JsonElement parent, string name) => Find(parent, name) is null ? null : Text(parent, name);

    double Number(JsonElement parent, string name) =>
        Need(parent, name, JsonValueKind.Number, "a number").TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Unlike(name, "a finite number");

    double? NumberOrNull(JsonElement parent, string name) => Find(parent, name) is null ? null : Number(parent, name);

    int Whole(JsonElement parent, string name) =>
        Number(parent, name) is >= 1 and <= MostHeads and var number && number == Math.Floor(number)
            ? (int)number
            : throw Unlike(name, "a whole number of at least 1");

    T Choice<T>(JsonElement parent, string name)
        where T : struct, Enum
    {
        var text = Text(parent, name);
        foreach (var value in Enum.GetValues<T>())
            if (AnalysisJson.Name(value) == text)
                return value;
        throw Wrong(
            $"has {OneLine.Quote(text)} as {name}, expected one of "
            + $"{string.Join(", ", Enum.GetValues<T>().Select(value => AnalysisJson.Name(value)))}.");
    }

    JsonElement Need(JsonElement parent, string name, JsonValueKind kind, string expected) =>
        Find(parent, name) is { } found && found.ValueKind == kind ? found : throw Unlike(name, expected);

    string TextOf(JsonElement text, string name)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Unlike(name, "well-formed Unicode");
        }
    }

    InvalidDataException Unlike(string name, string expected) =>
        Wrong($"has no {name}, or another than expected: {expected}; make the atlas anew.");

    InvalidDataException Wrong(string what) => new($"{path}: {what}");
}
