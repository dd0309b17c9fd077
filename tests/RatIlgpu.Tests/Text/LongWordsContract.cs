using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

/// <summary>Every word takes the way of words that are too long for Microsoft.ML.Tokenizers.</summary>
public sealed class LongWordsContract : TokenizerContract
{
    protected override Tokenizer Load(string folder) => TokenizerFolder.Load(folder, longestForPackage: 0);
}
