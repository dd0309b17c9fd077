using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>The explanations of a page: prompt by prompt, link by link, and of each link one or several
/// readings.</summary>
sealed class ExplanationViews
{
    // In characters, of a prompt in the list of prompts.
    const int LongestLabel = 60;

    // The largest difference of a score between two runs of one prompt, as a share of the score: what a run records
    // decides in which order it sums.
    const double RunsApart = 1e-4;

    readonly Func<int, TokenText> texts;

    /// <summary>Sorts explanations by their links.</summary>
    /// <param name="prompts">The explanations of each prompt.</param>
    /// <param name="texts">Returns the text of a token.</param>
    /// <exception cref="ArgumentException">There is no explanation, or a prompt without one; explanations of one prompt
    /// have other tokens; a link has a reading twice, or readings of different runs; or a number is not
    /// finite.</exception>
    public ExplanationViews(IReadOnlyList<ImmutableArray<ScoreAttribution>> prompts, Func<int, TokenText> texts)
    {
        this.texts = texts;
        if (prompts.Count == 0 || prompts.Any(all => all.IsDefaultOrEmpty))
            throw new ArgumentException("There is no explanation to show: each prompt needs at least one.");
        Prompts = [.. prompts.Select((all, index) => PromptOf(all, index))];
        var links = ImmutableArray.CreateBuilder<ExplainedLink>();
        foreach (var (prompt, all) in Prompts.Zip(prompts))
            foreach (var link in all.GroupBy(found => (found.Head, found.Query, found.Key, found.Options.SplitHeads)))
                links.Add(LinkOf(prompt, [.. link], links.Count));
        Links = links.ToImmutable();
        Views = [.. Links.SelectMany(link => link.Readings)];
        Readings = [.. Views.Select(view => view.Options.Reading).Distinct()];
    }

    /// <summary>Gets the prompts.</summary>
    public ImmutableArray<ExplainedPrompt> Prompts { get; }

    /// <summary>Gets the links, prompt by prompt, in the given order.</summary>
    public ImmutableArray<ExplainedLink> Links { get; }

    /// <summary>Gets the explanations, link by link.</summary>
    public ImmutableArray<ScoreAttribution> Views { get; }

    /// <summary>Gets the readings that a link has, that of the first explanation in front.</summary>
    public ImmutableArray<ScoreReading> Readings { get; }

    /// <summary>Gets the explanation that the page opens at.</summary>
    public ScoreAttribution Opening => Views[0];

    /// <summary>Returns the text of a token.</summary>
    public TokenText TextOf(int id) => texts(id);

    /// <summary>Returns the tokens of a prompt.</summary>
    public IEnumerable<TokenText> TokensOf(ScoreAttribution view) => view.TokenIds.Select(texts);

    ExplainedPrompt PromptOf(ImmutableArray<ScoreAttribution> all, int index)
    {
        foreach (var found in all)
        {
            if (found.TokenIds != all[0].TokenIds || found.AttentionMask != all[0].AttentionMask)
                throw new ArgumentException(
                    $"Prompt {index + 1} has explanations of two prompts: give those of each prompt by themselves.");
            if (!double.IsFinite(found.Score) || !found.Pairs.All(double.IsFinite)
                || !found.AttentionWithout.All(double.IsFinite))
                throw new ArgumentException(
                    $"A number of {found.Head} is not finite, which has no colour: the weights or the recording are "
                    + "damaged.");
        }

        return new(
            index + 1, TokenGlyphs.Line(string.Concat(TokensOf(all[0]).Select(token => token.Text)), LongestLabel),
            all[0]);
    }

    static ExplainedLink LinkOf(ExplainedPrompt prompt, ImmutableArray<ScoreAttribution> readings, int index)
    {
        var first = readings[0];
        foreach (var (place, found) in readings.Index())
        {
            if (readings.Take(place).Any(other => other.Options.Reading == found.Options.Reading))
                throw new ArgumentException(
                    $"{found.Head} from {found.Query} to {found.Key} was given twice with the reading "
                    + $"{found.Options.Reading}, expected each reading once.");
            if (Math.Abs(found.Score - first.Score) > RunsApart * (1 + Math.Abs(first.Score)))
                throw new ArgumentException(
                    $"The readings {first.Options.Reading} and {found.Options.Reading} of {found.Head} from "
                    + $"{found.Query} to {found.Key} are of different runs, whose scores differ.");
        }

        return new(prompt, index, readings);
    }
}

/// <summary>A prompt of a page of explanations.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Label">Its text, shortened.</param>
/// <param name="First">Its first explanation, which has its tokens.</param>
sealed record ExplainedPrompt(int Number, string Label, ScoreAttribution First)
{
    /// <summary>Gets the lines that describe the interventions in its run, and its mask.</summary>
    public (ValueArray<string> Interventions, IEnumerable<int>? Mask) Run =>
        (First.Interventions, First.AttentionMask);
}

/// <summary>A head, a query and a key of a prompt.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Index">Its number among the links of the page, from 0.</param>
/// <param name="Readings">Its explanations, one for each reading.</param>
sealed record ExplainedLink(ExplainedPrompt Prompt, int Index, ImmutableArray<ScoreAttribution> Readings)
{
    /// <summary>Gets the first explanation.</summary>
    public ScoreAttribution First => Readings[0];

    /// <summary>Gets the name in the address of the page, such as <c>1.L3H3.13.1</c>.</summary>
    public string Name => string.Create(
        CultureInfo.InvariantCulture,
        $"{Prompt.Number}.{First.Head}.{First.Query}.{First.Key}{(First.Options.SplitHeads ? ".split" : "")}");

    /// <summary>Gets what was measured with parts taken out; null if nothing was.</summary>
    public ScoreVerification? Verification =>
        Readings.Select(found => found.Verification).FirstOrDefault(measured => measured is not null);

    /// <summary>Gets the state of a page of attention that shows the head at the query.</summary>
    public string AttentionAddress =>
        FormattableString.Invariant($"#h={First.Head.Layer}.{First.Head.Head}&k={First.Query}")
        + (Prompt.Number > 1 ? FormattableString.Invariant($"&s={Prompt.Number - 1}") : "");
}
