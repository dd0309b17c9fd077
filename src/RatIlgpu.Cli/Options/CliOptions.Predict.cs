namespace RatIlgpu.Cli.Options;

/// <content>Prediction tables.</content>
sealed partial class CliOptions
{
    /// <summary>Gets the switch that takes the crafted prompts.</summary>
    public CliSwitch Crafted => field ??= new(OptionGroup.Prompt, "--crafted",
        "The 40 short prompts that come with the command, whose last tokens nearly determine the next one. Default: "
            + "where no prompt is given and standard input is a terminal.");
}
