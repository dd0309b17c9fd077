using System.Text;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>What docs/head-data.md says of the built-in texts and of Qwen2's vocabulary.</summary>
public sealed class BuiltInCorpusTests
{
    static readonly ImmutableArray<CorpusDocument> Documents = [.. TextCorpus.BuiltIn.Documents()];

    [Fact]
    public void There_are_sixty_texts_or_more_of_70_to_110_kilobytes_and_all_differ()
    {
        Assert.InRange(Documents.Length, 60, 100);
        Assert.InRange(Documents.Sum(one => Encoding.UTF8.GetByteCount(one.Text)), 70_000, 110_000);
        Assert.Equal(Documents.Length, Documents.Select(one => one.Text).Distinct().Count());
        Assert.Equal(Enumerable.Range(0, Documents.Length), Documents.Select(one => one.Number));
    }

    [Fact]
    public void The_first_texts_are_of_all_kinds() => Assert.Equal(
        ["code", "dialogue", "essays", "forms", "languages", "prose", "stories", "talks"],
        Documents.Take(8).Select(one => one.Name.Split(' ')[1][..^".txt".Length]));

    [Fact]
    public void A_text_has_no_line_of_separators_and_no_carriage_return() => Assert.All(Documents, one =>
    {
        Assert.DoesNotContain("%%%%", one.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', one.Text);
        Assert.True(one.Text.IsNormalized());
    });

    [Fact]
    public void The_demonstration_model_can_express_names_and_families()
    {
        var tokenizer = Tokenizer.Load(DemoModel.Folder);
        Assert.Equal(
            ["digits", "letters", "small letters", "number words", "ordinals", "weekdays", "months"],
            new SuccessorPrompts(tokenizer, 1350).Families);
        var sentences = new IoiPrompts(tokenizer, 1350);
        Assert.Equal((36, 12), (sentences.NameIds.Length, sentences.TemplateCount));
        Assert.Equal(548, TokenPool.Of(tokenizer, 1350).Count);
    }

    [Fact]
    public void The_vocabulary_of_Qwen2_gives_what_the_page_says()
    {
        var folder = Environment.GetEnvironmentVariable("RATILGPU_QWEN2_TOKENIZER");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "RATILGPU_QWEN2_TOKENIZER names no folder with a vocabulary.");
        const int Rows = 151_936;
        var tokenizer = Tokenizer.Load(folder);
        var page = File.ReadAllText(Repository.Path("docs", "head-data.md"));
        var classes = DelimiterClasses.Of(tokenizer, Rows);
        var sequences = new TextSequences(tokenizer, Rows).Read(TextCorpus.BuiltIn).ToList();
        var full = sequences.Count(one => one.Ids.Length == 256);

        Says($"{TokenPool.Of(tokenizer, Rows).Count:N0} tokens to draw from");
        Says($"{new SuccessorPrompts(tokenizer, Rows).Families.Length} families");
        Says($"{new IoiPrompts(tokenizer, Rows).NameIds.Length} names");
        Says($"{sequences.Count} sequences, {full} of them with 256 tokens");
        Says($"{classes.Ids(DelimiterClass.SentenceEnd).Length} that end a sentence");
        Says($"{classes.Ids(DelimiterClass.Comma).Length:N0} commas");
        Says($"{classes.Ids(DelimiterClass.Newline).Length} newlines");
        Says($"{classes.Ids(DelimiterClass.BracketOrQuote).Length:N0} brackets and quotes");
        Says($"{classes.Ids(DelimiterClass.Operator).Length:N0} operators");
        Assert.InRange(full, 48, 200);

        void Says(FormattableString text) =>
            Assert.Contains(FormattableString.Invariant(text), page, StringComparison.Ordinal);
    }
}
