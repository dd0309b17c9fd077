using RatIlgpu.Cli.Bench;

namespace RatIlgpu.Cli.Options;

/// <content>The search of paths, generation, and timing.</content>
sealed partial class CliOptions
{
    /// <summary>Gets the number of paths.</summary>
    public CliOption<int> TopBeam => field ??= new(OptionGroup.Search, "--top-beam", "N",
        "How many paths are kept.", Parsing.Whole(1), $"{Defaults.TopBeam}");

    /// <summary>Gets the number of predecessors.</summary>
    public CliOption<int> TopK => field ??= new(OptionGroup.Search, "--top-k", "N",
        "How many predecessors are tried at each step.", Parsing.Whole(1), $"{Defaults.TopK}");

    /// <summary>Gets the least attention.</summary>
    public CliOption<double> MinAttn => field ??= new(OptionGroup.Search, "--min-attn", "SHARE",
        "The attention, or with --weights the weight, below which a step does not exist, 0 to 1.",
        Parsing.Number(0, 1, "0 to 1"), "0");

    /// <summary>Gets the normalisation of scores.</summary>
    public CliOption<LengthNormalization> LengthNorm => field ??= new(OptionGroup.Search, "--length-norm", "FORM",
        "How scores are made comparable between lengths: avg_logprob, sqrt, none or pow:NUMBER.",
        ReadLengthNorm, Defaults.LengthNormalization.ToString());

    /// <summary>Gets whether paths end at a token.</summary>
    public CliOption<YesOrNo> StopAtBos => field ??= new(OptionGroup.Search, "--stop-at-bos", Words.Choice<YesOrNo>(),
        "Whether a path ends at the token --bos-token-id.", text => Words.Read<YesOrNo>(text), "true");

    /// <summary>Gets the token at which paths end.</summary>
    public CliOption<int?> BosTokenId => field ??= new(OptionGroup.Search, "--bos-token-id", "ID",
        "The token at which paths end. Default: the one that the tokenizer puts before texts; Qwen2's puts none.",
        Parsing.Maybe(Parsing.Whole(0)));

    /// <summary>Gets the number of tokens to generate.</summary>
    public CliOption<int> Generate => field ??= new(OptionGroup.Generation, "--generate", "N",
        "Let the model write up to so many tokens first, and trace prompt and continuation together.",
        Parsing.Whole(0), "0");

    /// <summary>Gets the generated token to trace.</summary>
    public CliOption<int?> TraceToken => field ??= new(OptionGroup.Generation, "--trace-token", "NUMBER",
        "Trace the generated token of this number, from 0; a negative one counts from the end.",
        Parsing.Maybe(Parsing.Whole(int.MinValue)));

    /// <summary>Gets who chooses how tokens are sampled.</summary>
    public CliOption<SamplingChoice> Sampling => field ??= new(OptionGroup.Generation, "--sampling",
        Words.Choice<SamplingChoice>(),
        "How the next token is chosen: own, by --temperature and --top-p; or suggested, as the model's "
            + "generation_config.json says.",
        text => Words.Read<SamplingChoice>(text), "own");

    /// <summary>Gets the temperature.</summary>
    public CliOption<double> Temperature => field ??= new(OptionGroup.Generation, "--temperature", "T",
        "The temperature of the generation; 0 always takes the likeliest token.",
        Parsing.Number(0, float.MaxValue, "0 to 3.4e38"), "0");

    /// <summary>Gets the nucleus.</summary>
    public CliOption<double> TopP => field ??= new(OptionGroup.Generation, "--top-p", "P",
        "The probability mass that the generation samples from, above 0 and at most 1.",
        Parsing.Number(double.Epsilon, 1, "more than 0 and at most 1"), "1");

    /// <summary>Gets the seed.</summary>
    public CliOption<int> Seed => field ??= new(OptionGroup.Generation, "--seed", "N",
        "The seed of what is drawn at random: the same one gives the same result.", Parsing.Whole(int.MinValue), "0");

    /// <summary>Gets the shape of the timed model.</summary>
    public CliOption<string> Shape => field ??= new(OptionGroup.Timing, "--shape", "NAME",
        $"The shape of the model: {string.Join(", ", BenchShape.Names)}.", BenchShape.ReadName, "qwen2-0.5b");

    /// <summary>Gets the timed work.</summary>
    public CliOption<BenchWork> Work => field ??= new(OptionGroup.Timing, "--work", Words.Choice<BenchWork>(),
        "What is timed: trace, a trace of a layer; full, a forward pass that keeps the patterns of all layers and the "
            + "logits of all positions; last, one that makes the logits of the last position alone; or decode, 32 "
            + "tokens written one by one after the prompt.",
        text => Words.Read<BenchWork>(text), "trace");

    /// <summary>Gets the lengths of the timed prompts.</summary>
    public CliOption<ImmutableArray<int>> Tokens => field ??= new(OptionGroup.Timing, "--tokens", "LIST",
        "The lengths of the prompts, such as 16,64.", Parsing.Wholes, "16,64,256,1024");

    /// <summary>Gets the number of timed runs.</summary>
    public CliOption<int> Repeats => field ??= new(OptionGroup.Timing, "--repeats", "N",
        "How many runs are timed, after one that is not.", Parsing.Whole(1), "5");

    /// <summary>Gets the switch for the times of kernels.</summary>
    public CliSwitch Profile => field ??= new(OptionGroup.Timing, "--profile",
        "Show also how long each kernel took, of one more run on a device of ILGPU: all times between events around "
            + "its launches.");

    /// <summary>Gets the folder of random checkpoints.</summary>
    public CliOption<string> Cache => field ??= new(OptionGroup.Timing, "--cache", "FOLDER",
        "Where the random checkpoint is kept.", Parsing.Name("a folder"), BenchCommand.DefaultCache);

    static LengthNormalization ReadLengthNorm(string text)
    {
        try
        {
            return LengthNormalization.Parse(text);
        }
        catch (FormatException)
        {
            throw new FormatException(
                $"is '{text}', expected none, avg_logprob, sqrt or pow:NUMBER, such as pow:0.7, with a number from "
                + "-30 to 30.");
        }
    }
}

/// <summary>Who chooses how tokens are sampled.</summary>
enum SamplingChoice
{
    /// <summary>The options of the command line.</summary>
    Own,

    /// <summary>The checkpoint's <c>generation_config.json</c>.</summary>
    Suggested,
}

/// <summary>A value that is true or false.</summary>
/// <remarks>The parser would not take a word that is neither for the value of an option of type <see cref="bool"/>, but
/// for the prompt.</remarks>
enum YesOrNo
{
    /// <summary>Yes.</summary>
    True,

    /// <summary>No.</summary>
    False,
}
