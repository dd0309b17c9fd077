namespace RatIlgpu.Analysis;

/// <summary>Makes prompts on which successor heads show: a run of ordered elements, such as weekdays, the same elements
/// in another order, and words without an order, all of one length and layout, so that a head that looks at positions
/// alone attends alike in all three.</summary>
/// <remarks>After Gould et al., Successor heads: recurring, interpretable attention heads in the wild, 2023. A prompt
/// starts with <c>List:</c>, so that no element stands at the first position. Its elements are single tokens with a
/// comma between them. The number of elements is drawn first, from 3 to 12, and then one of the families that have so
/// many: lengths tell as little of the family as they can.</remarks>
public sealed class SuccessorPrompts
{
    // A permutation in which no element follows its predecessor is found after three tries on average.
    const int MostTries = 1000;

    readonly ImmutableArray<FamilyTokens> families;
    readonly ImmutableArray<int> start;
    readonly int seed;

    /// <summary>Prepares to make prompts for a model.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="vocabularySize">The number of tokens that the model has an embedding of.</param>
    /// <param name="seed">The seed.</param>
    public SuccessorPrompts(Tokenizer tokenizer, int vocabularySize, int seed = 0)
    {
        (families, Warnings) = FamilyTokens.Of(tokenizer, vocabularySize);
        start = tokenizer.PromptStart;
        this.seed = seed;
    }

    /// <summary>Gets the names of the families that the tokenizer can express; none where there are no
    /// prompts.</summary>
    public ImmutableArray<string> Families => [.. families.Select(family => family.Family.Name)];

    /// <summary>Gets what is left out and why, a sentence each.</summary>
    public ImmutableArray<string> Warnings { get; }

    /// <summary>Gets the ordered classes of single tokens, for scores that need no prompt.</summary>
    public ImmutableArray<OrdinalClass> Classes =>
    [
        .. families.Select(family => new OrdinalClass(
            family.Family.Name,
            family.Family.IsCyclic,
            [
                .. family.Ids.Index().Where(id => id.Item is not null)
                    .Select(id => new OrdinalElement(id.Index, id.Item!.Value)),
            ])),
    ];

    /// <summary>Returns a triple of prompts, which is the same for the same model, seed and number.</summary>
    /// <param name="number">The number of the triple; 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    /// <exception cref="InvalidOperationException">There are no prompts for this tokenizer.</exception>
    public SuccessorPrompt Make(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        if (families.IsEmpty)
            throw new InvalidOperationException(
                "The tokenizer has no family of ordered single tokens, expected one at least; see the warnings, and "
                + "leave successor prompts out for this model.");
        var random = new SeededRandom(seed, "successor", number);
        var length = random.Between(FamilyTokens.LeastRun, families.Max(family => family.Longest));
        var family = random.Choose([.. families.Where(family => family.Longest >= length)]);
        var first = random.Choose(family.Starts(length));
        ImmutableArray<int> run =
            [.. Enumerable.Range(first, length).Select(place => place % family.Ids.Length)];
        var permuted = Permute(random, family, run);
        var controls = random.Draw(family.Controls, length);
        var lead = start.Length + family.Lead.Length;
        return new(
            family.Prompt(start, run.Select(place => family.Ids[place]!.Value)),
            family.Prompt(start, permuted.Select(place => family.Ids[place]!.Value)),
            family.Prompt(start, controls),
            [.. Enumerable.Range(0, length).Select(place => lead + 2 * place)],
            run,
            [.. permuted],
            family.Family.Name,
            family.Ids.Length,
            family.Family.IsCyclic,
            family.Separator);
    }

    static int[] Permute(SeededRandom random, FamilyTokens family, ImmutableArray<int> run)
    {
        for (var tries = 0; ; tries++)
        {
            var order = random.Draw(run, run.Length);
            var follows = order.Zip(order.Skip(1)).Any(pair => IsNext(pair.First, pair.Second));
            if (!order.AsSpan().SequenceEqual(run.AsSpan()) && (!follows || tries >= MostTries))
                return order;
        }

        bool IsNext(int before, int after) => after == before + 1
            || (family.Family.IsCyclic && after == 0 && before == family.Ids.Length - 1);
    }
}

/// <summary>Three prompts of one length and layout, with different elements at the same positions.</summary>
/// <param name="Ids">The tokens of the run: each element is the successor of the one before.</param>
/// <param name="PermutedIds">The tokens of the same elements in another order, in which no element stands right after
/// its predecessor where that is possible.</param>
/// <param name="ControlIds">The tokens with different words without an order in the place of the elements.</param>
/// <param name="Elements">The positions of the elements, in all three prompts.</param>
/// <param name="RunOrdinals">The place in the family, from 0, of each element of the run; of a cyclic family it may go
/// on from the last to the first.</param>
/// <param name="PermutedOrdinals">The place in the family of each element of the other order.</param>
/// <param name="FamilyName">The name of the family.</param>
/// <param name="FamilySize">The number of elements of the family.</param>
/// <param name="IsCyclic">Whether the first element of the family comes after its last.</param>
/// <param name="Separator">The text between two elements, <c>", "</c> or <c>","</c>; one token is the comma.</param>
public sealed record SuccessorPrompt(
    ValueArray<int> Ids,
    ValueArray<int> PermutedIds,
    ValueArray<int> ControlIds,
    ValueArray<int> Elements,
    ValueArray<int> RunOrdinals,
    ValueArray<int> PermutedOrdinals,
    string FamilyName,
    int FamilySize,
    bool IsCyclic,
    string Separator);

/// <summary>A family of ordered single tokens.</summary>
/// <param name="Name">The name of the family.</param>
/// <param name="IsCyclic">Whether the first element comes after the last.</param>
/// <param name="Elements">The place in the family, from 0, and the token of each element that is a single
/// token.</param>
public sealed record OrdinalClass(string Name, bool IsCyclic, ValueArray<OrdinalElement> Elements);

/// <summary>An element of an ordered family.</summary>
/// <param name="Ordinal">Its place in the family, from 0.</param>
/// <param name="Id">Its token.</param>
public readonly record struct OrdinalElement(int Ordinal, int Id);
