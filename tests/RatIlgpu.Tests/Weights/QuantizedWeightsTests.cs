using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RatIlgpu.Devices;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Tests.Weights;

/// <summary>Weights that are quantized are refused by their kind; the tensors decide, not the config.</summary>
public sealed class QuantizedWeightsTests : IDisposable
{
    const string Layer = "model.layers.0.self_attn.q_proj.";

    readonly PlainDevice device = new();

    public void Dispose() => device.Dispose();

    [Theory]
    [InlineData("GPTQ", "qweight", "qweight I32", "qzeros I32", "scales F16", "g_idx I32")]
    [InlineData("AWQ", "qzeros", "qweight I32", "qzeros I32", "scales F16")]
    [InlineData("compressed-tensors", "weight_packed", "weight_packed I32", "weight_scale BF16", "weight_shape I64")]
    [InlineData("HQQ", "W_q", "W_q U8", "scale F16", "zero F16")]
    [InlineData("AQLM", "codebooks", "codes I8", "codebooks F16", "scales F16")]
    [InlineData("QuIP#", "Qidxs", "Qidxs I64", "SU F16", "SV F16")]
    [InlineData("MXFP4", "weight_blocks", "weight_blocks U8", "weight_scales U8")]
    [InlineData("Quanto", "weight._data", "weight._data I8", "weight._scale F32")]
    public void Says_what_stands_in_place_of_a_weight(string kind, string sign, params string[] parts)
    {
        var shown = kind == "GPTQ" ? "g_idx" : sign;
        Refuses($"{kind}: there is '{Layer}{shown}'", parts);
    }

    [Theory]
    [InlineData("bitsandbytes, 4 bits", "U8", "weight U8", "weight.absmax F32", "weight.quant_map F32",
        "weight.quant_state.bitsandbytes__nf4 U8")]
    [InlineData("bitsandbytes, 8 bits", "I8", "weight I8", "SCB F32", "weight_format U8")]
    [InlineData("MLX", "U32", "weight U32", "scales BF16", "biases BF16")]
    [InlineData("FP8", "F8_E4M3", "weight F8_E4M3", "weight_scale_inv F32")]
    [InlineData("FP8", "F8_E5M2", "weight F8_E5M2")]
    [InlineData("compressed-tensors", "I8", "weight I8", "weight_scale BF16")]
    [InlineData("NVFP4", "U8", "weight U8", "weight_scale F8_E4M3", "weight_scale_2 F32")]
    [InlineData("EETQ", "I8", "weight I8", "weight_scales F16")]
    [InlineData("by an unknown method", "F4", "weight F4")]
    public void Says_in_which_format_a_weight_is(string kind, string format, params string[] parts) =>
        Refuses($"{kind}: '{Layer}weight' is {format}", parts);

    [Fact]
    public void Says_what_the_config_says_of_it()
    {
        using var variant = Quantized(
            "\"quantization_config\": {\"quant_method\": \"awq\"}", "qweight I32", "qzeros I32");
        var thrown = Assert.Throws<InvalidDataException>(() => variant.Load(device));
        Assert.Equal(
            $"{variant.Root}: the weights are quantized (AWQ: there is '{Layer}qzeros', config.json has "
            + "quantization_config 'awq'), expected F32, F16, BF16 or F64; take the unquantized weights.",
            thrown.Message);
    }

    [Theory]
    [InlineData("\"quantization_config\": {\"quant_method\": \"bitsandbytes\"}", "quantization_config")]
    [InlineData("\"quantization\": {\"bits\": 4}", "quantization")]
    public void A_config_that_speaks_of_quantized_weights_is_not_believed(string field, string name)
    {
        using var variant = new ModelVariant(fields: field);
        using var usual = new ModelVariant();
        using var model = variant.Load(device);
        using var expected = usual.Load(device);

        Assert.Equal([$"{name} of config.json is ignored: the weights are not quantized."], model.Notices);
        Assert.Equal(ModelVariant.Logits(expected), ModelVariant.Logits(model));
    }

    [Theory]
    [InlineData("BOOL")]
    [InlineData("C64")]
    [InlineData("F3_E9")]
    public void A_weight_in_a_format_of_no_weights_is_refused_by_it(string format)
    {
        using var variant = Quantized("", $"weight {format}");
        var thrown = Assert.Throws<InvalidDataException>(() => variant.Load(device));
        Assert.Equal(
            $"{variant.Path("b.safetensors")}: '{Layer}weight' is {format}, expected F32, F16, BF16 or F64.",
            thrown.Message);
    }

    [Theory]
    [InlineData("I64")]
    [InlineData("F8_E4M3")]
    [InlineData("F4")]
    [InlineData("NOT_KNOWN")]
    public void The_format_of_a_tensor_that_nothing_needs_does_not_matter(string format)
    {
        using var variant = new ModelVariant();
        File.Move(variant.Path("model.safetensors"), variant.Path("a.safetensors"));
        WriteRaw(variant.Path("b.safetensors"), [("extra", format)]);
        var map = variant.Tensors.ToDictionary(tensor => tensor.Name, _ => "a.safetensors");
        map["extra"] = "b.safetensors";
        variant.Write(JsonSerializer.Serialize(new { weight_map = map }), "model.safetensors.index.json");
        using var model = variant.Load(device);

        Assert.Empty(model.Notices);
    }

    void Refuses(string found, string[] parts)
    {
        using var variant = Quantized("", parts);
        var thrown = Assert.Throws<InvalidDataException>(() => variant.Load(device));
        Assert.Equal(
            $"{variant.Root}: the weights are quantized ({found}), expected F32, F16, BF16 or F64; take the "
            + "unquantized weights.",
            thrown.Message);
    }

    // The weight of one layer is replaced by these parts, in a shard of their own.
    static ModelVariant Quantized(string field, params string[] parts)
    {
        var variant = new ModelVariant(tensor => tensor.Name == Layer + "weight" ? [] : [tensor], fields: field);
        File.Move(variant.Path("model.safetensors"), variant.Path("a.safetensors"));
        var raw = parts.Select(part => part.Split(' ')).Select(part => (Layer + part[0], part[1])).ToList();
        WriteRaw(variant.Path("b.safetensors"), raw);
        var map = variant.Tensors.Select(tensor => (tensor.Name, File: "a.safetensors"))
            .Concat(raw.Select(part => (part.Item1, "b.safetensors"))).ToDictionary();
        variant.Write(JsonSerializer.Serialize(new { weight_map = map }), "model.safetensors.index.json");
        return variant;
    }

    // The writer of the library knows numbers only. A tensor of 16 numbers, or of as many as fill its bytes.
    static void WriteRaw(string path, IReadOnlyList<(string Name, string Format)> tensors)
    {
        const int Bytes = 48;
        var header = new JsonObject();
        foreach (var (i, (name, format)) in tensors.Index())
            header[name] = new JsonObject
            {
                ["dtype"] = format,
                ["shape"] = new JsonArray(Bytes * 8 / (StoredFormat.Named(format).Bits ?? 8)),
                ["data_offsets"] = new JsonArray(i * Bytes, (i + 1) * Bytes),
            };
        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        File.WriteAllBytes(
            path, [.. BitConverter.GetBytes((long)text.Length), .. text, .. new byte[Bytes * tensors.Count]]);
    }
}
