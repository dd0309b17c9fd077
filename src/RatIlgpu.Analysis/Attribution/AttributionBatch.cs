namespace RatIlgpu.Analysis;

/// <summary>The attributions of several prompts, and mean and spread over them.</summary>
public sealed class AttributionBatch
{
    readonly ImmutableArray<ValueArray<Index>> asked;

    // Prompts may have recordings, which results do not hold: of them only the positions are kept.
    internal AttributionBatch(
        ImmutableArray<ValueArray<Index>> asked, ImmutableArray<ImmutableArray<LogitAttribution>> attributions) =>
        (this.asked, Attributions) = (asked, attributions);

    /// <summary>Gets the attributions, <c>[prompt][position]</c>, the positions in the given order: each equals that of
    /// the prompt alone.</summary>
    public ImmutableArray<ImmutableArray<LogitAttribution>> Attributions { get; }

    /// <summary>Gets the measured logit over all prompts and positions.</summary>
    public MeanAndSpread Measured => MeanAndSpread.Of(Flat.Select(one => (double?)one.Measured));

    /// <summary>Gets mean and spread of each row over all prompts and positions, in the order of the rows; empty where
    /// the rows do not mean the same in all of them (<see cref="AttributionUnit.HeadBySource"/>).</summary>
    public ImmutableArray<MeanContribution> Mean => field.IsDefault ? field = Means() : field;

    /// <summary>Returns the contributions as an array, <c>[component, prompt, position]</c>: components in the order of
    /// the rows, which is that of TransformerLens, and labelled as there; prompts numbered from 1.</summary>
    /// <remarks>A position is labelled by its number, from 0, where it is the same in all prompts; else as it was asked
    /// for, such as <c>^1</c>, where that was alike; else by its place among the positions of each prompt, such as
    /// <c>#2</c>.</remarks>
    /// <exception cref="InvalidOperationException">The rows do not mean the same in all prompts, or prompts have
    /// different numbers of positions.</exception>
    public LabelledArray ToArray()
    {
        if (!IsArray)
            throw new InvalidOperationException(
                "The attributions have different rows or numbers of positions, expected the same of all prompts: they "
                + "do not fill an array.");
        var components = Attributions[0][0].Terms;
        return new(
            [
                new("component", [.. components.Select(row => row.Term.Label)]),
                ArrayAxis.Numbered("prompt", Attributions.Length),
                new("position", [.. Enumerable.Range(0, Attributions[0].Length).Select(PositionAt)]),
            ],
            [
                .. from place in Enumerable.Range(0, components.Length)
                   from one in Flat
                   select (double?)one.Terms[place].Value,
            ]);
    }

    /// <summary>Gets the attributions, prompt by prompt.</summary>
    internal IEnumerable<LogitAttribution> Flat => Attributions.SelectMany(one => one);

    /// <summary>Gets whether the contributions fill an array.</summary>
    internal bool IsArray => AreAlike && Attributions.All(one => one.Length == Attributions[0].Length);

    bool AreAlike => Attributions[0][0].Options.Unit != AttributionUnit.HeadBySource;

    ImmutableArray<MeanContribution> Means() => AreAlike
        ?
        [
            .. Attributions[0][0].Terms.Select((row, place) => new MeanContribution(
                row.Term, MeanAndSpread.Of(Flat.Select(one => (double?)one.Terms[place].Value)))),
        ]
        : [];

    string PositionAt(int place) => (
        Same(Attributions.Select(one => one[place].Position)), Same(asked.Select(one => one[place]))) switch
    {
        ({ } same, _) => same.ToString(CultureInfo.InvariantCulture),
        (_, { } same) => same.ToString(),
        _ => string.Create(CultureInfo.InvariantCulture, $"#{place + 1}"),
    };

    // The value that all have; null if they differ.
    static T? Same<T>(IEnumerable<T> values)
        where T : struct => values.Distinct().Take(2).ToList() is [var only] ? only : null;
}

/// <summary>A row over several prompts.</summary>
/// <param name="Term">The part of the residual stream.</param>
/// <param name="Value">Its contribution, in logits.</param>
public readonly record struct MeanContribution(ResidualTerm Term, MeanAndSpread Value);
