using RatIlgpu.Files;

namespace RatIlgpu.Weights;

/// <summary>Tells from the tensors beside a weight how it was quantized.</summary>
static class QuantizedWeights
{
    // A tensor that a method stores beside, or in place of, the weight of a layer: the surer signs first.
    static readonly (string Part, string Kind)[] Signs =
    [
        ("weight.quant_state.bitsandbytes__nf4", "bitsandbytes, 4 bits"),
        ("weight.quant_state.bitsandbytes__fp4", "bitsandbytes, 4 bits"),
        ("weight.absmax", "bitsandbytes, 4 bits"),
        ("SCB", "bitsandbytes, 8 bits"),
        ("weight.SCB", "bitsandbytes, 8 bits"),
        ("g_idx", "GPTQ"),
        ("qzeros", "AWQ"),
        ("qweight", "GPTQ or AWQ"),
        ("weight_packed", "compressed-tensors"),
        ("W_q", "HQQ"),
        ("codebooks", "AQLM"),
        ("Qidxs", "QuIP#"),
        ("centroids", "VPTQ"),
        ("weight_blocks", "MXFP4"),
        ("weight_scale_2", "NVFP4"),
        ("weight._data", "Quanto"),
        ("weight_scales", "EETQ"),
        ("weight_scale_inv", "FP8"),
    ];

    /// <summary>Returns how a weight is quantized, with the sign of it; null if it is not.</summary>
    /// <param name="weight">The stored name that the weight has or would have.</param>
    /// <param name="format">The name of the format in which it is stored; null where there is no such tensor.</param>
    /// <param name="has">Tells whether the checkpoint has a tensor.</param>
    /// <param name="config">What config.json says; null for nothing.</param>
    public static string? KindOf(string weight, string? format, Func<string, bool> has, string? config)
    {
        const string Weight = "weight";
        if (!weight.EndsWith("." + Weight, StringComparison.Ordinal) || format is "BOOL" or "C64")
            return null;
        var layer = weight[..^Weight.Length];
        var (part, kind) = Array.Find(Signs, sign => has(layer + sign.Part));
        // A format that no tool is known to write is more likely damage.
        if (part is null && (format is null || StoredFormat.Named(format).Bits is null))
            return null;
        kind ??= format switch
        {
            "U32" when has(layer + "scales") => "MLX",
            _ when format!.StartsWith("F8_", StringComparison.Ordinal) => "FP8",
            "I8" or "U8" when has(layer + "weight_scale") => "compressed-tensors",
            _ => "by an unknown method",
        };
        var sign = format is null
            ? $"there is {Refusal.Quote(layer + part)}"
            : $"{Refusal.Quote(weight)} is {OneLine.Shorten(format)}";
        return $"{kind}: {sign}{(config is null ? "" : $", config.json has {config}")}";
    }
}
