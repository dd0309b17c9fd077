using System.Buffers;
using System.IO.Compression;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Makes a page of attention from heads that are added one after the other. It holds only compressed
/// heads.</summary>
public sealed class AttentionPageBuilder
{
    // In rows. The rows of a block stay in the cache.
    const int RowsAtOnce = 64;

    readonly AttentionPageOptions options;
    readonly List<PromptPart> prompts = [];

    /// <summary>Starts a page.</summary>
    /// <param name="options">The title and the views. Default: those of a new <see cref="AttentionPageOptions"/>.
    /// </param>
    public AttentionPageBuilder(AttentionPageOptions? options = null) => this.options = options ?? new();

    /// <summary>Starts a prompt; the heads that are added next are its heads.</summary>
    /// <param name="tokens">The tokens, at least one.</param>
    /// <param name="mask">1 for a token, 0 for padding, <c>[tokens]</c>; null if there is no padding.</param>
    /// <param name="label">The name of the prompt; null for that of <see cref="AttentionPageOptions.Label"/>.</param>
    /// <exception cref="ArgumentException">There is no token, or the mask has another length.</exception>
    public void BeginPrompt(IReadOnlyList<TokenText> tokens, IReadOnlyList<int>? mask = null, string? label = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        BeginPrompt(tokens, mask, label, isCausal: true);
    }

    /// <summary>Renders the page. The same heads give the same page, byte for byte.</summary>
    /// <exception cref="ArgumentException">There is no prompt, or a prompt does not have the heads of the first.
    /// </exception>
    public HtmlPage ToPage()
    {
        var plan = Plan();
        var title = options.Title ?? "Attention";
        return new Page
        {
            Kind = "attention",
            Title = title,
            Theme = options.Theme,
            Colours = Palette.HeatCss,
            Styles = AttentionMarkup.Styles,
            Scripts = AttentionMarkup.Scripts,
            Data =
            [
                DataBlock.Json("data", plan.WriteJson),
                .. prompts.SelectMany((prompt, p) => prompt.Packed.Select((packed, h) => new DataBlock(
                    $"head-{p}-{h}", "application/octet-stream", Convert.ToBase64String(packed)))),
            ],
            Body = new AttentionMarkup(plan, options, title).Write,
        }.ToHtml();
    }

    internal void BeginPrompt(
        IReadOnlyList<TokenText> tokens, IReadOnlyList<int>? mask, string? label, bool isCausal)
    {
        if (tokens.Count == 0)
            throw new ArgumentException("A prompt has no tokens; attention needs at least one.");
        if (mask is not null && mask.Count != tokens.Count)
            throw new ArgumentException(
                $"The mask of a prompt has {mask.Count} numbers for {tokens.Count} tokens; it needs one for each.");
        label ??= options.Label?.Invoke(prompts.Count, tokens) ?? string.Concat(tokens.Select(token => token.Text));
        prompts.Add(new(label, [.. tokens], mask is null ? null : [.. mask], new(tokens.Count, isCausal)));
    }

    internal void Add(HeadSource head)
    {
        var prompt = prompts[^1];
        prompt.Heads.Add(new(
            head.Head is var (layer, number)
                ? options.Notation == HeadNotation.Dot ? $"{layer}.{number}" : $"L{layer}H{number}"
                : head.Name,
            head.Head));
        var bytes = new ArrayBufferWriter<byte>();
        Read(head, prompt.Shape).Write(bytes);
        foreach (var factors in new[] { head.ValueFactors, head.InfoFactors })
            if (factors is { } known)
                BytePlanes.Write(bytes, [.. known.Select(PatternCode.Of)]);
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Optimal))
            gzip.Write(bytes.WrittenSpan);
        prompt.Packed.Add(stream.ToArray());
        if (prompts.Count == 1 && prompt.Heads.Count == 1)
            weights = [.. Names(head)];
    }

    ImmutableArray<string> weights = ["standard"];

    static IEnumerable<string> Names(HeadSource head)
    {
        yield return "standard";
        if (head.ValueFactors is not null)
            yield return "value";
        if (head.InfoFactors is not null)
            yield return "info";
    }

    static ExactPattern Read(HeadSource head, PatternShape shape)
    {
        var codes = new ushort[shape.CellCount];
        var rows = new float[Math.Min(RowsAtOnce, shape.Tokens) * shape.Tokens];
        for (var first = 0; first < shape.Tokens; first += RowsAtOnce)
        {
            var count = Math.Min(RowsAtOnce, shape.Tokens - first);
            head.CopyRows(first, rows.AsSpan(0, count * shape.Tokens));
            for (var row = 0; row < count; row++)
                for (var key = 0; key < shape.LengthOf(first + row); key++)
                    codes[shape.StartOf(first + row) + key] = PatternCode.Of(rows[(row * shape.Tokens) + key]);
        }

        return new(shape, codes);
    }

    AttentionPlan Plan()
    {
        if (prompts.Count == 0)
            throw new ArgumentException("There is no prompt to show: at least one is needed.");
        return new()
        {
            Heads = [.. prompts[0].Heads],
            Prompts =
            [
                .. prompts.Select(prompt => new PlannedPrompt(prompt.Label, prompt.Tokens, prompt.Mask, prompt.Shape)
                {
                    Tier = PatternTier.Exact,
                    Bound = 0.5 / PatternCode.One,
                }),
            ],
            Weights = weights,
            Reductions = [],
            Options = options,
        };
    }

    sealed record PromptPart(
        string Label, ImmutableArray<TokenText> Tokens, ImmutableArray<int>? Mask, PatternShape Shape)
    {
        public List<PlannedHead> Heads { get; } = [];

        public List<byte[]> Packed { get; } = [];
    }
}
