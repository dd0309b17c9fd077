using RatIlgpu.Devices;

namespace RatIlgpu.Cli;

/// <summary>The options of the tracer.</summary>
sealed class TraceSettings
{
    static readonly TraceOptions Defaults = new();

    static readonly Dictionary<string, string> Spelled = new()
    {
        [nameof(TraceOptions.TargetPosition)] = "--target-pos",
        [nameof(TraceOptions.Layer)] = "layer",
        [nameof(TraceOptions.TopBeam)] = "--top-beam",
        [nameof(TraceOptions.TopK)] = "--top-k",
        [nameof(TraceOptions.MinAttention)] = "--min-attn",
        [nameof(TraceOptions.BosTokenId)] = "--bos-token-id",
        [nameof(TraceOptions.AttentionMask)] = "--attention-mask",
    };

    public CliOption<int?> TargetPosition { get; } = new("--target-pos", "position",
        "The position to trace; a negative one counts from the end. Default: -1, the last token.");

    public CliOption<int> Layer { get; } = new(
        "--layer, -l", "layer", "The layer whose attention is traced; a negative one counts from the end.", -1);

    public CliOption<ImmutableArray<int>> Layers { get; } = new("--layers", "list|all",
        "Several layers, such as 0,2,-1, or all; the page then has a slider for them.", ParseLayers)
    {
        // For a list type the parser's default arity accepts several values and passes on the first only.
        Arity = ArgumentArity.ExactlyOne,
    };

    public CliOption<int> TopBeam { get; } = new("--top-beam", "n", "How many paths are kept.", Defaults.TopBeam);

    public CliOption<int> TopK { get; } = new(
        "--top-k", "n", "How many predecessors are tried at each step.", Defaults.TopK);

    public CliOption<double> MinAttention { get; } = new("--min-attn", "share",
        "The attention below which a step does not exist, 0 to 1.", Defaults.MinAttention, Parsing.Number);

    public CliOption<HeadAggregation> Heads { get; } = new("--agg-heads", "heads",
        "Which heads are looked at: mean, max, one head such as 3, or a set such as mean:0,2 or max:0,2.",
        Defaults.Heads, HeadAggregation.Parse);

    public CliOption<LengthNormalization> LengthNormalization { get; } = new("--length-norm", "form",
        "How scores are made comparable between lengths: avg_logprob, sqrt, none or pow:NUMBER.",
        Defaults.LengthNormalization, Tracing.LengthNormalization.Parse);

    public CliOption<bool> StopAtBos { get; } = new("--stop-at-bos", "true|false",
        "Whether a path ends at the token --bos-token-id: true or false.", Defaults.StopAtBos);

    public CliOption<int?> BosTokenId { get; } = new(
        "--bos-token-id", "id", "The token at which paths end. Default: none; Qwen2's tokenizer has no such token.");

    public CliOption<ImmutableArray<int>?> AttentionMask { get; } = new("--attention-mask", "digits",
        "Which tokens are real, such as 0011: one digit per token, 0 for padding. Default: all are.",
        text => ParseMask(text));

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(TerminalCommand command) => command.AddAll(
        TargetPosition, Layer, Layers, TopBeam, TopK, MinAttention, Heads, LengthNormalization, StopAtBos, BosTokenId,
        AttentionMask);

    /// <summary>Returns the options of the tracer from the command line.</summary>
    public TraceOptions Read(ParseResult parsed) => new()
    {
        TargetPosition = parsed.GetValue(TargetPosition) is { } position ? Place(position) : Defaults.TargetPosition,
        Layer = Place(parsed.GetValue(Layer)),
        TopBeam = parsed.GetValue(TopBeam),
        TopK = parsed.GetValue(TopK),
        MinAttention = parsed.GetValue(MinAttention),
        Heads = parsed.GetValue(Heads)!,
        LengthNormalization = parsed.GetValue(LengthNormalization),
        StopAtBos = parsed.GetValue(StopAtBos),
        BosTokenId = parsed.GetValue(BosTokenId),
        AttentionMask = parsed.GetValue(AttentionMask),
    };

    /// <summary>Returns whether <c>--layers</c> is given.</summary>
    public bool HasLayers(ParseResult parsed) => parsed.GetResult(Layers) is not null;

    /// <summary>Returns the layers to trace, ascending, each once; null where one layer was asked for.</summary>
    public ImmutableArray<int>? ReadLayers(ParseResult parsed, int layerCount)
    {
        if (!HasLayers(parsed))
            return null;
        var layers = parsed.GetValue(Layers);
        if (layers.IsEmpty)
            return [.. Enumerable.Range(0, layerCount)];
        foreach (var layer in layers)
            (Defaults with { TargetPosition = 0, Layer = Place(layer) }).Resolve(1, layerCount, 1, 1);
        return [.. layers.Select(layer => layer < 0 ? layer + layerCount : layer).Distinct().Order()];
    }

    /// <summary>Refuses options that contradict each other.</summary>
    /// <exception cref="UsageException">Both forms of the layer are given.</exception>
    public void Check(ParseResult parsed)
    {
        if (HasLayers(parsed) && parsed.GetResult(Layer) is { Implicit: false })
            throw new UsageException("--layer and --layers both say where to trace; give one of them.");
    }

    /// <summary>Returns the message of an error, in which an option of the tracer is named as the command line spells
    /// it.</summary>
    public static string MessageOf(Exception fault)
    {
        if (fault is not ArgumentException { ParamName: { } name })
            return fault.Message;
        var message = fault.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal);
        return Spelled.TryGetValue(name, out var option)
            ? message.Replace(name, option, StringComparison.Ordinal).Replace('^', '-')
            : message;
    }

    // A negative number counts from the end.
    internal static Index Place(int number) => number < 0 ? ^-int.Max(number, -int.MaxValue) : number;

    // An empty list stands for all layers; their number is known once the model is loaded.
    static ImmutableArray<int> ParseLayers(string text)
    {
        if (text == "all")
            return [];
        return [.. text.Split(',').Select(Layer)];

        int Layer(string part) =>
            int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var layer)
                ? layer
                : throw new FormatException(
                    $"layers: '{text}' has a '{part}', expected numbers with commas between, such as 0,2,-1, or all.");
    }

    static ImmutableArray<int>? ParseMask(string text)
    {
        foreach (var digit in text)
            if (digit is not ('0' or '1'))
                throw new FormatException(
                    $"attention mask: '{text}' has a '{digit}', expected only the digits 0 and 1, such as 0011.");
        return [.. text.Select(digit => digit - '0')];
    }
}
