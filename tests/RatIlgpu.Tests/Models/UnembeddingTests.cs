using RatIlgpu.Devices;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Verification;
using RatIlgpu.Weights;

namespace RatIlgpu.Tests.Models;

/// <summary>Which tensor is the unembedding, where config and checkpoint disagree.</summary>
public sealed class UnembeddingTests : IDisposable
{
    const string Embedding = "model.embed_tokens.weight";
    const string Own = "lm_head.weight";

    readonly PlainDevice device = new();

    public void Dispose() => device.Dispose();

    [Fact]
    public void An_unembedding_of_its_own_is_used_though_the_config_ties()
    {
        using var variant = new ModelVariant(isTied: false, fields: "\"tie_word_embeddings\": true");
        using var model = variant.Load(device);

        Assert.Equal(
            [
                "lm_head.weight of the checkpoint is used, which is not the embedding, though tie_word_embeddings of "
                + "config.json is true; false would say so.",
            ],
            model.Notices);
        Assert.False(model.Config.TiesEmbeddings);
        Assert.Equal(Logits(isTied: false), ModelVariant.Logits(model));
    }

    [Theory]
    [InlineData(DataType.F32)]
    [InlineData(DataType.F64)]
    public void A_copy_of_the_embedding_is_tied_without_a_word(DataType format)
    {
        using var variant = new ModelVariant(tensor => tensor.Name == Embedding
            ? [tensor, tensor with { Name = Own, Format = format }]
            : [tensor]);
        using var model = variant.Load(device);

        Assert.Empty(model.Notices);
        Assert.Same(model.Network.Weights.Embedding, model.Network.Weights.Unembedding);
        Assert.Equal(Logits(isTied: true), ModelVariant.Logits(model));
    }

    [Fact]
    public void One_other_number_makes_an_unembedding_of_its_own()
    {
        using var variant = new ModelVariant(tensor => tensor.Name == Embedding
            ? [tensor, tensor with { Name = Own, Source = Last(tensor) }]
            : [tensor]);
        using var model = variant.Load(device);

        Assert.False(model.Config.TiesEmbeddings);

        static NumberSource Last(SafetensorsTensor tensor) => (start, piece) =>
        {
            tensor.Source(start, piece);
            if (start + piece.Length == tensor.Shape.Count)
                piece[^1] += 1;
        };
    }

    [Fact]
    public void An_unembedding_that_does_not_fit_a_tied_model_is_left()
    {
        using var variant = new ModelVariant(more: [ModelVariant.Zeros(Own, 8, 40)]);
        using var model = variant.Load(device);

        Assert.Equal(
            ["lm_head.weight of the checkpoint does not fit: the embedding takes its place."], model.Notices);
        Assert.Equal(Logits(isTied: true), ModelVariant.Logits(model));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void A_shared_matrix_may_be_stored_under_either_name(bool isTied, bool hasAlias)
    {
        using var variant = new ModelVariant(
            tensor => [tensor.Name == Embedding ? tensor with { Name = Own } : tensor],
            fields: $"\"tie_word_embeddings\": {(isTied ? "true" : "false")}",
            metadata: hasAlias ? new Dictionary<string, string> { [Embedding] = Own } : null);
        using var model = variant.Load(device);

        Assert.Empty(model.Notices);
        Assert.Equal(Logits(isTied: true), ModelVariant.Logits(model));
    }

    [Fact]
    public void A_number_that_is_none_is_found_in_an_embedding_stored_as_the_unembedding()
    {
        using var variant = new ModelVariant(tensor => [tensor.Name == Embedding
            ? tensor with { Name = Own, Source = (_, piece) => piece.Fill(double.NaN) }
            : tensor]);
        using var model = variant.Load(device);

        Assert.Equal(
            $"{variant.Path("model.safetensors")}: 'lm_head.weight' holds NaN at 0 of 11,200, expected finite numbers: "
            + "the training diverged, or the file is damaged.",
            FiniteCheck.CauseOf(model.Network, [new([1, 2])]));
    }

    [Fact]
    public void An_alias_of_the_embedding_is_the_unembedding()
    {
        using var variant = new ModelVariant(
            fields: "\"tie_word_embeddings\": null", metadata: new Dictionary<string, string> { [Own] = Embedding });
        using var model = variant.Load(device);

        Assert.Equal(Logits(isTied: true), ModelVariant.Logits(model));
    }

    [Fact]
    public void A_model_without_an_unembedding_is_traced_and_gives_no_logits()
    {
        using var variant = new ModelVariant(fields: "\"tie_word_embeddings\": false");
        using var model = variant.Load(device);
        using var tied = new ModelVariant();
        using var whole = tied.Load(device);
        var missing = "The checkpoint has no lm_head.weight, and tie_word_embeddings of config.json is not true, so "
            + "there are no logits and no predictions; if the embedding is also the unembedding, write "
            + "\"tie_word_embeddings\": true into config.json.";

        Assert.Equal([missing], model.Notices);
        Assert.DoesNotContain(model.Network.Weights.All, weight => weight.Name == Own);
        var found = new ReverseAttentionTracer(model).TraceText("abc abc");
        Assert.Equal(new ReverseAttentionTracer(whole).TraceText("abc abc").Paths, found.Paths);
        Assert.Empty(found.Predictions);
        Assert.Equal([missing], found.Notices.Items);
        missing = $"{variant.Root}: {missing}";
        Assert.Equal(missing, Assert.Throws<InvalidDataException>(() => ModelVariant.Logits(model)).Message);
        Assert.Equal(
            missing,
            Assert.Throws<InvalidDataException>(() => new TextGenerator(model).Generate([1], 1).ToList()).Message);
        model.Network.Run([1, 2], new() { StopAfter = Site.FinalNorm });
    }

    [Theory]
    [InlineData(DataType.F64)]
    [InlineData(DataType.F16)]
    public void Weights_of_other_formats_are_read(DataType format)
    {
        using var variant = new ModelVariant(tensor => [tensor with { Format = format }]);
        using var rounded = new ModelVariant(tensor => [tensor with { Source = Rounded(tensor, format) }]);
        using var model = variant.Load(device);
        using var expected = rounded.Load(device);

        Assert.Equal(ModelVariant.Logits(expected), ModelVariant.Logits(model));

        static NumberSource Rounded(SafetensorsTensor tensor, DataType format) => (start, piece) =>
        {
            tensor.Source(start, piece);
            foreach (ref var number in piece)
                number = format == DataType.F16 ? (double)(Half)number : number;
        };
    }

    [Fact]
    public void A_weight_in_F64_is_rounded_once_to_the_nearest_F32()
    {
        // Half way between 1 and the next F32, and a little more: rounded up, not to even.
        var number = 1 + Math.ScaleB(1, -24) + Math.ScaleB(1, -50);
        using var variant = new ModelVariant(tensor => [tensor with
        {
            Format = DataType.F64,
            Source = tensor.Name == "model.norm.weight" ? (_, piece) => piece.Fill(number) : tensor.Source,
        }]);
        using var model = variant.Load(device);

        Assert.Equal(
            Enumerable.Repeat(MathF.BitIncrement(1), 40), device.Download(model.Network.Weights.FinalGain));
    }

    float[] Logits(bool isTied)
    {
        using var usual = new ModelVariant(isTied: isTied);
        using var model = usual.Load(device);
        return ModelVariant.Logits(model);
    }
}
