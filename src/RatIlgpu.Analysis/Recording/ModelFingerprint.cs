using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace RatIlgpu.Analysis;

/// <summary>Identifies a model by its sizes and a digest of its settings and of eight rows of every weight.</summary>
/// <param name="Text">The sizes, then the digest.</param>
public readonly record struct ModelFingerprint(string Text)
{
    // Eight rows of each weight, evenly spread: fine-tuning changes nearly all rows, and reading all would take longer
    // than a run.
    const int Rows = 8;

    static readonly ConditionalWeakTable<Qwen2Model, object> Known = [];

    /// <summary>Returns the fingerprint of a model. It is the same on every device.</summary>
    public static ModelFingerprint Of(Qwen2Model model) =>
        (ModelFingerprint)Known.GetValue(model, one => Compute(one));

    static ModelFingerprint Compute(Qwen2Model model)
    {
        var c = model.Config;
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, weight) in model.Weights.All)
            digest.AppendData(MemoryMarshal.AsBytes<float>(model.Rows(weight, Spread(weight))));
        digest.AppendData(Encoding.UTF8.GetBytes(Settings(c)));
        var hash = Convert.ToHexString(digest.GetHashAndReset());
        return new(string.Create(
            CultureInfo.InvariantCulture,
            $"{c.LayerCount} layers, {c.HeadCount}/{c.KeyValueHeadCount} heads of {c.HeadSize}, width {c.HiddenSize}, "
            + $"MLP {c.IntermediateSize}, vocabulary {c.VocabularySize}, {hash[..16]}"));
    }

    static int[] Spread(Tensor weight)
    {
        var count = weight.Shape.Rank == 1 ? 1 : weight.Shape[0];
        return [.. Enumerable.Range(0, Rows).Select(i => (int)((long)i * (count - 1) / (Rows - 1))).Distinct()];
    }

    static string Settings(Qwen2Config c)
    {
        var rope = c.RopeScaling is { } scaling
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{scaling.Kind} {scaling.Factor} {scaling.AttentionFactor} {scaling.BetaFast} {scaling.BetaSlow} "
                + $"{scaling.OriginalPositions} {scaling.Truncates}")
            : "";
        if (c.RopeScaling is { Kind: RopeScalingKind.Llama3 } llama)
            rope += string.Create(
                CultureInfo.InvariantCulture, $" {llama.LowFrequencyFactor} {llama.HighFrequencyFactor}");
        if (c.RotaryPrecision == RotaryPrecision.Single)
            rope += " single";
        var windows = Enumerable.Range(0, c.LayerCount).Select(c.WindowOf);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{c.RmsNormEpsilon} {c.RopeTheta} {rope} {string.Join(' ', windows)}");
    }

    /// <summary>Returns the text.</summary>
    public override string ToString() => Text;
}

/// <summary>Reads rows of weights into host memory.</summary>
static class WeightRows
{
    /// <summary>Returns rows of a weight as floats, one after the other; a gain or bias is a single row.</summary>
    /// <param name="model">The model that the weight belongs to.</param>
    /// <param name="weight"><c>[outputs, inputs]</c>, or <c>[width]</c>.</param>
    /// <param name="rows">The rows, from 0.</param>
    public static float[] Rows(this Qwen2Model model, Tensor weight, params ReadOnlySpan<int> rows)
    {
        var table = weight.Shape.Rank == 1 ? weight.Reshape(1, weight.Shape[0]) : weight;
        using var widened = model.Device.Allocate(rows.Length, table.Shape[1]);
        model.Device.Gather(table, rows, widened);
        return model.Device.Download(widened);
    }
}
