namespace RatIlgpu.Analysis;

/// <summary>A family of ordered elements as tokens, with the words of its controls.</summary>
/// <param name="Family">The family.</param>
/// <param name="Ids">The token of each element; null for one that is several tokens.</param>
/// <param name="Lead">The tokens before the first element.</param>
/// <param name="Comma">The token between elements.</param>
/// <param name="Controls">The tokens of words that are no elements, in the layout of the family.</param>
sealed record FamilyTokens(
    OrderedFamily Family,
    ImmutableArray<int?> Ids,
    ImmutableArray<int> Lead,
    int Comma,
    ImmutableArray<int> Controls)
{
    /// <summary>The fewest elements of a run.</summary>
    public const int LeastRun = 3;

    /// <summary>The most elements of a run.</summary>
    public const int MostRun = 12;

    // A word that is no element: the first position of a prompt takes the attention that goes nowhere.
    const string Opening = "List:";

    /// <summary>Gets the text between two elements.</summary>
    public string Separator => SeparatorOf(Family);

    /// <summary>Gets the most elements that a run can have.</summary>
    public int Longest { get; } = int.Min(LongestRun(Family, Ids), int.Min(MostRun, Controls.Length));

    /// <summary>Returns the families that a tokenizer can express, and a warning for each other and for each of which
    /// elements are missing.</summary>
    public static (ImmutableArray<FamilyTokens> Families, ImmutableArray<string> Warnings) Of(
        Tokenizer tokenizer, int vocabularySize)
    {
        if (!tokenizer.EncodesTexts)
            return ([], ["The model has no tokenizer; there are no successor prompts."]);
        var words = new WordTokens(tokenizer, vocabularySize);
        var families = ImmutableArray.CreateBuilder<FamilyTokens>();
        var warnings = ImmutableArray.CreateBuilder<string>();
        foreach (var family in WordLists.Families)
            if (Of(family, words, warnings) is { } kept)
                families.Add(kept);
        if (families.Count == 0)
            warnings.Add("No family of ordered elements is left; there are no successor prompts.");
        return (families.ToImmutable(), warnings.ToImmutable());
    }

    /// <summary>Returns the places from which a run of a length can start: the run goes on past the last element where
    /// the family is cyclic.</summary>
    public ImmutableArray<int> Starts(int length) =>
        [.. Enumerable.Range(0, Ids.Length).Where(start => Follows(Family, Ids, start) >= length)];

    /// <summary>Returns the tokens of a prompt.</summary>
    /// <param name="start">The tokens that the tokenizer puts before every prompt.</param>
    /// <param name="elements">The tokens of its elements.</param>
    public ImmutableArray<int> Prompt(ImmutableArray<int> start, IEnumerable<int> elements) =>
        [.. start, .. Lead, .. Joined(elements, Comma)];

    static FamilyTokens? Of(OrderedFamily family, WordTokens words, ImmutableArray<string>.Builder warnings)
    {
        ImmutableArray<int?> ids = [.. family.Elements.Select(element => words.Of(element, family.IsCompact))];
        var (known, count) = (ids.Count(id => id is not null), ids.Length);
        if (known < count)
            Warn($"{known} of {count} elements are single tokens");
        if (LongestRun(family, ids) < LeastRun)
            return known < count ? null : Dropped($"it has {count} elements, expected at least {LeastRun}");
        if (LayoutOf(family, ids, words) is not var (lead, comma))
            return Dropped($"a list of its elements is not one token for each element and comma");
        var own = ids.ToHashSet();
        var kept = new FamilyTokens(family, ids, lead, comma,
        [
            .. words.Of(WordLists.Neutral, family.IsCompact).Select(word => word.Id).Where(id => !own.Contains(id)),
        ]);
        return kept.Longest >= LeastRun ? kept : Dropped(
            $"{kept.Controls.Length} words for its controls are single tokens, expected at least {LeastRun}");

        FamilyTokens? Dropped(FormattableString why)
        {
            warnings.Add(FamilyWarnings.LeftOut(family.Name, FormattableString.Invariant(why)));
            return null;
        }

        void Warn(FormattableString found)
        {
            var why = FormattableString.Invariant(found);
            warnings.Add(LongestRun(family, ids) < LeastRun
                ? FamilyWarnings.LeftOut(family.Name, why)
                : FamilyWarnings.InPart(family.Name, why));
        }
    }

    // What the tokenizer puts before the first element of a list, and between two; null where it joins an element with
    // what is beside it.
    static (ImmutableArray<int> Lead, int Comma)? LayoutOf(
        OrderedFamily family, ImmutableArray<int?> ids, WordTokens words)
    {
        var known = ids.Index().Where(id => id.Item is not null).ToList();
        var list = string.Join(SeparatorOf(family), known.Select(id => family.Elements[id.Index]));
        var encoded = words.Encode(Opening + (family.IsCompact ? "" : " ") + list);
        var lead = encoded.Length - (2 * known.Count - 1);
        if (lead <= 0)
            return null;
        var comma = encoded[lead + 1];
        var expected = Joined(known.Select(id => id.Item!.Value), comma);
        return encoded.AsSpan()[lead..].SequenceEqual(expected) ? (encoded[..lead], comma) : null;
    }

    static string SeparatorOf(OrderedFamily family) => family.IsCompact ? "," : ", ";

    static int[] Joined(IEnumerable<int> elements, int comma) =>
        [.. elements.SelectMany(id => (int[])[comma, id]).Skip(1)];

    static int LongestRun(OrderedFamily family, ImmutableArray<int?> ids) =>
        Enumerable.Range(0, ids.Length).Max(start => Follows(family, ids, start));

    // How many elements there are from a place on without a gap.
    static int Follows(OrderedFamily family, ImmutableArray<int?> ids, int start)
    {
        var most = family.IsCyclic ? ids.Length : ids.Length - start;
        var count = 0;
        while (count < most && ids[(start + count) % ids.Length] is not null)
            count++;
        return count;
    }
}
