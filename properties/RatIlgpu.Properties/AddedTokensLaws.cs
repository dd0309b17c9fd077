using System.Text.RegularExpressions;
using RatIlgpu.Files;

namespace RatIlgpu.Properties;

/// <summary>Holds the cutting of added tokens to its definition.</summary>
[Properties(Arbitrary = [typeof(AddedTokensLaws)])]
public sealed class AddedTokensLaws
{
    const string Letters = "ab< \n_\u3000";

    static readonly Gen<string> Text = Gen.Elements(Letters.ToCharArray()).ListOf().Select(string.Concat);

    static readonly Gen<AddedToken> Token =
        from content in Text
        where content.Length is > 0 and < 5
        from flags in Gen.Elements(true, false, false).ArrayOf(4)
        select new AddedToken("tokenizer.json", content, 0)
        {
            TakesSpaceBefore = flags[0],
            TakesSpaceAfter = flags[1],
            StandsAlone = flags[2],
            IsSpecial = flags[3],
        };

    internal static Arbitrary<Case> Cases { get; } = Arb.From(
        from text in Text
        from tokens in Token.ListOf()
        from splits in Gen.Elements(true, false)
        select new Case(text, splits)
        {
            Tokens = [.. tokens.DistinctBy(token => token.Content).Select((token, id) => token with { Id = id })],
        },
        tried =>
        [
            .. tried.Text.Select((_, i) => tried with { Text = tried.Text.Remove(i, 1) }),
            .. tried.Tokens.Select(token => tried with { Tokens = tried.Tokens.Remove(token) }),
        ]);

    [Law(2000)]
    public void Tokens_are_cut_out_by_the_definition(Case tried) => Assert.Equal(tried.Expected(), tried.Parts());

    [Law]
    public void Parts_cover_the_text_without_gaps(Case tried)
    {
        var at = 0;
        foreach (var (start, end, id) in tried.Parts())
        {
            // A token may lie in the white space that another took in.
            Assert.InRange(start, id is null ? at : 0, at);
            Assert.InRange(end, start + 1, tried.Text.Length);
            at = end;
        }

        Assert.Equal(tried.Text.Length, at);
    }

    /// <param name="Text">The text.</param>
    /// <param name="Splits">Whether special tokens are text.</param>
    public sealed record Case(string Text, bool Splits)
    {
        internal ImmutableArray<AddedToken> Tokens { get; init; } = [];

        public IEnumerable<(int Start, int End, int? Id)> Parts() =>
            new AddedTokens(Tokens.Select(token => (token.Content, token)), Splits).Cut(Text);

        // By regular expressions: the alternatives of one are tried in order, the longest first.
        public IEnumerable<(int Start, int End, int? Id)> Expected()
        {
            var done = 0;
            var contents = Tokens.OrderByDescending(token => token.Content.Length)
                .Select(token => Regex.Escape(token.Content));
            foreach (Match match in Regex.Matches(Text, Tokens.IsEmpty ? "(?!)" : string.Join('|', contents)))
            {
                var token = Tokens.Single(token => token.Content == match.Value);
                var (before, after) = (Text[..match.Index], Text[(match.Index + match.Length)..]);
                if ((Splits && token.IsSpecial)
                    || (token.StandsAlone && (Regex.IsMatch(before, @"\w\z") || Regex.IsMatch(after, @"\A\w"))))
                    continue;
                var start = token.TakesSpaceBefore
                    ? Math.Max(done, Regex.Match(before, @"\s*\z").Index)
                    : match.Index;
                if (start > done)
                    yield return (done, start, null);
                var spaces = token.TakesSpaceAfter ? Regex.Match(after, @"\A\s*").Length : 0;
                var end = Text.Length - after.Length + spaces;
                if (end <= start)
                    continue;
                yield return (start, end, token.Id);
                done = end;
            }

            if (done < Text.Length)
                yield return (done, Text.Length, null);
        }

        public override string ToString() =>
            $"text {OneLine.Quote(Text)} splits {Splits} tokens [{OneLine.Escape(string.Join(", ", Tokens))}]";
    }
}
