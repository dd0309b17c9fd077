namespace RatIlgpu.Cli.Options;

/// <content>Components of the matrices of attention.</content>
sealed partial class CliOptions
{
    /// <summary>Gets the file of components.</summary>
    public CliOption<string?> Decomposition => field ??= new(OptionGroup.Analysis, "--decomposition", "FILE",
        "Components of your own instead of singular vectors: a safetensors file with U and V of each matrix, such as "
            + "model.layers.3.self_attn.q_proj.U.",
        Parsing.Name("a file"));

    /// <summary>Gets the components that are taken out.</summary>
    public CliOption<ImmutableArray<NamedComponent>> Components => field ??= new(OptionGroup.Choice, "--components",
        "LIST", "Components of queries and keys of the layer that are taken out, by number from the largest, such as "
            + "q0,k3; with --heads, for these heads alone.",
        text => [.. text.Split(',').Select(NamedComponent.Parse).Distinct()]);

    /// <summary>Gets what singular vectors are of.</summary>
    public CliOption<SvdUnit> Svd => field ??= new(OptionGroup.Analysis, "--svd", Words.Choice<SvdUnit>(),
        "What the singular vectors are of: the whole matrix, the block of each head by itself, or, of components, the "
            + "scores of one head, which queries and keys share (qk).",
        text => Words.Read<SvdUnit>(text), "matrix");

    /// <summary>Gets the distance of the scores that are decomposed.</summary>
    public CliOption<int> SvdDistance => field ??= new(OptionGroup.Analysis, "--svd-distance", "N",
        "With --svd qk: the distance from the key to the query, in tokens.", Parsing.Whole(0), "0");
}

/// <summary>A component of the command line.</summary>
/// <param name="Projection">The matrix, of queries or of keys.</param>
/// <param name="Number">The number of the component.</param>
readonly record struct NamedComponent(AttentionProjection Projection, int Number)
{
    /// <summary>Reads a component such as <c>q0</c>.</summary>
    /// <exception cref="FormatException">The text is none.</exception>
    public static NamedComponent Parse(string text) =>
        text is ['q' or 'k', _, ..] && int.TryParse(
            text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(text[0] == 'q' ? AttentionProjection.Query : AttentionProjection.Key, number)
            : throw new FormatException($"'{text}' is no component, expected one such as q0 or k3.");
}

/// <summary>What singular vectors are of.</summary>
enum SvdUnit
{
    /// <summary>The whole matrix.</summary>
    Matrix,

    /// <summary>The block of each head.</summary>
    Head,

    /// <summary>The scores of one head.</summary>
    Qk,
}
