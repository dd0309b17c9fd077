using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>The tokens that a tokenizer puts around a prompt.</summary>
/// <param name="Start">The ids before the prompt.</param>
/// <param name="End">The ids after it.</param>
sealed record PromptTemplate(ImmutableArray<int> Start, ImmutableArray<int> End)
{
    /// <summary>Gets the template that adds nothing.</summary>
    public static PromptTemplate Bare { get; } = new([], []);

    /// <summary>Reads <c>post_processor</c> of <c>tokenizer.json</c>: steps that put tokens around one text, or only
    /// change offsets.</summary>
    public static PromptTemplate Read(JsonPart processor)
    {
        if (processor.IsMissing)
            return Bare;
        if (processor["type"].Is("Sequence"))
            return ReadSteps(processor["processors"]);
        if (processor["type"].Is("TemplateProcessing"))
            return ReadPieces(processor);
        if (processor["type"].Is("BertProcessing") || processor["type"].Is("RobertaProcessing"))
            return new([Pair(processor["cls"])], [Pair(processor["sep"])]);
        processor["type"].Need(
            processor["type"].Is("ByteLevel"),
            "'ByteLevel', 'TemplateProcessing', 'BertProcessing', 'RobertaProcessing' or a 'Sequence' of them");
        return Bare;
    }

    // The Rust library treats what one step puts around a text as further texts in the next one.
    static PromptTemplate ReadSteps(JsonPart steps)
    {
        PromptTemplate[] templates = [.. steps.Items().Select(Read).Where(template => template != Bare)];
        steps.Need(templates.Length <= 1, "a list with one step at most that puts tokens around a text");
        return templates is [var only] ? only : Bare;
    }

    // The pieces of "single": one is the text, the others are special tokens of one or more ids.
    static PromptTemplate ReadPieces(JsonPart processor)
    {
        List<int> start = [], end = [];
        var isAfter = false;
        foreach (var piece in processor["single"].Items())
            if (piece.Find("Sequence") is { } text)
            {
                text["id"].Need("A");
                piece.Need(!isAfter, "special tokens alone, after the text");
                isAfter = true;
            }
            else
            {
                var name = piece["SpecialToken"]["id"].Text();
                var ids = processor["special_tokens"][name]["ids"].Items();
                (isAfter ? end : start).AddRange(ids.Select(id => id.Whole(0, Vocabulary.LargestId)));
            }

        processor["single"].Need(isAfter, "a template with the sequence A");
        return new([.. start], [.. end]);
    }

    // A token's text and id.
    static int Pair(JsonPart token) => token.Items(2)[1].Whole(0, Vocabulary.LargestId);
}
