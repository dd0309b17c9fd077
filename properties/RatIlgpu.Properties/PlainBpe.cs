using System.Text.Json;

namespace RatIlgpu.Properties;

/// <summary>Byte-pair encoding as it is defined: again and again, the leftmost pair of the lowest rank becomes one
/// token.</summary>
/// <remarks>Sennrich, Haddow and Birch, Neural Machine Translation of Rare Words with Subword Units, 2016.</remarks>
/// <param name="ids">The tokens' ids by their spellings.</param>
/// <param name="merges">The merges in the order of their ranks, each of two spellings with a space between
/// them.</param>
sealed class PlainBpe(IReadOnlyDictionary<string, int> ids, IEnumerable<string> merges)
{
    const int NoMerge = int.MaxValue;

    readonly Dictionary<string, int> ranks = merges.Index().ToDictionary(merge => merge.Item, merge => merge.Index);

    /// <summary>Reads <c>vocab.json</c> and <c>merges.txt</c>.</summary>
    public static PlainBpe Read(string folder) => new(
        JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText(Path.Combine(folder, "vocab.json")))!,
        File.ReadLines(Path.Combine(folder, "merges.txt"))
            .Where(line => !line.StartsWith("#version", StringComparison.Ordinal)));

    /// <summary>Returns the tokens of a word.</summary>
    /// <param name="word">The spelling of the word.</param>
    public IEnumerable<int> Encode(IEnumerable<char> word)
    {
        var tokens = word.Select(letter => letter.ToString()).ToList();
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
