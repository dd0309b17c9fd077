namespace RatIlgpu.Analysis;

/// <summary>The states of several prompts, and mean and spread over them.</summary>
public sealed class LensBatch
{
    /// <summary>Puts the states of prompts together.</summary>
    /// <param name="prompts">The states of each prompt, at least one prompt.</param>
    /// <exception cref="ArgumentException">There is no prompt.</exception>
    public LensBatch(params IReadOnlyList<LensReading> prompts)
    {
        if (prompts.Count == 0)
            throw new ArgumentException("There is no prompt: at least one is needed.");
        Prompts = [.. prompts];
    }

    /// <summary>Gets the states of each prompt, which equal those of the prompt alone.</summary>
    public ImmutableArray<LensReading> Prompts { get; }

    /// <summary>Gets mean and spread for each state, in the order of the run, over all prompts and positions. Followed
    /// tokens and directions are compared by their place in the list, and only where all prompts have as
    /// many.</summary>
    public ImmutableArray<LensMean> Mean => field.IsDefault ? field = Means() : field;

    ImmutableArray<LensMean> Means() =>
    [
        .. Prompts.SelectMany(prompt => prompt.States).GroupBy(state => state.State).Select(states => new LensMean(
            states.Key,
            [.. Over(states, state => state.Tokens).Select(tokens => new LensTokenMean(
                MeanAndSpread.Of(tokens.Select(token => (double?)token.Rank)),
                MeanAndSpread.Of(tokens.Select(token => (double?)token.Logit)),
                MeanAndSpread.Of(tokens.Select(token => (double?)token.Probability))))],
            [.. Over(states, state => state.Projections)
                .Select(all => MeanAndSpread.Of(all.Select(one => (double?)one.Value)))])
        {
            Entropy = MeanAndSpread.Of(states.Select(state => (double?)state.Entropy)),
            KlDivergence = MeanAndSpread.Of(states.Select(state => (double?)state.KlDivergence)),
        }),
    ];

    static IEnumerable<ImmutableArray<T>> Over<T>(IEnumerable<LensState> states, Func<LensState, ValueArray<T>> list)
    {
        ValueArray<T>[] lists = [.. states.Select(list)];
        return lists.All(one => one.Length == lists[0].Length)
            ? Enumerable.Range(0, lists[0].Length).Select(place => lists.Select(one => one[place]).ToImmutableArray())
            : [];
    }
}

/// <summary>The states of one prompt.</summary>
/// <param name="TokenIds">The prompt, <c>[tokens]</c>.</param>
/// <param name="States">The states of each position in the order of the run; the positions in the given order.</param>
public sealed record LensReading(ValueArray<int> TokenIds, ValueArray<LensState> States)
{
    /// <summary>Gets the attention mask, <c>[tokens]</c>: 1 for a token, 0 for padding; null if there was no
    /// padding.</summary>
    public ValueArray<int>? AttentionMask { get; init; }

    /// <summary>Gets a line that describes each intervention in the run; none if there was no intervention.</summary>
    public ValueArray<string> Interventions { get; init; } = [];
}

/// <summary>A state of the residual stream over several prompts.</summary>
/// <param name="State">The state.</param>
/// <param name="Followed">The followed tokens, in the order of each prompt's list: its answer, its foil, then the
/// tokens of the options.</param>
/// <param name="Projections">The numbers that directions read: that of the target, then those of the options.</param>
public sealed record LensMean(
    ResidualTerm State, ValueArray<LensTokenMean> Followed, ValueArray<MeanAndSpread> Projections)
{
    /// <summary>Gets the entropy, in nats.</summary>
    public MeanAndSpread Entropy { get; init; }

    /// <summary>Gets the divergence to the final prediction, in nats.</summary>
    public MeanAndSpread KlDivergence { get; init; }
}

/// <summary>A followed token over several prompts.</summary>
/// <param name="Rank">Its rank, from 1.</param>
/// <param name="Logit">Its logit.</param>
/// <param name="Probability">Its probability.</param>
public readonly record struct LensTokenMean(MeanAndSpread Rank, MeanAndSpread Logit, MeanAndSpread Probability);
