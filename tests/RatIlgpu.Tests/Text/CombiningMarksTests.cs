using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Text;

public sealed class CombiningMarksTests
{
    static readonly Tokenizer Tokenizer = Tokenizer.Load(Repository.Path("samples", "demo-model"));

    [Theory]
    [InlineData("\u0301")]
    [InlineData("\u0301\u302E")]
    [InlineData("\U0001E8D0\U0001D185")]
    [InlineData("\u0301\u20DD")]
    public void More_marks_than_any_writing_has_are_refused(string marks)
    {
        Assert.NotEmpty(Tokenizer.Encode(Marked(500)).Ids);
        var refusal = Assert.Throws<ArgumentException>(() => Tokenizer.Encode(Marked(10_001)));
        Assert.Equal("A character of the text has more than 10000 combining marks, expected a few.", refusal.Message);

        string Marked(int count) => "a" + string.Concat(Enumerable.Repeat(marks, count));
    }
}
