using RatIlgpu.Devices;
using RatIlgpu.Text;
using RatIlgpu.Tracing;

namespace RatIlgpu.Html.Tests;

/// <summary>Traces made from paths, without a model.</summary>
static class SampleTrace
{
    public static readonly string[] Sentence =
    [
        "<|endoftext|>", "When", " Mary", " and", " John", " went", " to", " the", " shops", ",", " John", " gave",
        " a", " drink", " to", " Mary", ".", "\n", "She", " said",
    ];

    /// <summary>Texts that try to leave the place they are put in.</summary>
    public static readonly string[] Hostile =
    [
        "</script><img src=x onerror=alert(1)>", "<!--", "\"onload=\"alert(1)", "'", "&lt;", "`${alert(1)}`", " שלום",
        " مرحبا", " 你好", "👩‍🚀", "\ud83d", "\0", "\u001b[31m", "\u202e", "\u200d", "\u00a0", "\r\n", "\t",
        "", "\u2028", "    ", "]]>",
    ];

    /// <summary>Makes a trace; the first position of the first path is the target.</summary>
    public static TraceResult Of(IEnumerable<string> tokens, params (int[] At, double[] Attention)[] paths)
    {
        ImmutableArray<TokenText> texts = [.. tokens.Select((text, i) => new TokenText(1000 + i, text, []))];
        ImmutableArray<BeamPath> beams = [.. paths.Select(path => Path(path.At, path.Attention))];
        var weights = PathWeights.Softmax([.. beams.Select(path => path.Score)]);
        var target = paths.Length > 0 ? paths[0].At[0] : texts.Length - 1;
        return new()
        {
            Options = new() { TargetPosition = target, Layer = 23 },
            Model = new("qwen2-sample", 24, 14),
            Tokens = texts,
            Paths = beams,
            PathWeights = weights,
            Sankey = SankeyGraph.Build(beams, weights, 23, texts),
            PathTexts = [.. beams.Select(path => string.Concat(path.Positions.Reverse().Select(at => texts[at].Text)))],
            SelfAttention = beams.SelectMany(path => path.Positions).Distinct()
                .ToImmutableSortedDictionary(at => at, at => 0.25 / (1 + at)),
            TargetAttention = [.. Enumerable.Range(0, target + 1).Select(at => 1.0 / (target + 1))],
        };
    }

    /// <summary>Makes a trace of a few paths through the sentence, some of which share links.</summary>
    public static TraceResult FivePaths() => Of(Sentence,
        ([19, 18, 0], [0.5, 0.75]),
        ([19, 15, 4, 0], [0.25, 0.5, 0.5]),
        ([19, 15, 2, 1, 0], [0.25, 0.375, 0.5, 0.625]),
        ([19, 4, 0], [0.125, 0.5]),
        ([19, 17, 10, 4, 0], [0.2, 0.3, 0.4, 0.5]));

    /// <summary>Makes a trace of the sentence with another name and another place, whose attention differs a
    /// little.</summary>
    public static TraceResult Swapped() => Of(
        Sentence.Select(text => text == " Mary" ? " Anna" : text == " shops" ? " beach" : text),
        ([19, 18, 0], [0.52, 0.75]),
        ([19, 15, 4, 0], [0.252, 0.5, 0.5]),
        ([19, 15, 2, 1, 0], [0.251, 0.375, 0.502, 0.625]),
        ([19, 4, 0], [0.125, 0.52]),
        ([19, 17, 10, 4, 0], [0.2, 0.3, 0.36, 0.5]));

    /// <summary>Returns a trace as that of head 1, with an explanation of each link.</summary>
    public static TraceResult Explained(TraceResult trace, string part = "L1H0") => trace with
    {
        Options = trace.Options with { Heads = HeadAggregation.Head(1) },
        Explanations =
        [
            .. trace.Sankey.Links.Select((link, at) => new LinkExplanation
            {
                Source = link.Source,
                Target = link.Target,
                Score = 3 + at,
                Attention = link.Attention,
                PositionAlone = -0.25,
                Pairs =
                [
                    new(part, "embed", 4), new("0_mlp_out", "L2H13", -2), new("embed", "bias", 0.5),
                    new("bias", "bias", 0.25), new("embed", "embed", 0.125),
                ],
            }),
        ],
    };

    /// <summary>Returns a trace whose links count another number than attention.</summary>
    public static TraceResult Weighted(TraceResult trace, AttentionWeights weights) =>
        trace with { Options = trace.Options with { Weights = weights } };

    /// <summary>Makes traces of the sentence at the layers 3 and 7, of five paths and of two.</summary>
    public static ImmutableArray<TraceResult> TwoLayers()
    {
        var two = Of(Sentence, ([19, 12, 0], [0.5, 0.5]), ([19, 4, 0], [0.25, 0.5]));
        return [AtLayer(FivePaths(), 3), AtLayer(two, 7)];
    }

    /// <summary>Makes traces of two layers and three heads of a short prompt.</summary>
    public static ImmutableArray<TraceResult> LayersAndHeads() =>
        [.. from layer in (int[])[3, 7] from head in (int[])[0, 1, 2] select AtHead(layer, head)];

    /// <summary>Makes traces of three prompts, the last with two targets and generated tokens.</summary>
    public static ImmutableArray<TraceResult> ThreePrompts()
    {
        string[] other = ["When", " Tom", " and", " Anna", " went", " to", " the", " beach", " Tom"];
        return
        [
            Told(FivePaths(), 0, " Mary", 0.75),
            Told(Of(other, ([8, 3, 1], [0.5, 0.25]), ([8, 1], [0.5])), 1, " Anna", 0.5),
            Told(Of(Sentence, ([9, 4, 0], [0.5, 0.5]), ([9, 2], [0.25])), 2, " and", 0.25),
            Told(Of(Sentence, ([19, 4, 0], [0.5, 0.5])), 2, " that", 0.25),
        ];
    }

    /// <summary>Returns a trace with everything that a page can tell about its run.</summary>
    public static TraceResult Told(TraceResult trace, int prompt, string next, double probability) => trace with
    {
        Prompt = prompt,
        PromptLength = prompt == 2 ? 17 : trace.Tokens.Length,
        Predictions = [new(new(7, next, []), probability, 5), new(new(8, " a", []), probability / 4, 3)],
        Interventions = ["L1H0 = 0"],
        Origin = new() { Title = "Names & places", Command = "ratilgpu trace \"When Mary\"", Version = "1.2.3" },
    };

    static TraceResult AtHead(int layer, int head)
    {
        var trace = Of(Sentence, ([19, 15 - head, 0], [0.5, 0.5]), ([19, 4 + layer, 1, 0], [0.25, 0.5, 0.25]));
        var options = trace.Options with { Heads = HeadAggregation.Head(head) };
        return AtLayer(trace with { Options = options }, layer);
    }

    /// <summary>Makes a trace of pseudo-random paths, the same ones for the same numbers.</summary>
    public static TraceResult Random(int tokens, int paths, int longest, int seed = 1, params string[] words)
    {
        words = words.Length == 0 ? Sentence : words;
        var random = new Random(seed);
        var hubs = Enumerable.Range(0, longest).Select(_ => random.Next(1, tokens - 1)).ToArray();
        var texts = Enumerable.Range(0, tokens).Select(i => words[i % words.Length]);
        return Of(texts, [.. Enumerable.Range(0, paths).Select(_ => Walk())]);

        (int[], double[]) Walk()
        {
            var inner = hubs.Where(_ => random.Next(3) > 0).Append(random.Next(1, tokens - 1));
            int[] at = [tokens - 1, .. inner.Distinct().OrderDescending(), 0];
            return (at, [.. at.Skip(1).Select(key => (1 + (key * 37 % 11)) / 16.0)]);
        }
    }

    /// <summary>Returns the same paths as those of another layer.</summary>
    public static TraceResult AtLayer(TraceResult trace, int layer) => trace with
    {
        Options = trace.Options with { Layer = layer },
        Sankey = SankeyGraph.Build(trace.Paths, trace.PathWeights, layer, trace.Tokens),
    };

    static BeamPath Path(int[] at, double[] attention)
    {
        var raw = attention.Sum(Math.Log);
        var score = LengthNormalization.AverageLogProbability.Apply(raw, attention.Length);
        return new([.. at], [.. attention], raw, score);
    }
}
