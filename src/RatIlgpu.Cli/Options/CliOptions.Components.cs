namespace RatIlgpu.Cli.Options;

/// <content>Components of the matrices of attention.</content>
sealed partial class CliOptions
{
    /// <summary>Gets the file of components.</summary>
    public CliOption<string?> Decomposition => field ??= new(OptionGroup.Analysis, "--decomposition", "FILE",
        "Components of your own instead of singular vectors: a safetensors file with U and V of each matrix, such as "
            + "model.layers.3.self_attn.q_proj.U.",
        Parsing.Name("a file"));

    /// <summary>Gets what singular vectors are of.</summary>
    public CliOption<SvdUnit> Svd => field ??= new(OptionGroup.Analysis, "--svd", Words.Choice<SvdUnit>(),
        "What the singular vectors are of: the whole matrix, or the block of each head by itself.",
        text => Words.Read<SvdUnit>(text), "matrix");
}

/// <summary>What singular vectors are of.</summary>
enum SvdUnit
{
    /// <summary>The whole matrix.</summary>
    Matrix,

    /// <summary>The block of each head.</summary>
    Head,
}
