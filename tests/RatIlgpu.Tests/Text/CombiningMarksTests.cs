using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Text;

public sealed class CombiningMarksTests
{
    [Fact]
    public void More_marks_than_any_writing_has_are_refused()
    {
        var tokenizer = Tokenizer.Load(Repository.Path("samples", "demo-model"));
        Assert.NotEmpty(tokenizer.Encode("a" + new string('\u0301', 1000)).Ids);
        var refusal = Assert.Throws<ArgumentException>(() => tokenizer.Encode("a" + new string('\u0301', 10_001)));
        Assert.Equal("A character of the text has more than 10000 combining marks, expected a few.", refusal.Message);
    }
}
