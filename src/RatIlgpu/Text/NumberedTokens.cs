namespace RatIlgpu.Text;

/// <summary>Stands for the tokenizer of a folder that has none: the text of a token is its number, such as
/// <c>#12</c>, and no text has tokens.</summary>
/// <param name="count">The number of tokens.</param>
/// <param name="missing">What the folder lacks.</param>
sealed class NumberedTokens(int count, FileNotFoundException missing) : Tokenizer
{
    /// <inheritdoc/>
    public override int Count => count;

    /// <inheritdoc/>
    public override int? EosTokenId => null;

    /// <inheritdoc/>
    public override bool EncodesTexts => false;

    /// <inheritdoc/>
    /// <exception cref="FileNotFoundException">Always: it takes a tokenizer to cut a text.</exception>
    public override TokenizedText Encode(string text) => throw new FileNotFoundException(
        $"{missing.Message} Without a tokenizer, prompts and tokens are given by their ids.",
        missing.FileName,
        missing);

    /// <inheritdoc/>
    protected override ReadOnlySpan<byte> Bytes(int id) => (uint)id < (uint)count
        ? Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"#{id}"))
        : [];
}
