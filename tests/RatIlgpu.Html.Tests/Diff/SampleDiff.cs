using RatIlgpu.Analysis;
using RatIlgpu.Tensors;
using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests;

/// <summary>Comparisons made without a model: changes that follow from the place of a head.</summary>
static class SampleDiff
{
    static readonly string[] Words =
        ["When", " Mary", " and", " John", " went", " to", " the", " store", ",", "\n", " gave", " a", " drink", "."];

    static readonly WeightPart[] Parts =
    [
        WeightPart.AttentionGain, WeightPart.Query, WeightPart.QueryBias, WeightPart.Key, WeightPart.KeyBias,
        WeightPart.Value, WeightPart.ValueBias, WeightPart.Output, WeightPart.MlpGain, WeightPart.Gate, WeightPart.Up,
        WeightPart.Down,
    ];

    /// <summary>Makes a comparison of texts, weights and scores.</summary>
    public static CheckpointDiff Of(int layers = 4, int heads = 8, int groups = 2, int texts = 3, int tokens = 24) =>
        new()
        {
            A = new("Qwen2-sample", "a"),
            B = new("Qwen2-tuned", "b"),
            LayerCount = layers,
            HeadCount = heads,
            KeyValueHeadCount = groups,
            Weights =
            [
                Weight(WeightPart.Embedding, null, 0, layers),
                .. from layer in Enumerable.Range(0, layers)
                   from part in Parts
                   select Weight(part, layer, BlocksOf(part, heads, groups), layers),
                Weight(WeightPart.FinalGain, null, 0, layers),
            ],
            Texts = TextsOf(layers, heads, texts, tokens),
            Scores = ScoresOf(layers, heads),
            Warnings = ["B (Qwen2-tuned) has no tokenizer: that of A is used."],
        };

    /// <summary>Makes a comparison of a model with itself, of weights alone.</summary>
    public static CheckpointDiff Equal()
    {
        var diff = Of();
        var none = new BlockChange(0, 4, 0, 0);
        return diff with
        {
            Weights =
            [
                .. diff.Weights.Items.Select(weight => weight with
                {
                    Whole = none,
                    Heads = [.. weight.Heads.Items.Select(_ => none)],
                }),
            ],
            Texts = null,
            Scores = null,
            Warnings = [],
        };
    }

    /// <summary>The id of a score, from a file that anybody may have made, as which an attribute would end.</summary>
    public const string HostileId = "a\" autofocus onfocus=\"alert(1)\"'<img src=x>";

    /// <summary>Makes a comparison whose names, texts, tokens and ids of scores are attacks.</summary>
    public static CheckpointDiff Hostile()
    {
        const string Attack = "</script><img src=x onerror=alert(1)>", Quotes = "\"'><img src=x>\0\u001B[31m\r\n";
        var diff = Of();
        TokenText Spoilt(TokenText token) => token with { Text = token.Id % 2 == 0 ? Attack : Quotes };
        string Id(string id) => id == "previous" ? HostileId : id;
        return diff with
        {
            A = new(Attack, Attack),
            B = new("\u202EB" + Quotes, "b"),
            Warnings = [Attack],
            Texts = diff.Texts! with
            {
                Origin = Attack,
                Texts =
                [
                    .. diff.Texts.Texts.Items.Select(text => text with
                    {
                        Name = Attack,
                        Tokens = [.. text.Tokens.Items.Select(Spoilt)],
                    }),
                ],
                Predictions =
                [
                    .. diff.Texts.Predictions.Items.Select(one => one with
                    {
                        A = one.A with { Token = Spoilt(one.A.Token) },
                        B = one.B with { Token = Spoilt(one.B.Token) },
                    }),
                ],
            },
            Scores = diff.Scores! with
            {
                Scores =
                [
                    .. diff.Scores.Scores.Items.Select(score => score with
                    {
                        Id = Id(score.Id),
                        Name = Attack,
                        Meaning = Quotes,
                    }),
                ],
                Changes =
                [
                    .. diff.Scores.Changes.Items.Select(change => change with { ScoreId = Id(change.ScoreId) }),
                ],
            },
        };
    }

    public static TokenText Token(int id) => new(id, Words[id % Words.Length], []);

    /// <summary>Returns a change that is larger in later layers and at later heads.</summary>
    public static BlockChange Change(int layer, int place, int layers) => layer * (place + 1) == 0
        ? new(0, 4, 0, 0)
        : new(
            layer * (place + 1.0) / layers, 4, place % 3 == 2 ? null : place + 1,
            place % 3 == 2 ? null : place + 0.5);

    static int BlocksOf(WeightPart part, int heads, int groups) => part switch
    {
        WeightPart.Query or WeightPart.QueryBias or WeightPart.Output => heads,
        WeightPart.Key or WeightPart.KeyBias or WeightPart.Value or WeightPart.ValueBias => groups,
        _ => 0,
    };

    static WeightChange Weight(WeightPart part, int? layer, int blocks, int layers) => new(
        layer is { } number ? FormattableString.Invariant($"model.layers.{number}.{part}") : $"model.{part}", part,
        layer, Change(layer ?? 0, (int)part, layers))
    {
        Rows = 64,
        Columns = 32,
        FormatA = DataType.BF16,
        FormatB = layer == 1 ? DataType.F32 : DataType.BF16,
        Heads = [.. Enumerable.Range(0, blocks).Select(block => Change(layer ?? 0, block, layers))],
    };

    static TextDivergence TextsOf(int layers, int heads, int texts, int tokens)
    {
        var all = Enumerable.Range(0, texts).Select(text => new DiffText(
            $"text {text}", [.. Enumerable.Range(0, tokens).Select(place => Token(place + text))],
            [.. Enumerable.Range(0, tokens).Select(place => (place + text) % 5 * 0.5)])).ToArray();
        return new()
        {
            Origin = "built-in texts",
            Texts = [.. all],
            Heads =
            [
                .. from layer in Enumerable.Range(0, layers)
                   from head in Enumerable.Range(0, heads)
                   let share = (double)layer * (head + 1) / (layers * heads)
                   select new HeadDivergence(new(layer, head), new(share * 0.5, share), new(0.6, 0.9), 23),
            ],
            Cosines = [.. Enumerable.Range(0, layers).Select(layer => 1 - (0.1 * layer))],
            MeanKl = 0.875,
            LossA = 3.5,
            LossB = 3.25,
            Predictions =
            [
                .. from text in Enumerable.Range(0, texts)
                   from place in Enumerable.Range(0, tokens)
                   where (place + text) % 5 == 4
                   select new ChangedPrediction(
                       text, place, new(Token(1), 0.75, 0.125), new(Token(3), 0.0625, 0.5), 2),
            ],
        };
    }

    static ScoreChanges ScoresOf(int layers, int heads)
    {
        HeadScoreDefinition[] scores =
        [
            new("induction", "Induction", "Attention to the token after a copy.", AtlasPass.Repeats),
            new("previous", "Previous token", "Attention to the token before.", AtlasPass.Text),
        ];
        return new()
        {
            Scores = [.. scores],
            Changes =
            [
                .. from layer in Enumerable.Range(0, layers)
                   from head in Enumerable.Range(0, heads)
                   from score in scores
                   // The first head has no induction score.
                   where score.Id == "previous" || layer + head > 0
                   let excess = (double)head / heads
                   select new ScoreChange(
                       new(layer, head), score.Id,
                       new(excess, 10) { Low = excess - 0.1, High = excess + 0.1 },
                       new(excess * (1 - (0.25 * layer)), 10)
                       {
                           Low = (excess * (1 - (0.25 * layer))) - 0.1,
                           High = (excess * (1 - (0.25 * layer))) + 0.1,
                       }),
            ],
            Roles =
            [
                new(new(layers - 1, heads - 1), new(HeadRole.Induction, "induction", 0.5), false),
                new(new(0, 0), new(HeadRole.PreviousToken, "previous", 0.25), true),
            ],
        };
    }
}
