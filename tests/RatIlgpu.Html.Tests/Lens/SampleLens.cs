using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html.Tests;

/// <summary>States under the lens, made without a model: predictions of a small vocabulary.</summary>
static class SampleLens
{
    /// <summary>The vocabulary; a token's id is its place plus 100.</summary>
    public static readonly string[] Words = ["When", " Mary", " and", " John", " went", " to", " the", " store"];

    public static readonly LensPageOptions Told = new()
    {
        Model = new("qwen2-sample", 2, 4) { KeyHeadCount = 2 },
        Origin = new() { Title = "Names & places", Command = "ratilgpu lens \"When Mary\"", Version = "1.2.3" },
    };

    /// <summary>Makes the states of one prompt of the first words; the answer is that of id 103.</summary>
    public static LensReading Reading(
        int tokens = 6, int layers = 2, int top = 3, int[]? followed = null, int[]? positions = null, int seed = 1,
        string? direction = null)
    {
        var random = new Random(seed);
        positions ??= [.. Enumerable.Range(0, tokens)];
        ValueArray<LensState> states =
        [
            .. from position in positions
               let final = Logits(random)
               from state in States(layers)
               select State(
                   state, position, state is ResidualTerm.FinalStream ? final : Logits(random), final, top,
                   followed ?? [103], direction),
        ];
        return new([.. Enumerable.Range(0, tokens).Select(at => 100 + (at % Words.Length))], states);
    }

    /// <summary>Makes the states of two prompts of other lengths, the second with padding before it.</summary>
    public static LensBatch TwoPrompts() => new(
        Reading(positions: [5, 2]),
        Reading(tokens: 4, positions: [3], seed: 2) with { AttentionMask = [0, 1, 1, 1] });

    public static TokenText Token(int id) => TokenOf(Words)(id);

    /// <summary>Returns the function that finds the text of a token among others.</summary>
    public static Func<int, TokenText> TokenOf(string[] words) => id => new(id, words[id - 100], []);

    /// <summary>Makes the states of a prompt of hostile tokens, which are also what is predicted.</summary>
    public static (LensReading Reading, Func<int, TokenText> Tokens) Hostile()
    {
        string[] words = ["start", .. SampleTrace.Hostile, "end"];
        var random = new Random(3);
        var final = Logits(random, words.Length);
        ValueArray<LensState> states =
        [
            .. from position in Enumerable.Range(0, words.Length)
               from state in States(1)
               select State(state, position, Logits(random, words.Length), final, 4, [101], "</option><b>"),
        ];
        return (new([.. Enumerable.Range(100, words.Length)], states), TokenOf(words));
    }

    /// <summary>Returns the states of a model in the order of the run.</summary>
    public static IEnumerable<ResidualTerm> States(int layers) =>
    [
        .. Enumerable.Range(0, layers).SelectMany(layer => new ResidualTerm[]
            { new ResidualTerm.StreamBefore(layer), new ResidualTerm.StreamMiddle(layer) }),
        new ResidualTerm.FinalStream(),
    ];

    /// <summary>Makes a state of the logits of a vocabulary.</summary>
    public static LensState State(
        ResidualTerm state, int position, float[] logits, float[] final, int top, int[] followed, string? direction)
    {
        var (own, end) = (Logarithms(logits), Logarithms(final));
        int[] order = [.. Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id])];
        return new(
            state, position, [.. order.Take(top).Select(Token)], [.. followed.Select(id => Token(id - 100))])
        {
            Entropy = -own.Sum(log => Math.Exp(log) * log),
            KlDivergence = end.Zip(own, (f, p) => Math.Exp(f) * (f - p)).Sum(),
            Projections = direction is null ? [] : [new(new([1], direction), logits[0] - 2)],
        };

        LensToken Token(int id) => new(id + 100, Array.IndexOf(order, id) + 1, logits[id], Math.Exp(own[id]));
    }

    static double[] Logarithms(float[] logits)
    {
        var partition = Math.Log(logits.Sum(logit => Math.Exp(logit)));
        return [.. logits.Select(logit => logit - partition)];
    }

    static float[] Logits(Random random, int count = 8) =>
        [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 8) - 2)];
}
