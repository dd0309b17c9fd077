namespace RatIlgpu.Analysis;

/// <summary>The attributions of several prompts, and mean and spread over them.</summary>
public sealed class AttributionBatch
{
    readonly ImmutableArray<AnalysisPrompt> prompts;

    internal AttributionBatch(
        ImmutableArray<AnalysisPrompt> prompts, ImmutableArray<ImmutableArray<LogitAttribution>> attributions) =>
        (this.prompts, Attributions) = (prompts, attributions);

    /// <summary>Gets the attributions, <c>[prompt][position]</c>: each equals that of the prompt alone.</summary>
    public ImmutableArray<ImmutableArray<LogitAttribution>> Attributions { get; }

    /// <summary>Gets the measured logit over all prompts and positions.</summary>
    public MeanAndSpread Measured => MeanAndSpread.Of(All.Select(one => (double?)one.Measured));

    /// <summary>Gets mean and spread of each row over all prompts and positions, in the order of the rows; empty where
    /// the rows do not mean the same in all of them (<see cref="AttributionUnit.HeadBySource"/>).</summary>
    public ImmutableArray<MeanContribution> Mean => field.IsDefault ? field = Means() : field;

    /// <summary>Returns the contributions as an array, <c>[component, prompt, position]</c>: components in the order of
    /// the rows, which is that of TransformerLens, and labelled as there.</summary>
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
                ArrayAxis.Counted("prompt", Attributions.Length),
                new("position", Positions),
            ],
            [
                .. from place in Enumerable.Range(0, components.Length)
                   from one in All
                   select (double?)one.Terms[place].Value,
            ]);
    }

    /// <summary>Gets the attributions, prompt by prompt.</summary>
    internal IEnumerable<LogitAttribution> All => Attributions.SelectMany(one => one);

    /// <summary>Gets whether the contributions fill an array.</summary>
    internal bool IsArray => AreAlike && Attributions.All(one => one.Length == Attributions[0].Length);

    bool AreAlike => Attributions[0][0].Options.Unit != AttributionUnit.HeadBySource;

    ImmutableArray<MeanContribution> Means() => AreAlike
        ?
        [
            .. Attributions[0][0].Terms.Select((row, place) => new MeanContribution(
                row.Term, MeanAndSpread.Of(All.Select(one => (double?)one.Terms[place].Value)))),
        ]
        : [];

    // As asked for where all prompts were asked alike, since the last position is another in each; else counted.
    ValueArray<string> Positions => prompts.All(prompt => prompt.Positions == prompts[0].Positions)
        ? [.. prompts[0].Positions.Select(position => position.ToString())]
        : ArrayAxis.Counted("position", prompts[0].Positions.Length).Labels;
}

/// <summary>A row over several prompts.</summary>
/// <param name="Term">The part of the residual stream.</param>
/// <param name="Value">Its contribution, in logits.</param>
public readonly record struct MeanContribution(ResidualTerm Term, MeanAndSpread Value);
