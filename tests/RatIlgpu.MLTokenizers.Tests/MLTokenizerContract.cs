using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.MLTokenizers.Tests;

public sealed class MLTokenizerContract : TokenizerContract
{
    protected override Tokenizer Load(string folder) => MLTokenizer.Load(folder);
}
