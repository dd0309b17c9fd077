namespace RatIlgpu.Text;

/// <summary>What the main files of a tokenizer say.</summary>
/// <param name="Vocabulary">The tokens without the added ones.</param>
/// <param name="Merges">The pairs that merge.</param>
/// <param name="Added">The added tokens, if these files name any.</param>
/// <param name="Composes">Whether texts are brought to form C.</param>
sealed record TokenizerParts(
    VocabularyBuilder Vocabulary, MergeTable Merges, IReadOnlyList<AddedToken> Added, bool Composes);
