namespace RatIlgpu.Analysis;

/// <summary>The warnings about families of ordered words that a tokenizer cannot express. Parts of an atlas keep them
/// as sentences, so they are known by their ends.</summary>
static class FamilyWarnings
{
    const string Dropped = "; the family is left out.", Shortened = "; the others are left out.";

    /// <summary>Returns the warning that a family is left out.</summary>
    public static string LeftOut(string family, string why) => $"{family}: {why}{Dropped}";

    /// <summary>Returns the warning that elements of a family are left out.</summary>
    public static string InPart(string family, string why) => $"{family}: {why}{Shortened}";

    /// <summary>Returns warnings with those about several families as one, the last.</summary>
    public static ImmutableArray<string> Shorten(ImmutableArray<string> warnings)
    {
        var dropped = FamiliesOf(warnings, Dropped);
        var shortened = FamiliesOf(warnings, Shortened).Except(dropped);
        if (dropped.Count + shortened.Count < 2)
            return warnings;
        return
        [
            .. warnings.Where(one => !IsOf(one, Dropped) && !IsOf(one, Shortened)),
            FormattableString.Invariant(
                $"Of the families of ordered words, {dropped.Count} are left out and {shortened.Count} lack elements: ")
                + "the tokenizer does not have them as single tokens.",
        ];
    }

    static ImmutableHashSet<string> FamiliesOf(ImmutableArray<string> warnings, string end) =>
        [.. warnings.Where(one => IsOf(one, end)).Select(one => one[..one.IndexOf(':', StringComparison.Ordinal)])];

    static bool IsOf(string warning, string end) =>
        warning.EndsWith(end, StringComparison.Ordinal) && warning.Contains(':', StringComparison.Ordinal);
}
