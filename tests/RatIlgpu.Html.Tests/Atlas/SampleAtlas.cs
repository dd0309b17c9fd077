using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests;

/// <summary>Atlases made without a model: heads whose scores follow from their place.</summary>
static class SampleAtlas
{
    static readonly string[] Words =
    [
        "When", " Mary", " and", " John", " went", " to", " the", " store", ",", "ing", " 12", ".", "\n", " gave", " a",
        " drink", "ed", " Tom", " kept", " it",
    ];

    // The scores in which a head of a kind is strong, the role first; a kind is 0 for none.
    static readonly (HeadRole Role, string[] Strong)[] Kinds =
    [
        (HeadRole.PreviousToken, ["previous", "previous-random", "previous-word-inside", "sharpness"]),
        (HeadRole.Induction, ["induction", "induction-text"]),
        (HeadRole.DuplicateToken, ["duplicate", "duplicate-random", "duplicate-rare"]),
        (HeadRole.Positional, ["offset"]),
        (HeadRole.FirstToken, ["first-token", "sink-value"]),
        (HeadRole.Delimiter, ["delimiter", "delimiter-newline"]),
        (HeadRole.Successor, ["successor", "succession"]),
        (HeadRole.SInhibition, ["s-inhibition", "ioi-s2"]),
        (HeadRole.Suppressor, ["copy-bottom"]),
    ];

    public static readonly ImmutableArray<HeadScoreDefinition> Scores =
    [
        .. Each(AtlasPass.Text, true, null,
            "previous", "previous-word-start", "previous-word-inside", "duplicate", "duplicate-rare",
            "induction-text", "first-token", "offset", "delimiter", "delimiter-newline"),
        .. Each(AtlasPass.Text, false, null, "sharpness", "delimiter-ratio", "sink-value", "position-share"),
        .. Each(AtlasPass.Text, false, "nats", "entropy"),
        .. Each(AtlasPass.Repeats, true, null, "induction", "previous-random", "duplicate-random"),
        .. Each(AtlasPass.Successors, true, null, "successor", "successor-permuted"),
        .. Each(AtlasPass.IndirectObject, true, null, "s-inhibition", "ioi-s2", "ioi-io"),
        .. Each(AtlasPass.Weights, false, null, "copy", "copy-top", "copy-bottom", "succession"),
    ];

    /// <summary>Makes an atlas; <paramref name="cards"/> of its heads have full cards.</summary>
    public static HeadAtlas Of(
        int layers = 4, int heads = 8, int groups = 2, int cards = 3, int tokens = 24, int points = 40,
        int examples = 10)
    {
        var random = new Random(5);
        var texts = cards == 0 ? [] : Texts(random, tokens);
        VectorPoint[] places = texts.IsEmpty
            ? []
            : [.. Enumerable.Range(0, points).Select(i => new VectorPoint(i % texts.Length, i * 7 % tokens))];
        AtlasHead[] all =
        [
            .. from layer in Enumerable.Range(0, layers)
               from head in Enumerable.Range(0, heads)
               select Head(new(layer, head), heads / groups, layers * heads),
        ];
        var known = all.Where(head => !head.Roles.IsEmpty).OrderByDescending(head => head.Roles[0].Confidence)
            .Concat(all).Distinct().Take(cards);
        return new()
        {
            Manifest = ManifestOf(layers, heads, groups),
            Scores = Scores,
            Heads = [.. all],
            Texts = texts,
            Points = [.. places],
            Cards = [.. known.Select(head => Card(head, texts, places.Length, examples))],
            RoleEffects = [RoleEffectOf(HeadRole.Induction, all), RoleEffectOf(HeadRole.PreviousToken, all)],
            Behaviours = new Dictionary<HeadBehaviour, double>
            {
                [HeadBehaviour.InductionLoss] = 1.234,
                [HeadBehaviour.NameDifference] = 3.5,
                [HeadBehaviour.TextLoss] = 3.25,
            }.ToImmutableSortedDictionary(),
        };
    }

    /// <summary>Makes an atlas in which every text from outside is hostile.</summary>
    public static HeadAtlas Hostile()
    {
        const string Bad = "</script><img src=x onerror=alert(1)>";
        var atlas = Of();
        return atlas with
        {
            Manifest = atlas.Manifest with
            {
                Model = Bad,
                Fingerprint = Bad,
                Texts = Bad,
                TextsHash = Bad,
                Device = Bad,
                Version = Bad,
                Warnings = [Bad, "\u202eedocinu"],
            },
            Scores = [.. atlas.Scores.Select((score, i) => i > 0 ? score : score with { Name = Bad, Meaning = Bad })],
            Texts = [.. atlas.Texts.Select(text => text with
            {
                Tokens = [.. text.Tokens.Select((token, i) => new TokenText(
                    1000 + i, i < SampleTrace.Hostile.Length ? SampleTrace.Hostile[i] : token.Text, []))],
            })],
            Cards = [.. atlas.Cards.Select(card => card with
            {
                Maps = [.. card.Maps.Select(map => map with { Name = Bad })],
            })],
        };
    }

    static AtlasManifest ManifestOf(int layers, int heads, int groups) => new()
    {
        Model = "Qwen2-sample",
        Fingerprint = "3f0a91c2d4e5b6f708192a3b4c5d6e7f",
        LayerCount = layers,
        HeadCount = heads,
        KeyValueHeadCount = groups,
        Seed = 7,
        Texts = "corpus.txt",
        TextsHash = "9c56cc51b374c3ba189210d5b6d4bf57790d351c",
        Device = "cpu, 512 bits",
        Version = "1.2.3",
        Seconds = 63.4,
        Units = new Dictionary<AtlasPass, int>
        {
            [AtlasPass.Text] = 48,
            [AtlasPass.Repeats] = 16,
            [AtlasPass.Successors] = 200,
            [AtlasPass.IndirectObject] = 160,
        }.ToImmutableSortedDictionary(),
        Warnings = ["Digits: the tokenizer joins no digit with a space; the family is written without spaces."],
    };

    static IEnumerable<HeadScoreDefinition> Each(
        AtlasPass pass, bool isAttention, string? unit, params string[] ids) =>
        ids.Select(id => new HeadScoreDefinition(
            id, char.ToUpperInvariant(id[0]) + id[1..].Replace('-', ' '),
            $"The mean over the valid queries of what {id.Replace('-', ' ')} sums.", pass)
        {
            IsAttention = isAttention,
            Unit = unit,
        });

    // A head of a kind stands at every fifth place or so; every eleventh has a second role.
    static int KindOf(int place, int count) => place % 5 == 3 || count < 5 ? 1 + (place * 7 / 5 % Kinds.Length) : 0;

    static AtlasHead Head(HeadIndex head, int size, int count)
    {
        var place = (head.Layer * 31) + head.Head;
        var random = new Random(place);
        var kind = KindOf(place, count);
        var peak = kind == 1 ? 1 : 2 + (place % 9);
        var second = kind > 0 && place % 11 == 0 ? 1 + (kind % Kinds.Length) : 0;
        var scores = Scores
            // Not every head has every score.
            .Where(score => score.Id != "ioi-io" || head.Head % 4 != 1)
            .ToImmutableSortedDictionary(score => score.Id, score => Score(score, random, IsStrong(score.Id)));
        RoleLabel[] roles =
        [
            .. from one in new[] { kind, second }
               where one > 0
               let role = Kinds[one - 1]
               let verdict = place % 6 is > 0 and < 5 ? (CausalVerdict?)(place % 4) : null
               orderby scores[role.Strong[0]].Low ?? 0 descending
               select new RoleLabel(role.Role, role.Strong[0], scores[role.Strong[0]].Low ?? 0.5) { Verdict = verdict },
        ];
        return new(head, head.Head / size)
        {
            Scores = scores,
            Roles = [.. roles],
            Profile = Profile(peak, kind, random),
            PeakOffset = peak,
            Feeders = head.Layer == 0 || kind == 0
                ? []
                : [.. Enumerable.Range(0, Math.Min(3, size)).Select(i => new HeadFeeder(
                    new(head.Layer - 1, i), i % 2 == 0 ? HeadInput.Key : HeadInput.Query, Kinds[kind - 1].Strong[0],
                    (i == 2 ? -0.1 : 0.6) / (i + 1)))],
            Effects = kind == 0 ? [] : [.. EffectsOf(Kinds[kind - 1].Role, random.NextDouble())],
        };

        bool IsStrong(string id) => new[] { kind, second }.Any(one => one > 0 && Kinds[one - 1].Strong.Contains(id));
    }

    static HeadScore Score(HeadScoreDefinition score, Random random, bool isStrong)
    {
        var noise = random.NextDouble();
        if (!score.IsAttention)
            return new(
                score.Unit is not null ? 1 + (4 * noise) : isStrong ? 0.4 + (0.5 * noise) : (0.3 * noise) - 0.15, 512);
        var chance = 0.005 + (score.Id.Length * 0.004);
        var raw = isStrong ? 0.35 + (0.6 * noise) : chance * 2 * noise;
        var excess = (raw - chance) / (1 - chance);
        return new(raw, 48 * 240)
        {
            Chance = chance,
            WithoutFirst = Math.Min(1, raw * 1.2),
            WithoutSelf = Math.Min(1, raw * 1.05),
            Low = excess - 0.01 - (0.05 * noise),
            High = excess + 0.02 + (0.03 * noise),
        };
    }

    // 128 distances, of which the last two have too few cells.
    static ImmutableArray<double?> Profile(int peak, int kind, Random random) =>
    [
        .. Enumerable.Range(0, 128).Select(distance => distance > 125
            ? (double?)null
            : (0.01 * random.NextDouble()) + (0.03 / (distance + 1)) + (distance == peak ? 0.3 + (kind * 0.05) : 0)),
    ];

    static IEnumerable<CausalEffect> EffectsOf(HeadRole role, double effect)
    {
        yield return new(
            role, HeadBehaviour.InductionLoss, HeadAblation.Zero, effect, new(0.02, 0.03, 8),
            effect > 0.5 ? CausalVerdict.Causal : CausalVerdict.None);
        yield return new(
            role, HeadBehaviour.InductionLoss, HeadAblation.Mean, effect / 2, new(0.01, 0.02, 8),
            CausalVerdict.Redundant)
        {
            IsSameLayer = false,
        };
    }

    static RoleEffect RoleEffectOf(HeadRole role, AtlasHead[] heads) => new(
        role, [.. heads.Where(head => head.Roles.Any(one => one.Role == role)).Select(head => head.Head)],
        [.. EffectsOf(role, 0.75)]);

    static ImmutableArray<AtlasText> Texts(Random random, int tokens) =>
    [
        .. Enumerable.Range(0, 12).Select(number => new AtlasText(number,
            [.. Enumerable.Range(0, tokens).Select(_ => random.Next(Words.Length))
                .Select(word => new TokenText(100 + word, Words[word], []))])),
    ];

    static HeadCard Card(AtlasHead head, ImmutableArray<AtlasText> texts, int points, int examples)
    {
        var random = new Random((head.Head.Layer * 100) + head.Head.Head);
        var peak = head.PeakOffset ?? 1;
        return new(head.Head)
        {
            Maps =
            [
                .. new[] { "text", "random", "repeats" }.Select(name => new MeanMap(name, Map(name, peak, random))),
            ],
            Examples =
            [
                .. Enumerable.Range(0, examples).Select(i =>
                    Example(10 - i, i % texts.Length, texts, peak, random)),
            ],
            Vectors = [.. Enum.GetValues<HeadVectorKind>().Select(kind => new HeadVectors(
                kind, [.. Enumerable.Range(0, 2 * points).Select(i => Coordinate(i, random))], 0.41, 0.17))],
        };
    }

    // Two clusters.
    static float Coordinate(int i, Random random) =>
        (float)((i / 2 % 2 == 0 ? -1 : 1.5) + random.NextDouble() + random.NextDouble());

    static ImmutableArray<float> Map(string name, int peak, Random random)
    {
        var cells = new float[64 * 64];
        for (var query = 0; query < 64; query++)
            for (var key = 0; key < 64; key++)
                cells[(query * 64) + key] = key > query && name != "repeats"
                    ? float.NaN
                    : query - key == peak ? 0.5f : (float)random.NextDouble() / (query + 2);
        return [.. cells];
    }

    static HeadExample Example(int decile, int text, ImmutableArray<AtlasText> texts, int peak, Random random)
    {
        var tokens = texts[text].Tokens.Length;
        var keys = new short[tokens * HeadExample.KeysPerQuery];
        var attention = new float[keys.Length];
        Array.Fill(keys, (short)-1);
        for (var query = 0; query < tokens; query++)
        {
            var far = Math.Max(0, query - peak);
            int[] found = [far, .. Enumerable.Range(0, query + 1).Where(key => key != far)
                .OrderBy(_ => random.Next()).Take(HeadExample.KeysPerQuery - 1)];
            foreach (var (place, key) in found.Index())
            {
                keys[(query * HeadExample.KeysPerQuery) + place] = (short)key;
                attention[(query * HeadExample.KeysPerQuery) + place] = place == 0
                    ? 0.3f + (0.05f * decile)
                    : 0.1f / (place + 1);
            }
        }

        return new(decile, text, decile * 1.5, tokens * 2 / 3, [.. keys], [.. attention]);
    }
}
