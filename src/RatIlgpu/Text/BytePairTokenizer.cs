namespace RatIlgpu.Text;

/// <summary>Tokenises by byte pairs: cuts out the added tokens, normalises what lies between them, cuts out the added
/// tokens that are sought in the normalised text, and encodes the rest. The vocabulary includes the added
/// tokens.</summary>
/// <param name="vocabulary">The bytes of each token.</param>
/// <param name="cutting">How texts become tokens.</param>
/// <param name="template">The tokens around a prompt.</param>
/// <param name="eosTokenId">The token that ends a text; null for none.</param>
sealed class BytePairTokenizer(
    Vocabulary vocabulary,
    Cutting cutting,
    PromptTemplate template,
    int? eosTokenId) : Tokenizer
{
    /// <inheritdoc/>
    public override int Count => vocabulary.Count;

    /// <inheritdoc/>
    public override int? EosTokenId => eosTokenId;

    /// <inheritdoc/>
    public override ImmutableArray<int> PromptStart => template.Start;

    /// <inheritdoc/>
    public override ImmutableArray<int> PromptEnd => template.End;

    /// <inheritdoc/>
    public override bool IsAdded(int id) => cutting.Raw.Has(id) || cutting.Normalized.Has(id);

    /// <inheritdoc/>
    public override TokenizedText Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var source = NormalizedText.WellFormed(text);
        var tokens = new TokenList(vocabulary);
        foreach (var (start, end, added) in cutting.Raw.Cut(source))
            if (added is { } id)
                tokens.Add(id, new TextRange(start, end - start));
            else
                EncodePart(source[start..end], start, tokens);
        return tokens.ToText(text);
    }

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> Bytes(int id) => vocabulary[id];

    void EncodePart(string source, int offset, TokenList tokens)
    {
        var part = cutting.Normalization.Of(source);
        foreach (var (start, end, added) in cutting.Normalized.Cut(part.Text))
            if (added is { } id)
                tokens.Add(id, part.Source(start, end, offset));
            else
                EncodeStretch(part, start, end, offset, tokens);
    }

    void EncodeStretch(NormalizedText part, int start, int end, int offset, TokenList tokens)
    {
        var stretch = part.Text[start..end];
        if (cutting.Spaces is not { } spaces)
        {
            tokens.AddRun(Run(stretch), stretch, part, start, offset, lead: 0);
            return;
        }

        // The bytes of tokens have spaces.
        stretch = stretch.Replace(Normalization.SpaceMark, ' ');
        var leads = stretch[0] != ' '
            && (spaces == LeadingSpace.Always || (spaces == LeadingSpace.First && offset + start == 0));
        tokens.AddRun(Run(leads ? " " + stretch : stretch), stretch, part, start, offset, lead: leads ? 1 : 0);
    }

    List<int> Run(string stretch)
    {
        var ids = new List<int>();
        cutting.Encoder.Encode(stretch, ids);
        return ids;
    }
}

/// <summary>How a tokenizer makes tokens of a text.</summary>
/// <param name="Raw">The added tokens that are sought in a text as it stands.</param>
/// <param name="Normalization">What is done to the text between them.</param>
/// <param name="Normalized">The added tokens that are sought in the normalised text.</param>
/// <param name="Encoder">Encodes what lies between added tokens.</param>
/// <param name="Spaces">Where spaces are spelled by <see cref="Normalization.SpaceMark"/>, which stretches get one more
/// before them; null where spaces are bytes like others.</param>
sealed record Cutting(
    AddedTokens Raw,
    Normalization Normalization,
    AddedTokens Normalized,
    StretchEncoder Encoder,
    LeadingSpace? Spaces);

/// <summary>Which stretches between added tokens get a space before them, unless they start with one.</summary>
enum LeadingSpace
{
    /// <summary>None.</summary>
    Never,

    /// <summary>The one at the start of the text.</summary>
    First,

    /// <summary>All.</summary>
    Always,
}
