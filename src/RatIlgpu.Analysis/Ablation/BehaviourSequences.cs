namespace RatIlgpu.Analysis;

/// <summary>Makes the sequences on which the behaviours of a model are measured.</summary>
/// <remarks>Short, since each is run for many sets of heads.</remarks>
sealed class BehaviourSequences
{
    // The scored positions of a sequence, so that every sequence counts alike.
    const int ScoredPositions = 16;

    const int RepeatCount = 4;
    const int LeastHalf = 20, MostHalf = 28;
    const int NamePrompts = 12;
    const int RunPrompts = 12;
    const int TextCount = 4;
    const int TextLength = 48;

    readonly LanguageModel model;
    readonly AtlasOptions options;

    /// <summary>Prepares the sequences of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">The texts and the seed.</param>
    public BehaviourSequences(LanguageModel model, AtlasOptions options) =>
        (this.model, this.options) = (model, options);

    /// <summary>Returns the behaviours that a role claims.</summary>
    public static ImmutableArray<HeadBehaviour> Of(HeadRole role) => role switch
    {
        HeadRole.PreviousToken or HeadRole.Induction => [HeadBehaviour.InductionLoss],
        HeadRole.DuplicateToken => [HeadBehaviour.InductionLoss, HeadBehaviour.NameDifference],
        HeadRole.SInhibition => [HeadBehaviour.NameDifference],
        HeadRole.Successor => [HeadBehaviour.NextElementLoss],
        HeadRole.Positional or HeadRole.FirstToken or HeadRole.Delimiter => [HeadBehaviour.TextLoss],
        _ => [],
    };

    /// <summary>Returns whether a larger number is better.</summary>
    public static bool IsGain(HeadBehaviour behaviour) => behaviour == HeadBehaviour.NameDifference;

    /// <summary>Returns the sequences of a behaviour; none where the model cannot express it.</summary>
    public ImmutableArray<ScoredSequence> Of(HeadBehaviour behaviour) => behaviour switch
    {
        HeadBehaviour.InductionLoss => Repeats(later: true),
        HeadBehaviour.FirstCopyLoss => Repeats(later: false),
        HeadBehaviour.NameDifference => Names(),
        HeadBehaviour.NextElementLoss => Runs(),
        _ => Texts(),
    };

    // The last tokens of a copy: in the second, each is due after its predecessor as in the first.
    ImmutableArray<ScoredSequence> Repeats(bool later)
    {
        if (TokenPool.Of(model.Tokenizer, model.Config.VocabularySize).Count < 2)
            return [];
        var repeats = new RepeatedSequences(model.Tokenizer, model.Config.VocabularySize, new()
        {
            Seed = options.Seed,
            LeastHalfLength = LeastHalf,
            MostHalfLength = MostHalf,
            StartsWithEndOfText = options.StartsWithEndOfText,
        });
        return [.. Enumerable.Range(0, RepeatCount).Select(number => Of(repeats.Make(number)))];

        ScoredSequence Of(RepeatedSequence repeat)
        {
            var count = int.Min(ScoredPositions, repeat.HalfLength - 1);
            var end = later ? repeat.Ids.Length : repeat.Start + repeat.HalfLength;
            return ScoredSequence.OfLoss(repeat.Ids.AsSpan(), Enumerable.Range(end - count, count));
        }
    }

    ImmutableArray<ScoredSequence> Names()
    {
        var names = new IoiPrompts(model.Tokenizer, model.Config.VocabularySize, options.Seed);
        return names.TemplateCount == 0
            ? []
            : [.. Enumerable.Range(0, NamePrompts).Select(number => Of(names.Make(number)))];

        static ScoredSequence Of(IoiPrompt prompt) => new(prompt.Ids, [new(prompt.End, prompt.IoId, prompt.SId)]);
    }

    ImmutableArray<ScoredSequence> Runs()
    {
        var runs = new SuccessorPrompts(model.Tokenizer, model.Config.VocabularySize, options.Seed);
        return runs.Families.IsEmpty
            ? []
            : [.. Enumerable.Range(0, RunPrompts).Select(number => Of(runs.Make(number)))];

        // Nothing tells the first two elements.
        static ScoredSequence Of(SuccessorPrompt prompt) =>
            ScoredSequence.OfLoss(prompt.Ids.AsSpan(), prompt.Elements.Items.Skip(2));
    }

    ImmutableArray<ScoredSequence> Texts()
    {
        if (!model.Tokenizer.EncodesTexts)
            return [];
        var texts = new TextSequences(model.Tokenizer, model.Config.VocabularySize, new()
        {
            Most = TextLength,
            Least = TextLength / 2,
            Seed = options.Seed,
            StartsWithEndOfText = options.StartsWithEndOfText,
        });
        return
        [
            .. texts.Read(options.Corpus).Where(text => text.Part == 0).Take(TextCount).Select(text =>
                ScoredSequence.OfLoss(
                    text.Ids.AsSpan(), Enumerable.Range(text.Ids.Length - ScoredPositions, ScoredPositions))),
        ];
    }
}
