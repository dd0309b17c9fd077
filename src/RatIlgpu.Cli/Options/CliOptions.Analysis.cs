namespace RatIlgpu.Cli.Options;

/// <content>Metrics and analyses.</content>
sealed partial class CliOptions
{
    /// <summary>The forms of an answer, for the help.</summary>
    public const string TokenForms =
        "text that is one token (in a text, a word's token starts with a space), or #id";

    /// <summary>Gets the answer.</summary>
    public CliOption<string?> Answer => field ??= new(OptionGroup.Metric, "--answer", "TOKEN",
        $"The token that is looked at: {TokenForms}.", text => text);

    /// <summary>Gets the foil.</summary>
    public CliOption<string?> Foil => field ??= new(OptionGroup.Metric, "--foil", "TOKEN",
        "A token that the answer is compared with: then the difference of the logits is looked at.", text => text);

    /// <summary>Gets the direction of the stream.</summary>
    public CliOption<string?> Direction => field ??= new(OptionGroup.Metric, "--direction", "FILE",
        "Look along a direction of the residual stream instead of a token: a safetensors file with one tensor of the "
            + "model's width, or a JSON list of numbers. It stands in the place of a token's row of the unembedding.",
        Parsing.Name("a file"));

    /// <summary>Gets the switch that explains each position by the token after it.</summary>
    public CliSwitch NextToken => field ??= new(OptionGroup.Metric, "--next-token",
        "Explain each position by the token that follows it in the prompt, instead of one answer; the last position, "
            + "which none follows, is left out.");

    /// <summary>Gets the number that a patch is measured by.</summary>
    public CliOption<LogitMetricKind?> Metric => field ??= new(OptionGroup.Metric, "--metric",
        Words.Choice<LogitMetricKind>(),
        "The number that is measured. Default: logit; difference with --foil; direction with --direction.",
        text => Words.Read<LogitMetricKind>(text));

    /// <summary>Gets the unit of an attribution.</summary>
    public CliOption<AttributionUnit> Unit => field ??= new(OptionGroup.Analysis, "--unit, -u",
        Words.Choice<AttributionUnit>(),
        "What the rows are: sublayer; cumulative-layer, the stream up to each; head; head-by-source, each head by the "
            + "token that it read; neuron.",
        text => Words.Read<AttributionUnit>(text), "sublayer");

    /// <summary>Gets where the biases of values count.</summary>
    public CliOption<ValueBiasTreatment> ValueBias => field ??= new(OptionGroup.Analysis, "--value-bias",
        Words.Choice<ValueBiasTreatment>(),
        "Where the biases of the values count: with the heads, or as rows of their own.",
        text => Words.Read<ValueBiasTreatment>(text), Words.Of(ValueBiasTreatment.InHeads));

    /// <summary>Gets the reference of a logit.</summary>
    public CliOption<LogitReference> Reference => field ??= new(OptionGroup.Analysis, "--reference",
        Words.Choice<LogitReference>(),
        "What the logit is measured from: raw, the logit itself; vocabulary-mean, how far it is above the mean of all "
            + "tokens.",
        text => Words.Read<LogitReference>(text), "raw");

    /// <summary>Gets the sources of paths.</summary>
    public CliOption<ImmutableArray<HeadIndex>> Source => field ??= new(OptionGroup.Analysis, "--source, -s", "HEADS",
        $"Patch direct paths from these heads, {HeadForms}, or from all, to later heads.", Parsing.HeadsOrAll);

    /// <summary>Gets the input of paths.</summary>
    public CliOption<HeadInput> Input => field ??= new(OptionGroup.Analysis, "--input, -i", Words.Choice<HeadInput>(),
        "Through what later heads read a path.", text => Words.Read<HeadInput>(text), "query");

    /// <summary>Gets who sees a patched key or value.</summary>
    public CliOption<KeyValueScope?> Scope => field ??= new(OptionGroup.Analysis, "--scope",
        Words.Choice<KeyValueScope>(),
        "Who sees a patched key or value: query-head, one head by itself, or key-value-group, all that share it. "
            + "Default: query-head for paths, key-value-group for activations.",
        text => Words.Read<KeyValueScope>(text));

    /// <summary>Gets how a path goes through a norm.</summary>
    public CliOption<NormTreatment> Norm => field ??= new(OptionGroup.Analysis, "--norm", Words.Choice<NormTreatment>(),
        "How a path goes through the norm: with the scale of the corrupted run, or recomputed.",
        text => Words.Read<NormTreatment>(text), Words.Of(NormTreatment.FrozenScale));

    /// <summary>Gets the patched activation.</summary>
    public CliOption<Activation?> Activation => field ??= new(OptionGroup.Analysis, "--activation, -a", "NAME",
        $"Patch an activation instead of paths: {string.Join(", ", Patchable.Select(Words.Of))}.",
        text => Words.Read(text, Patchable.AsSpan()));

    /// <summary>Gets the axes of a patch.</summary>
    public CliOption<PatchAxes?> Axes => field ??= new(OptionGroup.Analysis, "--axes", "LIST",
        "Along what is patched one by one beside the layers: position, head, key, such as position,head; or layer, all "
            + "of a layer at once. Default: head where there are heads, else position.",
        text => ReadAxes(text));

    /// <summary>Gets the patched positions.</summary>
    public CliOption<Selection?> PatchPosition => field ??= new(OptionGroup.Analysis, "--patch-position", "LIST",
        "The positions that are patched. Default: all.", Selection.Parse);

    /// <summary>Gets the activations that can be patched: those of a layer.</summary>
    public static ImmutableArray<Activation> Patchable { get; } =
    [
        RatIlgpu.Activation.ResidualBefore, RatIlgpu.Activation.ResidualMiddle, RatIlgpu.Activation.ResidualAfter,
        RatIlgpu.Activation.AttentionOutput, RatIlgpu.Activation.MlpOutput, RatIlgpu.Activation.HeadOutput,
        RatIlgpu.Activation.Query, RatIlgpu.Activation.Key, RatIlgpu.Activation.Value, RatIlgpu.Activation.Pattern,
        RatIlgpu.Activation.AttentionInput, RatIlgpu.Activation.MlpInput, RatIlgpu.Activation.MlpNeurons,
    ];

    static PatchAxes ReadAxes(string text)
    {
        try
        {
            return PatchAxisWords.Parse(text.Split(','));
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"has {e.Message}");
        }
    }
}
