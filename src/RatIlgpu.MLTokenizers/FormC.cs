using RatIlgpu.Text;
using Package = Microsoft.ML.Tokenizers;

namespace RatIlgpu.MLTokenizers;

/// <summary>Brings texts to Unicode's form C.</summary>
sealed class FormC : Package.Normalizer
{
    /// <inheritdoc/>
    public override string Normalize(string original) => NormalizedText.Compose(original);

    /// <inheritdoc/>
    public override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());
}
