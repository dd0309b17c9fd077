using RatIlgpu.Text;

namespace RatIlgpu.MLTokenizers;

/// <summary>Lets a tokenizer of Microsoft.ML.Tokenizers serve as a model's tokenizer; this build cannot, since the
/// package sources did not hold that package.</summary>
public static class MLTokenizer
{
    /// <summary>Gets whether this build has Microsoft.ML.Tokenizers.</summary>
    public static bool IsBuilt => false;

    /// <summary>Refuses to load a tokenizer.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="PlatformNotSupportedException">Always.</exception>
    public static Tokenizer Load(string folder) => throw new PlatformNotSupportedException(
        $"{folder}: this build has no Microsoft.ML.Tokenizers: add a package source with version 2.0.0 of it, then "
        + "build with -p:UseMLTokenizers=true; Tokenizer.Load reads the same files.");
}
