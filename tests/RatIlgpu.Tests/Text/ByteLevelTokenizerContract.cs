using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

public sealed class ByteLevelTokenizerContract : TokenizerContract
{
    protected override Tokenizer Load(string folder) => Tokenizer.Load(folder);
}
