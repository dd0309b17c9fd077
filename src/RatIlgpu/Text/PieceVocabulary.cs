using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Reads the vocabulary of byte pairs that SentencePiece made: tokens are spelled by characters, spaces by
/// U+2581, and each byte has a token, such as <c>&lt;0x0A&gt;</c>.</summary>
static class PieceVocabulary
{
    /// <summary>Reads the parts of a tokenizer.</summary>
    /// <param name="model">The part <c>model</c> of <c>tokenizer.json</c>.</param>
    /// <param name="words">The part <c>pre_tokenizer</c>.</param>
    public static TokenizerParts Read(JsonPart model, JsonPart words)
    {
        var (spaces, splits) = ReadMetaspace(words);
        model["byte_fallback"].Need(model["byte_fallback"].IsTrue, "true");
        var vocabulary = new VocabularyBuilder(model.File, Bytes);
        vocabulary.AddSpelled(model["vocab"]);
        var ids = vocabulary.Ids;
        var bytes = ImmutableArray.CreateBuilder<int>(256);
        for (var value = 0; value < 256; value++)
            bytes.Add(ids.TryGetValue(Spell((byte)value), out var id) ? id : throw Refusal.Of(
                model.File, $"has no token {Spell((byte)value)}, expected one for each byte."));
        var merges = new MergeTable(model.File, ids, Merges(model["merges"]));
        var encoder = new PieceEncoder(ids, bytes.ToImmutable(), merges, splits, model["ignore_merges"].IsTrue);
        return new TokenizerParts(model.File, vocabulary, encoder)
        {
            Added = [],
            Normalization = new Normalization(Composes: false),
            Spaces = spaces,
        };
    }

    // Tokens may have spaces where merges are pairs.
    static IEnumerable<Merge> Merges(JsonPart merges)
    {
        var items = merges.Items();
        if (items is [] || !items[0].IsList)
            return Merge.Split(merges.File, items.Select(merge => merge.Text()));
        return items.Select(merge => merge.Items(2)).Select(pair => new Merge(pair[0].Text(), pair[1].Text()));
    }

    static (LeadingSpace Spaces, bool Splits) ReadMetaspace(JsonPart words)
    {
        if (words.IsMissing)
            return (LeadingSpace.Never, false);
        words["type"].Need("Metaspace");
        words["replacement"].Need(Normalization.SpaceMark.ToString());
        var scheme = words["prepend_scheme"];
        var splits = words["split"].OrNull?.Flag() ?? true;
        if (words["add_prefix_space"].OrNull?.Flag() == false)
        {
            scheme.Need("never");
            return (LeadingSpace.Never, splits);
        }

        scheme.Need(
            scheme.IsAbsent || scheme.Is("always") || scheme.Is("first") || scheme.Is("never"),
            "'always', 'first' or 'never'");
        var spaces = scheme.IsAbsent || scheme.Is("always") ? LeadingSpace.Always
            : scheme.Is("first") ? LeadingSpace.First
            : LeadingSpace.Never;
        return (spaces, splits);
    }

    static byte[] Bytes(string spelling) => ValueOf(spelling) is { } value
        ? [value]
        : Encoding.UTF8.GetBytes(spelling.Replace(Normalization.SpaceMark, ' '));

    static byte? ValueOf(string spelling) =>
        spelling is ['<', '0', 'x', _, _, '>']
        && byte.TryParse(
            spelling.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
        && Spell(value) == spelling
            ? value
            : null;

    static string Spell(byte value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");
}
