using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>The attributions of a page: the same logits in one or several units, prompt by prompt and position by
/// position.</summary>
sealed class AttributionViews
{
    // In characters, of a prompt in the list of prompts.
    const int LongestLabel = 60;

    // The largest difference of a logit between two runs of one prompt, as a share of the logit: a run that records
    // patterns sums in another order. Logits of other prompts or targets differ by more.
    const double RunsApart = 1e-4;

    readonly Func<int, TokenText> texts;

    /// <summary>Checks that the units are of the same logits, and makes their rows.</summary>
    /// <param name="units">The attributions, <c>[unit][prompt][position]</c>.</param>
    /// <param name="texts">Returns the text of a token.</param>
    /// <param name="shows">Tells which rows are shown.</param>
    /// <exception cref="ArgumentException">There is no attribution, a unit is there twice, or two units are of
    /// different logits.</exception>
    public AttributionViews(
        ImmutableArray<ImmutableArray<ImmutableArray<LogitAttribution>>> units,
        Func<int, TokenText> texts,
        Func<ResidualTerm, bool> shows)
    {
        this.texts = texts;
        if (units.IsEmpty || units[0].IsEmpty)
            throw new ArgumentException("There is no attribution to show: at least one is needed.");
        var prompts = ImmutableArray.CreateBuilder<AttributedPrompt>();
        foreach (var all in units[0])
            prompts.Add(PromptOf(all, prompts.Count, prompts.Sum(prompt => prompt.Views.Length)));
        Prompts = prompts.ToImmutable();
        Views = [.. Prompts.SelectMany(prompt => prompt.Views)];
        var kinds = new Dictionary<AttributionUnit, ImmutableArray<LogitAttribution>>();
        foreach (var unit in units)
        {
            ImmutableArray<LogitAttribution> flat = [.. unit.SelectMany(all => all)];
            Check(flat);
            if (!kinds.TryAdd(flat[0].Options.Unit, flat))
                throw new ArgumentException($"{flat[0].Options.Unit} was given twice, expected each unit once.");
        }

        var bySource = kinds.GetValueOrDefault(AttributionUnit.HeadBySource);
        Sources = bySource.IsDefault ? null : new(bySource, shows);
        Units = [.. UnitRows.Of(kinds, [.. units.Select(unit => unit[0][0].Options.Unit)], Views, shows)];
    }

    /// <summary>Gets the prompts.</summary>
    public ImmutableArray<AttributedPrompt> Prompts { get; }

    /// <summary>Gets the explained logits, prompt by prompt.</summary>
    public ImmutableArray<LogitAttribution> Views { get; }

    /// <summary>Gets the rows of each unit, the one that is shown first in front.</summary>
    public ImmutableArray<UnitRows> Units { get; }

    /// <summary>Gets what heads read from each token; null if no unit has it.</summary>
    public SourceMatrix? Sources { get; }

    /// <summary>Gets the index of the view that the page opens at: the last position of the first prompt.</summary>
    public int Opening => Prompts[0].Views.Length - 1;

    /// <summary>Gets whether there are several views.</summary>
    public bool HasSeveral => Views.Length > 1;

    /// <summary>Returns the text of a token.</summary>
    public TokenText TextOf(int id) => texts(id);

    /// <summary>Returns the tokens of a prompt.</summary>
    public IEnumerable<TokenText> TokensOf(LogitAttribution view) => view.TokenIds.Select(texts);

    AttributedPrompt PromptOf(ImmutableArray<LogitAttribution> views, int index, int first) => new(
        index + 1,
        first,
        TokenGlyphs.Line(string.Concat(TokensOf(views[0]).Select(token => token.Text)), LongestLabel),
        views);

    void Check(ImmutableArray<LogitAttribution> other)
    {
        var unit = other[0].Options.Unit;
        if (other.Any(one => !double.IsFinite(one.Measured) || one.Terms.Any(row => !double.IsFinite(row.Value))))
            throw new ArgumentException(
                $"A row of {unit} is not a finite number, which has no bar: the weights or the recording are damaged, "
                + "or a direction is too large.");
        if (other.Length != Views.Length)
            throw new ArgumentException(FormattableString.Invariant(
                $"{unit} has {other.Length} attributions, and {Views[0].Options.Unit} has {Views.Length}: ")
                + "a page needs the same prompts and positions in each unit.");
        foreach (var (place, (one, own)) in other.Zip(Views).Index())
            if (!one.TokenIds.SequenceEqual(own.TokenIds) || one.Position != own.Position || one.Target != own.Target
                || Math.Abs(one.Measured - own.Measured) > RunsApart * (1 + Math.Abs(own.Measured)))
                throw new ArgumentException(FormattableString.Invariant(
                    $"Attribution {place + 1} of {unit} is of another prompt, position, target or run than that of ")
                    + $"{Views[0].Options.Unit}: a page shows the same logits in each unit.");
    }
}

/// <summary>The explained positions of one prompt.</summary>
/// <param name="Number">The number of the prompt, from 1.</param>
/// <param name="First">The index of its first view among those of the page.</param>
/// <param name="Label">Its text, shortened.</param>
/// <param name="Views">Its views, in the given order of positions.</param>
sealed record AttributedPrompt(int Number, int First, string Label, ImmutableArray<LogitAttribution> Views)
{
    /// <summary>Gets the lines that describe the interventions in its run, and its mask.</summary>
    public (ValueArray<string> Interventions, IEnumerable<int>? Mask) Run =>
        (Views[0].Interventions, Views[0].AttentionMask);
}
