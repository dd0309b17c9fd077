namespace RatIlgpu.Text;

/// <summary>Cuts words as GPT-2 does.</summary>
/// <remarks>Radford et al., Language Models are Unsupervised Multitask Learners, 2019.</remarks>
sealed class Gpt2Pretokenizer : Pretokenizer
{
    /// <inheritdoc/>
    public override int FirstWord(ReadOnlySpan<char> text)
    {
        var contraction = SmallContraction(text);
        if (contraction > 0)
            return contraction;

        //  ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+
        var start = text[0] == ' ' && text.Length > 1 ? 1 : 0;
        var kind = KindAt(text, start, out var length);
        if (kind != CharacterKind.Space)
        {
            var end = start + length;
            while (KindAt(text, end, out length) == kind)
                end += length;
            return end;
        }

        return OneSpaceLeft(Characters.EndOfRun(text, 0, CharacterKind.Space), text.Length);
    }

    static CharacterKind KindAt(ReadOnlySpan<char> text, int at, out int length)
    {
        var kind = Characters.KindAt(text, at, out length);
        return kind == CharacterKind.Mark ? CharacterKind.Other : kind;
    }
}
