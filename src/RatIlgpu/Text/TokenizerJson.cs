using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Reads <c>tokenizer.json</c>, as versions 0.13 to 0.23 of Hugging Face's tokenizers write it, and throws if
/// the file describes a tokenizer that works differently.</summary>
/// <remarks>Settings for truncation and padding do not count: transformers turns both off unless a caller asks for
/// them.</remarks>
static class TokenizerJson
{
    /// <summary>Reads the parts of a tokenizer.</summary>
    public static TokenizerParts Read(string file, int longestForPackage)
    {
        var root = JsonPart.Read(file, TokenizerFolder.LargestFile);
        var model = root["model"];
        CheckModel(model);
        var (normalization, words) = (ReadNormalizer(root["normalizer"]), root["pre_tokenizer"]);
        var marksSpaces = normalization.MarksSpaces || words.OrNull?["type"].Is("Metaspace") == true;
        var template = PromptTemplate.Read(root["post_processor"]);
        CheckDecoder(root["decoder"], marksSpaces);
        var parts = marksSpaces
            ? PieceVocabulary.Read(model, words)
            : ReadByteLevel(model, words, longestForPackage);
        return parts with
        {
            Added = Added(root["added_tokens"]),
            Normalization = normalization,
            Template = template,
        };
    }

    /// <summary>Returns the merges, each of two spellings with a space between them.</summary>
    static List<string> Merges(JsonPart merges)
    {
        var lines = new List<string>();
        foreach (var merge in merges.Items())
            if (!merge.IsList)
                lines.Add(merge.Text());
            else if (merge.Items() is [var left, var right])
                lines.Add($"{left.Text()} {right.Text()}");
            else
                throw merge.Unexpected("two tokens");
        return lines;
    }

    static TokenizerParts ReadByteLevel(JsonPart model, JsonPart words, int longestForPackage)
    {
        var pretokenizer = ReadWords(words);
        var vocabulary = VocabularyBuilder.ByteLevel(model.File);
        vocabulary.AddSpelled(model["vocab"]);
        vocabulary.CheckBytes();
        var encoder = new BytePairEncoder(
            model.File, vocabulary.Ids, Merges(model["merges"]), longestForPackage, model["ignore_merges"].IsTrue);
        return new TokenizerParts(model.File, vocabulary, new WordEncoder(pretokenizer, encoder))
        {
            Added = [],
            Normalization = new Normalization(Composes: false),
        };
    }

    // No normaliser, NFC, and those of SentencePiece: Prepend and Replace, which mark spaces.
    static Normalization ReadNormalizer(JsonPart normalizer)
    {
        var found = new Normalization(Composes: false);
        if (normalizer.IsMissing)
            return found;
        var steps = normalizer["type"].Is("Sequence") ? normalizer["normalizers"].Items() : [normalizer];
        foreach (var step in steps)
            if (step["type"].Is("Prepend") && found is { LeadsWithSpace: false, MarksSpaces: false })
            {
                NeedSpaceMark(step["prepend"]);
                found = found with { LeadsWithSpace = true };
            }
            else if (step["type"].Is("Replace"))
            {
                step["pattern"]["String"].Need(" ");
                NeedSpaceMark(step["content"]);
                found = found with { MarksSpaces = true };
            }
            else
            {
                step["type"].Need(
                    step["type"].Is("NFC") && found is { LeadsWithSpace: false, MarksSpaces: false },
                    "'NFC', or 'Prepend' and 'Replace' after it");
                found = found with { Composes = true };
            }

        normalizer.Need(found.MarksSpaces || !found.LeadsWithSpace, "'Replace' after 'Prepend'");
        return found;
    }

    static Pretokenizer ReadWords(JsonPart words)
    {
        var steps = words["type"].Is("Sequence") ? words["pretokenizers"].Items() : [words];
        if (steps is [var alone])
        {
            CheckBytes(alone);
            alone["use_regex"].Need(alone["use_regex"].IsAbsent || alone["use_regex"].IsTrue, "true");
            return Pretokenizer.Gpt2;
        }

        if (steps is not [var split, var bytes])
            throw words["pretokenizers"].Unexpected("a list of two: Split and ByteLevel");
        split["type"].Need("Split");
        var pattern = split["pattern"]["Regex"];
        var pretokenizer = Pretokenizer.Of(pattern.Text())
            ?? throw pattern.Unexpected("the pattern of Qwen2, Qwen3.5, Llama 3, GPT-2 or Tekken");
        // The patterns match all of a text, so that removing what does not match removes nothing.
        if (split["invert"].IsTrue)
            split["behavior"].Need("Removed");
        else
        {
            split["behavior"].Need("Isolated");
            split["invert"].NeedFalse();
        }

        CheckBytes(bytes);
        bytes["use_regex"].NeedFalse();
        return pretokenizer;
    }

    static void CheckBytes(JsonPart step)
    {
        step["type"].Need("ByteLevel");
        step["add_prefix_space"].NeedFalse();
    }

    // A decoder does not change tokens; one of another kind shows that the tokens stand for something else.
    static void CheckDecoder(JsonPart decoder, bool marksSpaces)
    {
        if (decoder.IsMissing)
            return;
        string[] known = marksSpaces ? ["Replace", "ByteFallback", "Fuse", "Strip", "Metaspace"] : ["ByteLevel"];
        foreach (var step in decoder["type"].Is("Sequence") ? decoder["decoders"].Items() : [decoder])
            step["type"].Need(known.Any(step["type"].Is), string.Join(", ", known.Select(name => $"'{name}'")));
    }

    static void CheckModel(JsonPart model)
    {
        // Files of old versions do not name the type of a model that has merges.
        if (!model["type"].IsAbsent || model["merges"].IsAbsent)
            model["type"].Need("BPE");
        foreach (var affix in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
            if (!model[affix].IsMissing)
                model[affix].Need("");
        if (!model["dropout"].IsMissing)
            model["dropout"].Need(model["dropout"].Number() == 0, "null or 0");
    }

    static void NeedSpaceMark(JsonPart text) => text.Need(Normalization.SpaceMark.ToString());

    static List<AddedToken> Added(JsonPart tokens)
    {
        var added = new List<AddedToken>();
        foreach (var token in tokens.OrNull?.Items() ?? [])
            added.Add(AddedToken.Read(token, token["id"].Whole(0, Vocabulary.LargestId)));
        return added;
    }
}
