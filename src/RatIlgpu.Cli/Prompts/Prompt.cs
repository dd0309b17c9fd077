using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Prompts;

/// <summary>A prompt as it was given: text or token ids, with what belongs to it alone.</summary>
/// <param name="Text">The text; null where token ids are given.</param>
/// <param name="Where">Where the prompt stands, for errors, such as <c>prompts.txt:3</c>.</param>
sealed record Prompt(string? Text, string Where)
{
    /// <summary>Gets the token ids; empty where a text is given.</summary>
    public ImmutableArray<int> Ids { get; init; } = [];

    /// <summary>Gets the system message of this prompt; null for that of the command line.</summary>
    public string? System { get; init; }

    /// <summary>Gets whether the text is a rendered chat: its template wrote the special tokens that belong around it,
    /// and the tokenizer adds none.</summary>
    public bool IsChat { get; init; }

    /// <summary>Gets the answer of this prompt; null for that of the command line.</summary>
    public string? Answer { get; init; }

    /// <summary>Gets the foil of this prompt; null for that of the command line.</summary>
    public string? Foil { get; init; }

    /// <summary>Gets the corrupted prompt.</summary>
    public Prompt? Corrupted { get; init; }

    /// <summary>Gets the positions of this prompt; null for those of the command line.</summary>
    public Selection? Position { get; init; }

    /// <summary>Gets how an error names the place of <see cref="Position"/>: the key in a file of prompts, or the
    /// metadata of a recording.</summary>
    public string PositionKey => Recording is null ? "position" : "metadata 'asked_positions'";

    /// <summary>Gets the attention mask; null for no padding.</summary>
    public ImmutableArray<int>? AttentionMask { get; init; }

    /// <summary>Gets the recorded run of the prompt; null where the prompt is to be run.</summary>
    public Recording? Recording { get; init; }

    /// <summary>Returns the tokens of the prompt.</summary>
    /// <exception cref="ArgumentException">The prompt is empty, or the model does not have a token.</exception>
    public ImmutableArray<int> Encode(Tokenizer tokenizer, int vocabularySize)
    {
        var ids = Cut(tokenizer);
        if (ids.IsEmpty)
            throw new ArgumentException($"{Where}: the prompt is empty, expected at least one token.");
        foreach (var id in ids)
            if (id >= vocabularySize)
                throw new ArgumentException(
                    $"{Where}: there is no token {id}{Named(id)}; the model's vocabulary has the tokens 0 to "
                    + $"{vocabularySize - 1}.");
        if (AttentionMask is { } mask && mask.Length != ids.Length)
            throw new ArgumentException(
                $"{Where}: the attention mask is for {mask.Length} token{(mask.Length == 1 ? "" : "s")}, but the "
                + $"prompt has {ids.Length}.");
        return ids;

        string Named(int id) => tokenizer.Has(id) ? $", {TokenLabel.Of(tokenizer.Token(id))} to the tokenizer" : "";
    }

    /// <summary>Returns the tokens of the prompt, which may be none.</summary>
    public ImmutableArray<int> Cut(Tokenizer tokenizer) =>
        Text is not { } text ? Ids : IsChat ? tokenizer.Encode(text).Ids : tokenizer.EncodePrompt(text).Ids;
}
