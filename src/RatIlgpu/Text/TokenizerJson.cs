using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Reads <c>tokenizer.json</c>, and throws if it describes a tokenizer unlike Qwen2's.</summary>
static class TokenizerJson
{
    /// <summary>Reads the parts of a tokenizer.</summary>
    public static TokenizerParts Read(string file)
    {
        var root = JsonPart.Read(file, TokenizerFolder.LargestFile);
        var composes = Composes(root["normalizer"]);
        CheckWords(root["pre_tokenizer"]);
        CheckByteLevel(root["post_processor"]);
        CheckByteLevel(root["decoder"]);
        CheckModel(root["model"]);

        var vocabulary = new VocabularyBuilder(file);
        vocabulary.AddSpelled(root["model"]["vocab"]);
        var merges = Merges(root["model"]["merges"]);
        return new TokenizerParts(file, vocabulary, merges, Added(root["added_tokens"]), composes);
    }

    static bool Composes(JsonPart normalizer)
    {
        if (normalizer.IsMissing)
            return false;
        normalizer["type"].Need("NFC");
        return true;
    }

    static void CheckWords(JsonPart pretokenizer)
    {
        pretokenizer["type"].Need("Sequence");
        var steps = pretokenizer["pretokenizers"];
        if (steps.Items() is not [var split, var bytes])
            throw steps.Unexpected("a list of two: Split and ByteLevel");
        split["type"].Need("Split");
        split["pattern"]["Regex"].Need(Pretokenizer.Pattern);
        split["behavior"].Need("Isolated");
        split["invert"].NeedFalse();
        bytes["type"].Need("ByteLevel");
        bytes["add_prefix_space"].NeedFalse();
        bytes["use_regex"].NeedFalse();
    }

    static void CheckByteLevel(JsonPart step)
    {
        if (!step.IsMissing)
            step["type"].Need("ByteLevel");
    }

    static void CheckModel(JsonPart model)
    {
        model["type"].Need("BPE");
        foreach (var affix in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
            if (!model[affix].IsMissing)
                model[affix].Need("");
        model["dropout"].Need(model["dropout"].IsMissing, "null");
        model["ignore_merges"].Need(!model["ignore_merges"].IsTrue, "false");
    }

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

    static List<AddedToken> Added(JsonPart tokens)
    {
        var added = new List<AddedToken>();
        foreach (var token in tokens.OrNull?.Items() ?? [])
            added.Add(AddedToken.Read(token, token["id"].Whole(0, Vocabulary.LargestId)));
        return added;
    }
}
