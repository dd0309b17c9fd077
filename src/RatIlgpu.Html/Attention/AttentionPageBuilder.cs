using RatIlgpu.Analysis;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Makes a page of attention from heads that are added one after the other. It holds them compressed, and
/// no pattern of more than 2,048 tokens is held whole.</summary>
public sealed class AttentionPageBuilder
{
    // In characters.
    const int LongestLabel = 80;

    readonly AttentionPageOptions options;
    readonly PatternBlocks blocks;
    readonly List<AttentionPrompt> prompts = [];
    bool isComplete;
    VectorBlocks? vectors;

    /// <summary>Starts a page.</summary>
    /// <param name="options">The title and the views. Default: those of a new <see cref="AttentionPageOptions"/>.
    /// </param>
    public AttentionPageBuilder(AttentionPageOptions? options = null)
    {
        this.options = options ?? new();
        blocks = new(this.options.MaxBytes);
    }

    /// <summary>Gets the order in which the page shows the heads, each once. Default: null, that in which they are
    /// added.</summary>
    public IReadOnlyList<HeadIndex>? HeadOrder { get; init; }

    /// <summary>Starts a prompt; the heads that are added next are its heads.</summary>
    /// <param name="tokens">The tokens, at least one.</param>
    /// <param name="mask">1 for a token, 0 for padding, <c>[tokens]</c>; null if there is no padding.</param>
    /// <param name="label">The name of the prompt; null for that of <see cref="AttentionPageOptions.Label"/>.</param>
    /// <exception cref="ArgumentException">There is no token, there are more than 65,536, the mask has another length
    /// no token or other numbers, or the mode is <see cref="AttentionMode.Lines"/> and this is a second
    /// prompt.</exception>
    /// <exception cref="InvalidOperationException">A page or a figure was made.</exception>
    public void BeginPrompt(IReadOnlyList<TokenText> tokens, IReadOnlyList<int>? mask = null, string? label = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        BeginPrompt(tokens, mask, label, isCausal: true);
    }

    /// <summary>Adds the next head of the prompt. Its rows are read before the method returns.</summary>
    /// <param name="head">The attention; every prompt has the same heads in the same order.</param>
    /// <exception cref="ArgumentException">The head has another number of tokens than the prompt, or is not the next
    /// head of the first prompt; the prompt has it already; a number or a factor is not in [0, 1]; heads have different
    /// weightings; or the mode is <see cref="AttentionMode.Lines"/> and the head has no queries and keys.</exception>
    /// <exception cref="InvalidOperationException">No prompt was started, or a page or a figure was made.</exception>
    public void Add(HeadAttention head)
    {
        ArgumentNullException.ThrowIfNull(head);
        var (layer, number) = head.Head;
        Add(head, new(
            options.Notation == HeadNotation.Dot
                ? string.Create(CultureInfo.InvariantCulture, $"{layer}.{number}")
                : head.Head.ToString(),
            head.Head));
    }

    /// <summary>Renders the page. The same heads give the same page, byte for byte.</summary>
    /// <exception cref="ArgumentException">There is no prompt; a prompt has no heads, or fewer than the first; or the
    /// page would be too large at the least detail.</exception>
    public HtmlPage ToPage()
    {
        var plan = CompletePlan();
        var title = TraceWords.TitleOf(options.Title, options.Origin, AttentionPage.Title);
        return new Page
        {
            Kind = "attention",
            Title = title,
            Theme = options.Theme,
            Colours = Palette.MatrixCss,
            Styles = vectors is null ? AttentionMarkup.Styles : AttentionMarkup.Styles.Add("attention-lines.css"),
            Scripts = vectors is null
                ? AttentionMarkup.Scripts
                // Before the one that starts the page.
                : AttentionMarkup.Scripts.Insert(AttentionMarkup.Scripts.Length - 1, "attention-lines.js"),
            Data = [DataBlock.Json("data", plan.WriteJson), .. blocks.ToData(), .. vectors?.ToData() ?? []],
            Body = new AttentionMarkup(plan, options, title).Write,
        }.ToHtml();
    }

    /// <summary>Draws heads over the first prompt as a static figure: one with axes, or several side by side; in the
    /// mode <see cref="AttentionMode.Lines"/> the links from each query to its keys.</summary>
    /// <param name="weighting">The weighting. Default: null, that of the options.</param>
    /// <exception cref="ArgumentException">There is no prompt or no head, or the heads do not have the factors of the
    /// weighting.</exception>
    public string ToSvg(AttentionWeights? weighting = null)
    {
        var (plan, weights) = (CompletePlan(), weighting ?? options.Weights);
        if (!plan.Weights.Contains(weights))
            throw new ArgumentException(
                $"The heads do not have the factors of the weighting {weights}, only "
                + $"{string.Join(", ", plan.Weights)}.");
        var title = TraceWords.TitleOf(options.Title, options.Origin, AttentionPage.Title);
        return options.Mode == AttentionMode.Lines
            ? new LinksFigure(plan, title, weights, RowsOf).ToSvg(options.Theme)
            : new AttentionFigure(plan, title, weights, RowsOf).ToSvg(options.Theme);

        IEnumerable<ushort[]> RowsOf(int head) => prompts[0].ShownRows(plan.Numbers[head], weights, blocks.Level);
    }

    internal void BeginPrompt(
        IReadOnlyList<TokenText> tokens, IReadOnlyList<int>? mask, string? label, bool isCausal)
    {
        NeedOpen();
        if (tokens.Count is 0 or > PatternTier.MostTokens)
            throw new ArgumentException(
                $"A prompt has {tokens.Count} tokens; a page of attention shows 1 to {PatternTier.MostTokens}.");
        if (tokens.Any(token => token?.Text is null))
            throw new ArgumentException("A token of a prompt is null; an empty one has an empty text.");
        if (mask is not null && (mask.Count != tokens.Count || !mask.Contains(1)))
            throw new ArgumentException(
                $"The mask of a prompt has {mask.Count} numbers, {mask.Count(one => one == 1)} of them 1, for "
                + $"{tokens.Count} tokens; it needs a number for each, and a token that is no padding.");
        if (mask?.FirstOrDefault(one => one is not (0 or 1)) is { } other and not 0)
            throw new ArgumentException(
                $"The mask of a prompt has the number {other}, expected 1 for a token and 0 for padding.");
        if (options.Mode == AttentionMode.Lines && prompts.Count > 0)
            throw new ArgumentException(
                "Lines show one prompt, but there are several; choose the mode small or large.");
        if (prompts.Count > 0)
            EndPrompt();
        label ??= options.Label?.Invoke(prompts.Count, tokens) ?? TextOf(tokens);
        prompts.Add(new(prompts.Count, label, [.. tokens], mask is null ? null : [.. mask], isCausal));
        if (options.Mode == AttentionMode.Lines)
            vectors = new(tokens.Count, mask is null ? null : [.. mask]);
    }

    internal void Add(HeadAttention head, PlannedHead planned)
    {
        NeedOpen();
        if (prompts is not [var first, ..])
            throw new InvalidOperationException("No prompt was started: call BeginPrompt before Add.");
        var prompt = prompts[^1];
        if (head.TokenCount != prompt.TokenCount)
            throw new ArgumentException(
                $"Head {planned.Name} has {head.TokenCount} tokens, and prompt {prompts.Count - 1} has "
                + $"{prompt.TokenCount}: give the tokens that the model read.");
        if (prompt.Heads.Contains(planned) && planned.Index is not null)
            throw new ArgumentException($"Head {planned.Name} is added twice; a page shows each head once.");
        if (prompt != first && first.Heads.ElementAtOrDefault(prompt.Heads.Count) != planned)
            throw new ArgumentException(
                $"Prompt {prompts.Count - 1} has {planned.Name} as its head {prompt.Heads.Count}, and prompt 0 has "
                + $"{first.Heads.ElementAtOrDefault(prompt.Heads.Count)?.Name ?? "none"}: every prompt of a page needs "
                + "the same heads in the same order.");
        vectors?.Add(head, planned.Name);
        blocks.Add(prompt.Add(head, planned, blocks.Level));
        if (head.Rollout is { } rollout)
            blocks.Add(prompt.AddRollout(head.Head.Layer, rollout, blocks.Level));
    }

    AttentionPlan CompletePlan()
    {
        EndPrompt();
        isComplete = true;
        var planned = Encoding.UTF8.GetByteCount(DataBlock.Json("data", Plan().WriteJson).Content);
        blocks.Complete(planned + (vectors?.Length ?? 0));
        // The patterns can have lost detail since the plan was measured.
        return Plan();
    }

    void NeedOpen()
    {
        if (isComplete)
            throw new InvalidOperationException("A page or a figure was made of this builder; start another one.");
    }

    static string TextOf(IReadOnlyList<TokenText> tokens) =>
        TokenGlyphs.Line(string.Concat(tokens.Take(LongestLabel).Select(token => token.Text)), LongestLabel);

    void EndPrompt()
    {
        if (prompts is not [.., var last])
            throw new ArgumentException("There is no prompt to show: at least one is needed.");
        if (last.Heads.Count == 0 || last.Heads.Count < prompts[0].Heads.Count)
            throw new ArgumentException(
                $"Prompt {prompts.Count - 1} has {last.Heads.Count} heads; it needs "
                + $"{(prompts.Count == 1 ? "at least one" : $"the {prompts[0].Heads.Count} of prompt 0")}.");
        if (!last.Weights.SequenceEqual(prompts[0].Weights))
            throw new ArgumentException(
                $"Prompt {prompts.Count - 1} has the weightings {string.Join(", ", last.Weights)}, and prompt 0 "
                + $"{string.Join(", ", prompts[0].Weights)}: all prompts of a page need the same.");
        var layers = last.Heads.Select(head => head.Index?.Layer).Distinct().Count();
        if (!last.RolloutLayers.SequenceEqual(prompts[0].RolloutLayers)
            || (last.RolloutLayers.Count > 0 && last.RolloutLayers.Count != layers))
            throw new ArgumentException(
                $"Prompt {prompts.Count - 1} has rollouts through {last.RolloutLayers.Count} of {layers} layers; "
                + "either one head of each layer of each prompt has one, or none.");
        foreach (var summary in last.Summaries(blocks.Level))
            blocks.Add(summary);
    }

    AttentionPlan Plan()
    {
        var order = Order();
        return new()
        {
            Heads = [.. order.Select(place => prompts[0].Heads[place])],
            Numbers = order,
            Prompts = [.. prompts.Select(prompt => prompt.ToPlan(blocks.Level, order))],
            Weights = prompts[0].Weights,
            HasMean = prompts.All(prompt => prompt.TokenCount <= PatternTier.MostTokensHeld),
            HasRollout = prompts[0].RolloutLayers.Count > 0,
            Vectors = vectors?.ToPlan(order),
            Options = options,
        };
    }

    ImmutableArray<int> Order()
    {
        var heads = prompts[0].Heads;
        if (HeadOrder is not { } asked)
            return [.. Enumerable.Range(0, heads.Count)];
        ImmutableArray<int> order = [.. asked.Select(head => heads.FindIndex(added => added.Index == head))];
        return order.Length == heads.Count && order.Distinct().Count() == order.Length && !order.Contains(-1)
            ? order
            : throw new ArgumentException(
                $"The order has the heads {string.Join(", ", asked)}, but {string.Join(", ", heads.Select(
                    head => head.Name))} were added; it needs each of these once.");
    }
}
