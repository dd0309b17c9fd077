using RatIlgpu.Tensors;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests;

/// <summary>Numbers that are NaN or infinite are refused by every command, by the weight that holds them, before
/// anything is printed or written.</summary>
public sealed class NotFiniteTests : IDisposable
{
    readonly TemporaryFolder output = new();

    public static TheoryData<string> Commands { get; } =
    [
        "trace ab",
        "trace --generate 2 ab",
        "trace --generate 2 --temperature 1 ab",
        "attribute ab",
        "attribute --answer a ab",
        "lens ab",
        "lens --answer a --predictions 0 ab",
        "patch --activation head-output --clean ac --corrupted bc",
        "patch --activation head-output --metric kl-divergence --clean ac --corrupted bc",
        "patch --activation head-output --answer a --clean ac --corrupted bc",
    ];

    public void Dispose() => output.Dispose();

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_weight_that_is_not_a_number_is_named(string command)
    {
        using var variant = With("model.layers.1.self_attn.v_proj.weight", DataType.BF16, double.NaN, 3);

        Refuses(variant, "'model.layers.1.self_attn.v_proj.weight' holds NaN at 3 of 640", command);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_number_of_F64_that_is_infinite_in_F32_is_named(string command)
    {
        using var variant = With("model.norm.weight", DataType.F64, -1e300, 39);

        Refuses(variant, "'model.norm.weight' holds -Infinity at 39 of 40", command);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void One_row_of_the_unembedding_that_is_not_a_number_is_named(string command)
    {
        using var variant = With("model.embed_tokens.weight", DataType.F16, double.NaN, 270 * 40 + 1);

        Refuses(variant, "'model.embed_tokens.weight' holds NaN at 10,801 of 11,200", command);
    }

    [Theory]
    [InlineData("components --layers 0 ab")]
    [InlineData("components --layers 1 ab")]
    [InlineData("components ab")]
    public void A_weight_that_components_or_their_scores_are_made_of_is_named(string command)
    {
        using var variant = With("model.layers.0.self_attn.v_proj.weight", DataType.BF16, double.NaN, 3);

        Refuses(variant, "'model.layers.0.self_attn.v_proj.weight' holds NaN at 3 of 640", command);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Activations_that_overflow_are_named_where_they_do(string command)
    {
        using var variant = new ModelVariant(tensor => tensor.Name switch
        {
            "model.layers.1.self_attn.v_proj.bias" => [tensor with { Source = (_, piece) => piece.Fill(3e38) }],
            "model.layers.1.self_attn.o_proj.weight" => [tensor with { Source = (_, piece) => piece.Fill(1) }],
            _ => [tensor],
        });

        var run = Run(variant, command);
        Assert.EndsWith(
            " The weights are finite, but at attention-output of layer 1 a number grows beyond F32.\n", run.Error,
            StringComparison.Ordinal);
    }

    CommandRun Run(ModelVariant variant, string command)
    {
        var (words, json) = (command.Split(' '), output.Path("found.json"));
        string[] place = words[0] is "trace" or "components" ? ["--output", output.Path("out")] : [];
        var run = CommandRun.Of([words[0], "--model", variant.Root, "--json", json, .. place, .. words[1..]]);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.False(File.Exists(json));
        return run;
    }

    void Refuses(ModelVariant variant, string fault, string command) => Assert.EndsWith(
        $" {variant.Path("model.safetensors")}: {fault}, expected finite numbers: the training diverged, or the file "
        + "is damaged.\n",
        Run(variant, command).Error, StringComparison.Ordinal);

    // One number of a weight is another.
    static ModelVariant With(string weight, DataType format, double number, long at) => new(tensor =>
        tensor.Name != weight
            ? [tensor]
            :
            [
                tensor with
                {
                    Format = format,
                    Source = (start, piece) =>
                    {
                        tensor.Source(start, piece);
                        if (at >= start && at < start + piece.Length)
                            piece[(int)(at - start)] = number;
                    },
                },
            ]);
}
