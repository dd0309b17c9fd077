using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using RatIlgpu.Tracing;

namespace RatIlgpu.Properties;

public sealed class PathTextLaws
{
    [Fact]
    public void A_path_is_one_line_without_commands() => Law.Holds(TraceCase.Any, trace =>
        Assert.All(trace.PathTexts, text => Assert.DoesNotContain(text, character => char.GetUnicodeCategory(character)
            is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)));

    [Fact]
    public void A_path_is_text_that_every_encoding_can_carry() => Law.Holds(TraceCase.Any, trace =>
        Assert.All(trace.PathTexts, text => Assert.Equal(text, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)))));

    [Fact]
    public void A_path_ends_with_its_score_to_four_places() => Law.Holds(TraceCase.Any, trace =>
        Assert.All(trace.Paths.Zip(trace.PathTexts), path =>
        {
            var score = Regex.Match(path.Second, @" \(score: (-?\d+\.\d{4})\)$").Groups[1].Value;
            Assert.Equal(path.First.Score, double.Parse(score, CultureInfo.InvariantCulture), 0.500001e-4);
        }));

    [Fact]
    public void Text_without_anything_special_stands_as_it_is() => Law.Holds(TraceCase.Texts, text =>
    {
        var plain = string.Concat(text.Where(letter => char.IsLetterOrDigit(letter) || char.IsPunctuation(letter)));
        Assert.Equal(plain, PathText.Escape(plain));
    });
}
