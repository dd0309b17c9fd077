namespace RatIlgpu.Analysis;

/// <summary>Makes sentences about an indirect object, on which S-inhibition and name-mover heads show: two names, one
/// of them again, and an end where the other is due; and for each a control with a third name in the place of the
/// repeated one.</summary>
/// <remarks>After Wang et al., Interpretability in the wild, 2022, with sentences of its own. Sentences and the orders
/// of the names take turns, so that any few prompts have all; names, places and things are drawn. Names, places and
/// things are single tokens.</remarks>
public sealed class IoiPrompts
{
    // Two names, and a third for the control; with three alone, the control would be known by the prompt.
    const int FewestNames = 4;

    // A draw fails where words join; then nearly all of a sentence do, and the sentence is left out before.
    const int MostTries = 100;

    readonly ImmutableArray<int> start;
    readonly WordTokens words;
    readonly ImmutableArray<string> names;
    readonly ImmutableArray<string> places;
    readonly ImmutableArray<string> objects;
    readonly ImmutableArray<(int Number, string Text)> templates;
    readonly int seed;

    /// <summary>Prepares to make prompts for a model.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="vocabularySize">The number of tokens that the model has an embedding of.</param>
    /// <param name="seed">The seed.</param>
    public IoiPrompts(Tokenizer tokenizer, int vocabularySize, int seed = 0)
    {
        this.seed = seed;
        start = tokenizer.PromptStart;
        words = new(tokenizer, vocabularySize);
        var known = words.Of(WordLists.Names);
        names = [.. known.Select(name => name.Word)];
        NameIds = [.. known.Select(name => name.Id)];
        places = [.. words.Of(WordLists.Places).Select(place => place.Word)];
        objects = [.. words.Of(WordLists.Objects).Select(item => item.Word)];
        templates = [];
        if (!tokenizer.EncodesTexts)
            Warnings = ["The model has no tokenizer; there are no prompts about an indirect object."];
        else if (names.Length < FewestNames || places.IsEmpty || objects.IsEmpty)
            Warnings =
            [
                FormattableString.Invariant(
                    $"Of the names {names.Length} are single tokens, of the places {places.Length} and of the things ")
                + FormattableString.Invariant($"{objects.Length}, expected at least {FewestNames}, 1 and 1; there are ")
                + "no prompts about an indirect object.",
            ];
        else
            (templates, Warnings) = Usable();
    }

    /// <summary>Gets the tokens of all names, in the order of the list; none where there are no prompts.</summary>
    public ImmutableArray<int> NameIds { get; }

    /// <summary>Gets the number of sentences; 0 where there are no prompts.</summary>
    public int TemplateCount => templates.Length;

    /// <summary>Gets what is left out and why, a sentence each; usually nothing.</summary>
    public ImmutableArray<string> Warnings { get; }

    /// <summary>Returns a prompt and its control, which are the same for the same model, seed and number.</summary>
    /// <param name="number">The number of the prompt; 0 or more. An even one has the indirect object's name first, and
    /// two numbers after each other have the same sentence.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    /// <exception cref="InvalidOperationException">There are no prompts for this tokenizer.</exception>
    public IoiPrompt Make(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        if (templates.IsEmpty)
            throw new InvalidOperationException(
                "The tokenizer has no sentence about an indirect object with single tokens as names; see the warnings, "
                + "and leave these prompts out for this model.");
        var random = new SeededRandom(seed, "indirect object", number);
        var template = templates[number / 2 % templates.Length];
        return Draw(random, template.Number, template.Text, number % 2 == 0) ?? throw new InvalidOperationException(
            FormattableString.Invariant(
                $"In {MostTries} draws of sentence {template.Number}, the names were never single tokens twice and ")
            + "once, expected that of nearly every draw; leave these prompts out for this model.");
    }

    (ImmutableArray<(int, string)> Templates, ImmutableArray<string> Warnings) Usable()
    {
        var random = new SeededRandom(seed, "sentences", 0);
        var kept = IoiTemplates.All.Index()
            .Where(one => Draw(random, one.Index, one.Item, isAbba: true) is not null
                && Draw(random, one.Index, one.Item, isAbba: false) is not null)
            .ToImmutableArray();
        var left = IoiTemplates.All.Length - kept.Length;
        return (kept, (left, kept.IsEmpty) switch
        {
            (0, _) => [],
            (_, false) =>
            [
                FormattableString.Invariant(
                    $"{left} of {IoiTemplates.All.Length} sentences about an indirect object are left out: names in ")
                + "them are not single tokens.",
            ],
            _ => ["No sentence has names that are single tokens; there are no prompts about an indirect object."],
        });
    }

    // Null where no draw has the names as single tokens.
    IoiPrompt? Draw(SeededRandom random, int number, string template, bool isAbba)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var chosen = random.Draw(ImmutableArray.CreateRange(Enumerable.Range(0, names.Length)), 3);
            var (io, s, third) = (chosen[0], chosen[1], chosen[2]);
            var (place, item) = (random.Choose(places), random.Choose(objects));
            if (Of(Encode(s), Encode(third), NameIds[io], NameIds[s], NameIds[third]) is { } prompt)
                return prompt with { Template = number, IsAbba = isAbba };

            ImmutableArray<int> Encode(int repeated) => words.Encode(IoiTemplates.Fill(
                template, names[isAbba ? io : s], names[isAbba ? s : io], names[repeated], place, item));
        }

        return null;
    }

    // Null unless the two differ in one token, S is in the prompt twice and in the control once, and each other name
    // that is there once.
    IoiPrompt? Of(ImmutableArray<int> ids, ImmutableArray<int> control, int io, int s, int third)
    {
        ids = [.. start, .. ids];
        control = [.. start, .. control];
        var places = Places(ids, s);
        if (places is not [var first, var second]
            || Places(ids, io) is not [var other]
            || Places(ids, third).Length > 0
            || !control.AsSpan().SequenceEqual(ids.SetItem(second, third).AsSpan()))
            return null;
        return new(ids, control, other, first, second, ids.Length - 1, io, s, third, 0, true);

        static int[] Places(ImmutableArray<int> ids, int id) =>
            [.. ids.Index().Where(one => one.Item == id).Select(one => one.Index)];
    }
}

/// <summary>A sentence about an indirect object, and its control.</summary>
/// <param name="Ids">The tokens of the prompt.</param>
/// <param name="ControlIds">The tokens of the control: as many, with the third name in the place of the second
/// S.</param>
/// <param name="Io">The position of the indirect object's name, which is due at the end.</param>
/// <param name="S1">The position of the first name of the subject.</param>
/// <param name="S2">The position of its second; in the control, that of the third name.</param>
/// <param name="End">The last position, whose next token is due.</param>
/// <param name="IoId">The token of the indirect object's name.</param>
/// <param name="SId">The token of the subject's name.</param>
/// <param name="ThirdId">The token of the third name.</param>
/// <param name="Template">The number of the sentence, from 0.</param>
/// <param name="IsAbba">Whether the indirect object comes before the subject's first name.</param>
public sealed record IoiPrompt(
    ValueArray<int> Ids,
    ValueArray<int> ControlIds,
    int Io,
    int S1,
    int S2,
    int End,
    int IoId,
    int SId,
    int ThirdId,
    int Template,
    bool IsAbba);
