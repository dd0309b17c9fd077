using RatIlgpu.Text;
using Package = Microsoft.ML.Tokenizers;

namespace RatIlgpu.MLTokenizers;

/// <summary>Makes a tokenizer of the package that works as Qwen2's does.</summary>
static class Qwen2Tokenizer
{
    /// <summary>Makes the tokenizer of a folder's tables.</summary>
    public static Package.BpeTokenizer Create(TokenizerTables tables)
    {
        var vocabulary = Enumerable.Range(0, tables.Vocabulary.Count)
            .Where(id => !tables.Vocabulary[id].IsEmpty)
            .Select(id => KeyValuePair.Create(Spell(tables, id), id));
        return Package.BpeTokenizer.Create(new Package.BpeOptions(vocabulary)
        {
            Merges = Enumerable.Range(0, tables.Merges.Count).Select(rank => Merge(tables, rank)),
            SpecialTokens = tables.Specials,
            Normalizer = tables.Composes ? new FormC() : null,
            PreTokenizer = new Words(new SpecialTokens(tables.Specials)),
            ByteLevel = true,
        });
    }

    static string Merge(TokenizerTables tables, int rank)
    {
        var (left, right) = tables.Merges.Pair(rank);
        return $"{Spell(tables, left)} {Spell(tables, right)}";
    }

    static string Spell(TokenizerTables tables, int id)
    {
        var bytes = tables.Vocabulary[id];
        var spelling = new char[bytes.Length];
        for (var i = 0; i < spelling.Length; i++)
            spelling[i] = ByteAlphabet.Spell(bytes[i]);
        return new string(spelling);
    }
}
