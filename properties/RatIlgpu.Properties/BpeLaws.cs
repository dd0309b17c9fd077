using System.Text.Json;

namespace RatIlgpu.Properties;

/// <summary>Holds merging, by Microsoft.ML.Tokenizers and by our own way for long words, to its definition.</summary>
/// <remarks><c>RATILGPU_QWEN2_TOKENIZER</c> names a folder with the vocabulary for whole texts, such as Qwen2's own;
/// the default is that of the demonstration model.</remarks>
[Properties(Arbitrary = [typeof(BpeLaws)])]
public sealed class BpeLaws
{
    const string Letters = "abcd";
    const int LongestToken = 40;

    const int Longest = BytePairEncoder.LongestForPackage;

    static readonly string[] Specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    static readonly string Folder =
        Environment.GetEnvironmentVariable("RATILGPU_QWEN2_TOKENIZER") is { Length: > 0 } folder
            ? folder
            : DemoModel.Folder;

    static readonly Tokenizer
        Tokenizer = Tokenizer.Load(Folder),
        Package = TokenizerFolder.Load(Folder, longestForPackage: int.MaxValue),
        Ours = TokenizerFolder.Load(Folder, longestForPackage: 0);

    static readonly PlainBpe Plain = PlainBpe.Read(Folder);

    // Arbitrary strings, and the texts of tokens in a row, which merge as arbitrary strings seldom do.
    internal static Arbitrary<string> Texts { get; } = Arb.From(
        Gen.OneOf(
            TokenizerLaws.Texts.Any.Texts.Generator,
            Gen.Choose(0, Tokenizer.Count - 1).ListOf().Select(ids => Tokenizer.Decode([.. ids]))),
        TokenizerLaws.Texts.Any.Texts.Shrinker);

    // A merge joins two of the tokens before it. No pair merges twice, but two pairs may merge to one token.
    internal static Arbitrary<Case> Cases { get; } = Arb.From(
        from word in Gen.Elements(Letters.ToCharArray()).ListOf()
        from pairs in Gen.Choose(0, int.MaxValue - 1).Two().ListOf()
        let merges = Merges(pairs)
        from order in Gen.Shuffle(merges)
        select new Case(string.Concat(word), order),
        tried => [.. Without(tried.Word).Select(word => tried with { Word = word }),
            .. tried.Merges.Length > 0 ? [tried with { Merges = tried.Merges[..^1] }] : Array.Empty<Case>()]);

    [Law(2000)]
    public void The_package_merges_by_the_definition(Case tried) =>
        Assert.Equal(tried.Plain.Encode(tried.Word), tried.Encode(longestForPackage: int.MaxValue));

    [Law(2000)]
    public void Our_way_merges_by_the_definition(Case tried) =>
        Assert.Equal(tried.Plain.Encode(tried.Word), tried.Encode(longestForPackage: 0));

    [Law]
    public void Tokens_spell_the_word(Case tried) => Assert.Equal(tried.Word, string.Concat(tried.Spellings()));

    [Law]
    public void No_two_neighbours_are_left_that_merge(Case tried)
    {
        var tokens = tried.Spellings();
        Assert.All(tokens.Zip(tokens.Skip(1), tried.Plain.Rank), rank => Assert.Equal(int.MaxValue, rank));
    }

    [Law(2000)]
    public void Every_text_has_the_tokens_of_plain_byte_pair_encoding(string text) =>
        Assert.Equal(PlainTokens(text), Tokenizer.Encode(text).Ids);

    [Law(2000)]
    public void Both_ways_of_merging_agree_on_every_text(string text) => Agree(text);

    [Law(Arbitrary = [typeof(LongWords)])]
    public void Both_ways_of_merging_agree_on_long_words(string word) => Agree(word);

    static string[] Merges(IEnumerable<(int Left, int Right)> pairs)
    {
        var tokens = Letters.Select(letter => letter.ToString()).ToList();
        var merges = new HashSet<string>();
        foreach (var (left, right) in pairs)
        {
            var (first, second) = (tokens[left % tokens.Count], tokens[right % tokens.Count]);
            if (first.Length + second.Length > LongestToken || !merges.Add($"{first} {second}"))
                continue;
            if (!tokens.Contains(first + second))
                tokens.Add(first + second);
        }

        return [.. merges];
    }

    static IEnumerable<string> Without(string word) => word.Select((_, i) => word.Remove(i, 1));

    static void Agree(string text)
    {
        var expected = Package.Encode(text);
        foreach (var tokenizer in new[] { Ours, Tokenizer })
        {
            Assert.Equal(expected.Ids, tokenizer.Encode(text).Ids);
            Assert.Equal(expected.Ranges, tokenizer.Encode(text).Ranges);
        }
    }

    static List<int> PlainTokens(string text)
    {
        var ids = new List<int>();
        foreach (var raw in TokenizerLaws.Special().Split(string.Concat(text.EnumerateRunes())))
        {
            var part = TokenizerLaws.Texts.FormC(raw);
            if (Array.IndexOf(Specials, part) is >= 0 and var special)
                ids.Add(Tokenizer.Count - Specials.Length + special);
            else
                for (int at = 0, length; at < part.Length; at += length)
                {
                    length = Pretokenizer.Qwen2.FirstWord(part.AsSpan(at));
                    ids.AddRange(Plain.Encode(ByteAlphabet.Spell(part.AsSpan(at, length))));
                }
        }

        return ids;
    }

    // Words about as long as the longest that the package merges, of few letters or of many.
    static class LongWords
    {
        public static Arbitrary<string> Any { get; } = Arb.From(
            from letters in Gen.Choose(1, 26)
            from length in Gen.Choose(Longest - 5, Longest + 5)
            from word in Gen.Choose(0, letters - 1).ArrayOf(length)
            select string.Concat(word.Select(letter => (char)('a' + letter))),
            word => word.Trim('a') == "" ? [] : [word[..(Longest / 2)].PadRight(word.Length, 'a'), word[1..] + 'a']);
    }

    /// <param name="Word">Letters.</param>
    /// <param name="Merges">The merges in the order of their ranks.</param>
    public sealed record Case(string Word, string[] Merges)
    {
        internal PlainBpe Plain => new(Ids, Merges);

        // The tokens of one letter, then the parts and the result of each merge, also where a shrunk case lost the
        // merge that makes a part.
        Dictionary<string, int> Ids =>
            Letters.Select(letter => letter.ToString())
                .Concat(Merges.SelectMany(merge => merge.Split(' ').Append(merge.Replace(" ", ""))))
                .Distinct().Index().ToDictionary(token => token.Item, token => token.Index);

        public List<int> Encode(int longestForPackage)
        {
            var tokens = new List<int>();
            new BytePairEncoder("merges.txt", Ids, Merges, longestForPackage).Encode(Word, tokens);
            return tokens;
        }

        public List<string> Spellings()
        {
            var spellings = Ids.ToDictionary(token => token.Value, token => token.Key);
            return [.. Encode(longestForPackage: Word.Length / 2).Select(id => spellings[id])];
        }

        public override string ToString() => $"word {Word} merges [{string.Join(", ", Merges)}]";
    }

    /// <summary>Byte-pair encoding as it is defined: again and again, the leftmost pair of the lowest rank becomes one
    /// token.</summary>
    /// <remarks>Sennrich, Haddow and Birch, Neural Machine Translation of Rare Words with Subword Units,
    /// 2016.</remarks>
    /// <param name="ids">The tokens' ids by their spellings.</param>
    /// <param name="merges">The merges in the order of their ranks, each of two spellings with a space between
    /// them.</param>
    internal sealed class PlainBpe(IReadOnlyDictionary<string, int> ids, IEnumerable<string> merges)
    {
        const int NoMerge = int.MaxValue;

        readonly Dictionary<string, int> ranks =
            merges.Index().ToDictionary(merge => merge.Item, merge => merge.Index);

        /// <summary>Reads <c>vocab.json</c> and <c>merges.txt</c>.</summary>
        public static PlainBpe Read(string folder) => new(
            JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(Path.Combine(folder, "vocab.json")))!,
            File.ReadLines(Path.Combine(folder, "merges.txt"))
                .Where(line => !line.StartsWith("#version", StringComparison.Ordinal)));

        /// <summary>Returns the tokens of a word.</summary>
        public IEnumerable<int> Encode(IEnumerable<char> word) => Encode(word.Select(letter => letter.ToString()));

        /// <summary>Returns the tokens of a word of these symbols.</summary>
        public IEnumerable<int> Encode(IEnumerable<string> word)
        {
            var tokens = word.ToList();
            while (tokens.Count > 1)
            {
                var pairs = tokens.Zip(tokens.Skip(1), Rank).ToList();
                var lowest = pairs.Min();
                if (lowest == NoMerge)
                    break;
                var at = pairs.IndexOf(lowest);
                tokens[at] += tokens[at + 1];
                tokens.RemoveAt(at + 1);
            }

            return tokens.Select(token => ids[token]);
        }

        /// <summary>Returns the rank of a pair of tokens that merge, or the largest number.</summary>
        public int Rank(string left, string right) => ranks.GetValueOrDefault($"{left} {right}", NoMerge);
    }
}
