using RatIlgpu.Html;

namespace RatIlgpu.Cli.Options;

/// <summary>Every option of every command: commands that share an option share its name, type and default.</summary>
sealed partial class CliOptions
{
    static readonly TraceOptions Defaults = new();

    /// <summary>Gets the prompt as an option.</summary>
    public CliOption<string?> Text => field ??= new(OptionGroup.Prompt, "--text, -t", "TEXT",
        "The prompt, as an option.", text => text);

    /// <summary>Gets the prompt as token ids.</summary>
    public CliOption<ImmutableArray<int>> Ids => field ??= new(OptionGroup.Prompt, "--ids", "LIST",
        "The prompt as token ids, such as 12,7,9.", Parsing.Wholes);

    /// <summary>Gets the file of prompts.</summary>
    public CliOption<string?> Prompts => field ??= new(OptionGroup.Prompt, "--prompts", "FILE",
        "Several prompts: one a line, or a JSON object a line with prompt (or ids) and, where they mean something, "
            + "system, answer, foil, corrupted and position. A dash is standard input.",
        Parsing.Name("a file"));

    /// <summary>Gets the switch that makes a prompt a message of a chat.</summary>
    public CliSwitch Chat => field ??= new(OptionGroup.Prompt, "--chat",
        "Make the prompt a user's message and render the model's own chat template, up to where the answer starts.");

    /// <summary>Gets the system message of a chat.</summary>
    public CliOption<string?> System => field ??= new(OptionGroup.Prompt, "--system", "TEXT",
        "With --chat: the system message. Default: the one of the template, if it has one; \"\" is an empty message.",
        text => text);

    /// <summary>Gets the padding mask.</summary>
    public CliOption<ImmutableArray<int>?> AttentionMask => field ??= new(OptionGroup.Prompt, "--attention-mask",
        "DIGITS", "Which tokens are real, such as 0011: one digit for each token, 0 for padding. Default: all are.",
        text => Parsing.Mask(text));

    /// <summary>Gets the clean prompt.</summary>
    public CliOption<string?> Clean => field ??= new(OptionGroup.Prompt, "--clean", "TEXT",
        "The clean prompt, as an option: the same as TEXT.", text => text);

    /// <summary>Gets the corrupted prompt.</summary>
    public CliOption<string?> Corrupted => field ??= new(OptionGroup.Prompt, "--corrupted", "TEXT",
        "The prompt that runs with parts of the clean one; as many tokens as the clean one.", text => text);

    /// <summary>Gets the corrupted prompt as token ids.</summary>
    public CliOption<ImmutableArray<int>> CorruptedIds => field ??= new(OptionGroup.Prompt, "--corrupted-ids", "LIST",
        "The corrupted prompt as token ids.", Parsing.Wholes);

    /// <summary>Gets the recordings to read instead of running a model over prompts.</summary>
    public CliOption<ImmutableArray<string>> FromRecording => field ??= new(OptionGroup.Prompt, "--from-recording",
        "FILES", "Read recorded runs, which --record wrote, instead of running prompts; commas between files.",
        text => [.. text.Split(',').Select(Parsing.Name("the file of a recording"))]);

    /// <summary>Gets the model.</summary>
    public CliOption<string?> Model => field ??= new(OptionGroup.Model, "--model, -m", "FOLDER",
        "A Hugging Face folder of a Qwen2, Qwen3, Llama or Mistral model, or the name of one in the local Hugging Face "
            + "cache, such as Qwen/Qwen2-0.5B. Default: the demonstration model that comes with the command.",
        Parsing.Name("a folder or a name"));

    /// <summary>Gets the device.</summary>
    public CliOption<string> Device => field ??= new(OptionGroup.Model, "--device, -d", "NAME",
        "Where to compute: auto (a CUDA card that holds the model, else cpu), cpu, plain (the slow definition), ilgpu "
            + "(the best of ILGPU's), or one that 'ratilgpu devices' lists.",
        ModelOptions.ReadDevice, "auto");

    /// <summary>Gets the number of threads.</summary>
    public CliOption<int> Threads => field ??= new(OptionGroup.Model, "--threads", "N",
        "How many threads cpu and ilgpu-cpu use; 0 is one for each core. auto is cpu then.",
        Parsing.Whole(0, CpuDevice.MostThreads), "0");

    /// <summary>Gets the precision of the rotary angles.</summary>
    public CliOption<RotaryPrecision> RotaryPrecision => field ??= new(OptionGroup.Model, "--rotary-precision",
        Words.Choice<RotaryPrecision>(),
        "In which precision the angles of the rotary embedding are computed: double, or single as Hugging Face does.",
        text => Words.Read<RotaryPrecision>(text), "double");

    /// <summary>Gets the option that does not exist, with the reason.</summary>
    public CliOption<string?> Dtype => field ??= new(OptionGroup.Model, "--dtype", "NAME", "",
        _ => throw new FormatException(
            "does not exist: weights are used as the checkpoint stores them (F32, F16 or BF16), and all sums are in "
            + "float32, so there is nothing to choose; leave it out."))
    {
        Hidden = true,
    };

    /// <summary>Gets the positions.</summary>
    public CliOption<Selection> Position => field ??= new(OptionGroup.Choice, "--position, -p", "LIST",
        "The positions looked at: one such as 3, several such as 0,2,-1, a range such as 2:5 (2, 3, 4), or all; "
            + "negative ones count from the end.",
        Selection.Parse, "-1");

    /// <summary>Gets the layers.</summary>
    public CliOption<Selection?> Layers => field ??= new(OptionGroup.Choice, "--layers, -l", "LIST",
        "The layers looked at: one, several such as 0,2,-1, a range such as 2:5, or all.", Selection.Parse);

    /// <summary>The forms of names of heads, for the help.</summary>
    public const string HeadForms = "such as L3H2,3.1,L-1H0";

    /// <summary>Gets the heads.</summary>
    public CliOption<HeadText?> Heads => field ??= new(OptionGroup.Choice, "--heads", "LIST",
        $"The heads, in the forms of --layers; of attention, ablate and components also by name, {HeadForms}; of "
            + "predict by name alone.",
        text => new HeadText(text));

    /// <summary>Gets the reduction of heads.</summary>
    public CliOption<HeadReductionChoice?> AggHeads => field ??= new(OptionGroup.Choice, "--agg-heads",
        "mean|max|none",
        "How the patterns of the heads become one: mean, max, or none, a trace for each head. Default: mean; none "
            + "where --heads is given.",
        text => Words.Read<HeadReductionChoice>(text));

    /// <summary>Gets the heads whose output is set to 0.</summary>
    public CliOption<ImmutableArray<HeadIndex>> Ablate => field ??= new(OptionGroup.Choice, "--ablate", "HEADS",
        $"Run the model without these heads, {HeadForms}: their outputs are set to 0.", HeadChoice.ParseNames);

    /// <summary>Gets the number of the likeliest tokens.</summary>
    public CliOption<int> Predictions => field ??= new(OptionGroup.Analysis, "--predictions", "N",
        "How many of the likeliest next tokens are shown.", Parsing.Whole(0), "5");

    /// <summary>Gets the number of rows.</summary>
    public CliOption<int> Top => field ??= new(OptionGroup.Analysis, "--top, -n", "N",
        "How many rows are shown, the largest first.", Parsing.Whole(0), "10");

    /// <summary>Gets the file for the JSON.</summary>
    public CliOption<string?> Json => field ??= new(OptionGroup.Output, "--json", "FILE",
        "Write the whole result as JSON to this file; a dash is standard output, and then nothing else is printed "
            + "there.",
        Parsing.Name("a file"));

    /// <summary>Gets the file for the recording.</summary>
    public CliOption<string?> Record => field ??= new(OptionGroup.Output, "--record", "FILE",
        "Keep the run as a recording (safetensors), which --from-recording reads; of several prompts, FILE-1 and so "
            + "on.",
        Parsing.BinaryFile);

    /// <summary>The default of <see cref="Output"/> where a page is made on request, for the help.</summary>
    public const string PageIfAsked = "no page; output with --open-browser";

    /// <summary>Gets the output folder.</summary>
    public CliOption<string> Output => field ??= new(OptionGroup.Output, "--output, -o", "FOLDER",
        "The folder for the page and its data. Files of an earlier run in it are replaced; others are never touched.",
        Parsing.Name("a folder"), "output");

    /// <summary>Gets the switch that opens the page.</summary>
    public CliSwitch OpenBrowser =>
        field ??= new(OptionGroup.Output, "--open-browser", "Open the page when it is written.");

    /// <summary>Gets the title of the page.</summary>
    public CliOption<string?> Title => field ??= new(OptionGroup.Output, "--title", "TEXT",
        "The title of the page.", Parsing.Name("a title"));

    /// <summary>Gets the theme of the page.</summary>
    public CliOption<PageTheme> Theme => field ??= new(OptionGroup.Output, "--theme", Words.Choice<PageTheme>(),
        "The colours of the page; auto follows the reader's system.", text => Words.Read<PageTheme>(text), "auto");

    /// <summary>Gets the switch that opens the page with an explanation.</summary>
    public CliSwitch HelpText => field ??= new(OptionGroup.Output, "--help-text",
        "Put an explanation of how to read the page at its top.");

    /// <summary>Gets the switch that adds rollouts to a page of attention.</summary>
    public CliSwitch Rollout => field ??= new(OptionGroup.Output, "--rollout",
        "Add the attention of all layers up to each one shown, multiplied; for prompts of 2048 tokens at most.");

    /// <summary>Gets the file for a static figure.</summary>
    public CliOption<string?> Svg => field ??= new(OptionGroup.Output, "--svg", "FILE",
        "Write a static figure (SVG), for a paper or a notebook, to this file.", Parsing.Name("a file"));

    /// <summary>Gets the largest size of the data of the page.</summary>
    public CliOption<int> MaxBytes => field ??= new(OptionGroup.Output, "--max-bytes", "N",
        "The most bytes that the data of the page may take.", Parsing.Whole(1), "25000000");

    /// <summary>Gets the switch for stack traces.</summary>
    public CliSwitch Verbose =>
        field ??= new(OptionGroup.Other, "--verbose", "Show the stack trace of an error.") { Recursive = true };

    /// <summary>Adds the options of the model.</summary>
    public void AddModel(TerminalCommand command) => command.AddAll(Model, Device, Threads, RotaryPrecision, Dtype);
}

/// <summary>How the patterns of several heads become one on the command line.</summary>
enum HeadReductionChoice
{
    /// <summary>The mean over the heads.</summary>
    Mean,

    /// <summary>The maximum over the heads.</summary>
    Max,

    /// <summary>Each head by itself.</summary>
    None,
}
