using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Text;

public sealed class Qwen2TokenizerContract : TokenizerContract
{
    protected override Tokenizer Load(string folder) => Tokenizer.Load(folder);
}
