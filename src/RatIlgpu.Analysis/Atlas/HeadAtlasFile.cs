using System.Text;

namespace RatIlgpu.Analysis;

/// <summary>Reads scores and roles of an <c>atlas.json</c>, which is trusted in nothing.</summary>
sealed class HeadAtlasFile
{
    // Some three times the atlas of a model of 70 billion parameters.
    const int MostBytes = 1 << 28;

    // A document takes many times the memory of its text: only such parts become one, a head at a time. The head of an
    // atlas takes some 15,000 bytes.
    const int MostPartBytes = 1 << 22;

    const int MostHeads = 1 << 18;

    // Sums, differences and quotients of some such numbers are finite.
    const double MostNumber = 1e100;

    // Excess is computed of raw and chance: the last digits of both may be rounded.
    const double Rounding = 1e-6;

    static readonly string[] Names = ["kind", "version", "model", "manifest", "probes"];

    readonly string path;

    // Of what a number is read now, such as the score 'induction' of L3H1; empty for the file.
    string owner = "";

    HeadAtlasFile(string path) => this.path = path;

    /// <summary>Reads a file.</summary>
    /// <inheritdoc cref="HeadAtlasJson.ReadScores"/>
    public static HeadAtlas Read(string path) => new HeadAtlasFile(path).Read(InputFile.Read(path, MostBytes));

    HeadAtlas Read(byte[] bytes)
    {
        var parts = Parsed(() => JsonParts.Members(bytes, [.. Names, "heads"]));
        // Without the heads, which are most of it.
        var text = "{" + string.Join(',', Names.Where(parts.ContainsKey).Select(name => $"\"{name}\":{TextOf(name)}"))
            + "}";
        using var document = Document(Encoding.UTF8.GetBytes(text));
        var root = document.RootElement;
        if (Find(root, "kind") is not { ValueKind: JsonValueKind.String } || Text(root, "kind") != "atlas")
            throw new InvalidDataException(
                $"{path}: is JSON, but no atlas of heads, expected the atlas.json that 'ratilgpu heads' wrote.");
        CheckVersion(root);
        var manifest = Manifest(Part(root, "model"), Part(root, "manifest"));
        var scores = Definitions(root);
        var heads = parts.TryGetValue("heads", out var list) && list.Span[0] == '['
            ? Heads(list, manifest, scores.ToDictionary(score => score.Id))
            : throw Unlike("heads", "a list", parts.ContainsKey("heads") ? Encoding.UTF8.GetString(list.Span) : null);
        owner = "";
        return Find(root, "version") is null
            ? throw Unlike("version", $"{AnalysisJson.Version}", null)
            : new() { Manifest = manifest, Scores = scores, Heads = heads };

        string TextOf(string name) => Encoding.UTF8.GetString(Small(parts[name], name).Span);
    }

    // What another version means by the same names is not known.
    void CheckVersion(JsonElement root)
    {
        if (Find(root, "version") is { } version
            && !(version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var number)
                && number == AnalysisJson.Version))
            throw Wrong(
                $"has {OneLine.Quote(RawOf(version))} as version, expected {AnalysisJson.Version}; make the "
                + "atlas anew.");
    }

    AtlasManifest Manifest(JsonElement model, JsonElement manifest)
    {
        var (layers, heads) = (Whole(model, "layer_count", MostHeads), Whole(model, "head_count", MostHeads));
        var keyHeads = Whole(model, "key_head_count", MostHeads);
        if ((long)layers * heads > MostHeads || heads % keyHeads != 0)
            throw Wrong($"has {layers} layers of {heads} heads that read {keyHeads}, which no model has.");
        return new()
        {
            Model = Text(model, "name"),
            Fingerprint = Text(manifest, "fingerprint"),
            LayerCount = layers,
            HeadCount = heads,
            KeyValueHeadCount = keyHeads,
            Profile = Choice<ScoreProfile>(manifest, "score_profile"),
            Seed = Need(manifest, "seed", JsonValueKind.Number, "a whole number").TryGetInt64(out var seed)
                ? seed
                : throw Unlike(manifest, "seed", "a whole number of 64 bits"),
            Units = Units(Part(manifest, "units")),
            Texts = Text(manifest, "texts"),
            TextsHash = TextOrNull(manifest, "texts_hash") ?? "",
            Device = Text(manifest, "device"),
            Version = Text(manifest, "version"),
        };
    }

    ImmutableSortedDictionary<AtlasPass, int> Units(JsonElement units) => Enum.GetValues<AtlasPass>()
        .Where(pass => Find(units, AnalysisJson.Name(pass)) is not null)
        .ToImmutableSortedDictionary(
            pass => pass, pass => Whole(units, AnalysisJson.Name(pass), int.MaxValue, least: 0));

    ImmutableArray<HeadScoreDefinition> Definitions(JsonElement root)
    {
        ImmutableArray<HeadScoreDefinition> scores =
            [.. Need(root, "probes", JsonValueKind.Array, "a list").EnumerateArray().Select(Definition)];
        if (scores.IsEmpty)
            throw Wrong("has no probes, expected the definitions of its scores; make the atlas anew.");
        var twice = scores.CountBy(score => score.Id).FirstOrDefault(one => one.Value > 1).Key;
        return twice is null
            ? scores
            : throw Wrong($"has the probe {OneLine.Quote(twice)} twice, expected each once; make the atlas anew.");
    }

    HeadScoreDefinition Definition(JsonElement score) => new(
        Text(score, "id"), Text(score, "name"), Text(score, "meaning"), Choice<AtlasPass>(score, "pass"))
    {
        IsAttention = Find(score, "is_attention") is { ValueKind: JsonValueKind.True },
        Unit = TextOrNull(score, "unit"),
    };

    ImmutableArray<AtlasHead> Heads(
        ReadOnlyMemory<byte> list, AtlasManifest manifest, Dictionary<string, HeadScoreDefinition> known)
    {
        var (layers, heads) = (manifest.LayerCount, manifest.HeadCount);
        var (first, count) = JsonParts.Items(list, layers * heads);
        if (count != layers * heads)
            throw Wrong($"has {count} heads, expected {layers * heads}: {heads} of each of {layers} layers.");
        return
        [
            .. first.Select((text, place) =>
            {
                using var document = Document(Small(text, Text($"head {place + 1} of its list")));
                return Head(
                    document.RootElement, new(place / heads, place % heads), heads / manifest.KeyValueHeadCount, known);
            }),
        ];
    }

    AtlasHead Head(
        JsonElement head, HeadIndex expected, int groupSize, Dictionary<string, HeadScoreDefinition> known)
    {
        owner = "";
        if (Text(head, "head") is var name && name != expected.ToString())
            throw Wrong($"has {OneLine.Quote(name)} in the place of {expected}, expected heads in their order.");
        owner = $" of {expected}";
        foreach (var (member, number) in new[]
            { ("layer", expected.Layer), ("number", expected.Head), ("kv", expected.Head / groupSize) })
            if (Number(head, member) != number)
                throw Unlike(head, member, Text($"{number}"));
        var scores = Part(head, "scores").EnumerateObject().ToImmutableSortedDictionary(
            one => NameOf(one, expected), one => Score(one, expected, known), StringComparer.Ordinal);
        if (scores.IsEmpty)
            throw Wrong($"has no score of {expected}, expected one or more; make the atlas anew.");
        owner = $" of a role of {expected}";
        ImmutableArray<RoleLabel> roles =
            [.. Need(head, "roles", JsonValueKind.Array, "a list").EnumerateArray().Select(Role)];
        return roles.DistinctBy(role => role.Role).Count() == roles.Length
            ? new(expected, expected.Head / groupSize) { Scores = scores, Roles = roles }
            : throw Wrong($"has a role of {expected} twice, expected each once; make the atlas anew.");
    }

    HeadScore Score(JsonProperty member, HeadIndex head, Dictionary<string, HeadScoreDefinition> known)
    {
        var (name, score) = (NameOf(member, head), member.Value);
        if (!known.TryGetValue(name, out var definition))
            throw Wrong(
                $"has the score {OneLine.Quote(name)} of {head}, which none of its probes is; make the atlas anew.");
        owner = $" of the score {OneLine.Quote(name)} of {head}";
        var found = new HeadScore(Number(score, "raw"), Number(score, "n"))
        {
            Chance = NumberOrNull(score, "chance"),
            WithoutFirst = NumberOrNull(score, "no_sink"),
            WithoutSelf = NumberOrNull(score, "no_self"),
            Low = NumberOrNull(score, "lo"),
            High = NumberOrNull(score, "hi"),
        };
        // Of some, the attention of a control is taken away.
        if (definition.IsAttention && found.Raw is < -1 - Rounding or > 1 + Rounding)
            throw Unlike(score, "raw", "a share of attention, or a difference of two, from -1 to 1");
        if (Math.Abs(Number(score, "excess") - found.Excess) > Rounding * Math.Max(1, Math.Abs(found.Excess)))
            throw Unlike(score, "excess", Text($"{found.Excess:R}, which raw and chance give"));
        if (found.Count < 0)
            throw Unlike(score, "n", "0 or more");
        return found.Low > found.High
            ? throw Unlike(score, "lo", Text($"at most hi, which is {found.High:R}"))
            : found;
    }

    RoleLabel Role(JsonElement role) => new(
        Choice<HeadRole>(role, "role"), Text(role, "score"), NumberOrNull(role, "confidence") ?? double.NaN)
    {
        Verdict = TextOrNull(role, "verdict") is null ? null : Choice<CausalVerdict>(role, "verdict"),
    };

    T Parsed<T>(Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException(
                $"{path}: is no JSON file, or a damaged one, expected the atlas.json that 'ratilgpu heads' wrote.",
                fault);
        }
    }

    JsonDocument Document(ReadOnlyMemory<byte> text) => Parsed(
        () => JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false }));

    ReadOnlyMemory<byte> Small(ReadOnlyMemory<byte> part, string name) => part.Length <= MostPartBytes
        ? part
        : throw Wrong(Text($"has {ByteText.Of(part.Length)} as {name}, expected at most {MostPartBytes:N0}."));

    static JsonElement? Find(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var found)
        && found.ValueKind != JsonValueKind.Null ? found : null;

    JsonElement Part(JsonElement parent, string name) => Need(parent, name, JsonValueKind.Object, "an object");

    string Text(JsonElement parent, string name) =>
        TextOf(Need(parent, name, JsonValueKind.String, "text"), parent, name);

    string? TextOrNull(JsonElement parent, string name) => Find(parent, name) is null ? null : Text(parent, name);

    double Number(JsonElement parent, string name) =>
        Need(parent, name, JsonValueKind.Number, "a number").TryGetDouble(out var number)
        && Math.Abs(number) <= MostNumber
            ? number
            : throw Unlike(
                parent, name, Text($"a number from {-MostNumber:R} to {MostNumber:R}, of which sums stay finite"));

    double? NumberOrNull(JsonElement parent, string name) => Find(parent, name) is null ? null : Number(parent, name);

    int Whole(JsonElement parent, string name, int most, int least = 1) =>
        Number(parent, name) is var number && number >= least && number <= most && number == Math.Floor(number)
            ? (int)number
            : throw Unlike(parent, name, Text($"a whole number from {least} to {most}"));

    T Choice<T>(JsonElement parent, string name)
        where T : struct, Enum
    {
        var text = Text(parent, name);
        foreach (var value in Enum.GetValues<T>())
            if (AnalysisJson.Name(value) == text)
                return value;
        throw Wrong(
            $"has {OneLine.Quote(text)} as {name}{owner}, expected one of "
            + $"{string.Join(", ", Enum.GetValues<T>().Select(value => AnalysisJson.Name(value)))}.");
    }

    JsonElement Need(JsonElement parent, string name, JsonValueKind kind, string expected) =>
        Find(parent, name) is { } found && found.ValueKind == kind ? found : throw Unlike(parent, name, expected);

    string NameOf(JsonProperty score, HeadIndex head)
    {
        try
        {
            return score.Name;
        }
        catch (InvalidOperationException)
        {
            throw Wrong($"has a score of {head} without a name of well-formed Unicode; make the atlas anew.");
        }
    }

    string TextOf(JsonElement text, JsonElement parent, string name)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Unlike(parent, name, "well-formed Unicode");
        }
    }

    InvalidDataException Unlike(JsonElement parent, string name, string expected) =>
        Unlike(name, expected, Find(parent, name) is { } found ? RawOf(found) : null);

    InvalidDataException Unlike(string name, string expected, string? found) => Wrong(
        $"has {(found is null ? $"no {name}" : $"{OneLine.Shorten(found)} as {name}")}{owner}, expected {expected}; "
        + "make the atlas anew.");

    // GetRawText throws at bytes that are no UTF-8.
    static string RawOf(JsonElement element) => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(element));

    InvalidDataException Wrong(string what) => new($"{path}: {what}");

    static string Text(FormattableString text) => FormattableString.Invariant(text);
}
