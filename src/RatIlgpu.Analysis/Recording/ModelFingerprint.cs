using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>Tells models apart: by their sizes, and by a digest of the first row of every weight.</summary>
/// <param name="Text">The sizes, then the digest.</param>
public readonly record struct ModelFingerprint(string Text)
{
    static readonly ConditionalWeakTable<Qwen2Model, object> Known = [];

    /// <summary>Returns the fingerprint of a model; the same on every device.</summary>
    public static ModelFingerprint Of(Qwen2Model model) =>
        (ModelFingerprint)Known.GetValue(model, one => Compute(one));

    static ModelFingerprint Compute(Qwen2Model model)
    {
        var c = model.Config;
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var weight in model.Weights.All)
            digest.AppendData(MemoryMarshal.AsBytes<float>(model.Rows(weight, 0)));
        var settings = string.Create(
            CultureInfo.InvariantCulture, $"{c.RmsNormEpsilon} {c.RopeTheta} {c.RopeScaling} {c.SlidingWindow}");
        digest.AppendData(Encoding.UTF8.GetBytes(settings));
        var hash = Convert.ToHexString(digest.GetHashAndReset());
        return new(string.Create(
            CultureInfo.InvariantCulture,
            $"{c.LayerCount} layers, {c.HeadCount}/{c.KeyHeadCount} heads of {c.HeadSize}, width {c.HiddenSize}, "
            + $"MLP {c.IntermediateSize}, vocabulary {c.VocabularySize}, {hash[..16]}"));
    }

    /// <summary>Returns the text.</summary>
    public override string ToString() => Text;
}
