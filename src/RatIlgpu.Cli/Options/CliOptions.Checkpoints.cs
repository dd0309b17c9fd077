namespace RatIlgpu.Cli.Options;

/// <content>The comparison of two checkpoints.</content>
sealed partial class CliOptions
{
    /// <summary>Gets the atlas of the first model.</summary>
    public CliOption<string?> AtlasA => field ??= new(OptionGroup.Analysis, "--atlas-a", "FILE",
        "The atlas.json of A, which 'ratilgpu heads' wrote: the scores of its heads are compared with those of "
            + "--atlas-b.",
        Parsing.Name("the atlas.json of A"));

    /// <summary>Gets the atlas of the second model.</summary>
    public CliOption<string?> AtlasB => field ??= new(OptionGroup.Analysis, "--atlas-b", "FILE",
        "The atlas.json of B, made with the same options as that of A.", Parsing.Name("the atlas.json of B"));

    /// <summary>Gets the switch that scores the heads of both models.</summary>
    public CliSwitch Scores => field ??= new(OptionGroup.Analysis, "--scores",
        "Score the heads of both models, as 'ratilgpu heads' does, and compare their scores and roles.");

    /// <summary>Gets the switch that compares weights without running the models on texts.</summary>
    public CliSwitch NoTexts => field ??= new(OptionGroup.Analysis, "--no-texts",
        "Do not run the models on texts: compare weights, and scores if asked for.");
}
