namespace RatIlgpu.Analysis;

/// <summary>A sequence, and the position at which something is taken away.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Position">The position, from 0.</param>
public sealed record AblationSample(ValueArray<int> Ids, int Position)
{
    // Of longer sequences, the position is one of the first: as many later ones show what follows.
    const int MostPosition = 128;

    /// <summary>Draws samples from texts, one of each text that is long enough.</summary>
    /// <param name="texts">Cuts the texts.</param>
    /// <param name="corpus">The texts.</param>
    /// <param name="count">The most samples.</param>
    /// <param name="least">The least position, at least 0.</param>
    /// <param name="seed">The seed of the positions. Every second sample mirrors the position of the one before, so
    /// that few samples have early and late positions alike.</param>
    /// <exception cref="ArgumentException">No text has a later token than the least position.</exception>
    public static ImmutableArray<AblationSample> Draw(
        TextSequences texts, TextCorpus corpus, int count, int least = 0, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(least);
        ImmutableArray<AblationSample> samples =
        [
            .. texts.Read(corpus)
                .Where(sequence => sequence.Part == 0 && sequence.Ids.Length > least)
                .Take(count)
                .Select((sequence, number) => At(sequence.Ids, number, least, seed)),
        ];
        return !samples.IsEmpty
            ? samples
            : throw new ArgumentException(
                FormattableString.Invariant($"No text has {int.Max(texts.Least, least + 1)} tokens, which ")
                + (least < texts.Least
                    ? "a sample needs: give longer texts."
                    : FormattableString.Invariant($"a position of at least {least} needs: give longer texts.")));
    }

    /// <summary>Returns the places of the samples of which a mean (<see cref="AblationKind.Mean"/>) at the position is
    /// taken of one value alone, what stands there: the condition changes nothing there.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="everywhere">Whether all positions are changed: then the places of the samples that have any such
    /// position.</param>
    public static ImmutableArray<int> AloneInMean(ImmutableArray<AblationSample> samples, bool everywhere = false)
    {
        var counts = samples.SelectMany(sample => Enumerable.Range(0, sample.Ids.Length)).CountBy(
            AblationSources.BucketOf).ToDictionary();
        return
        [
            .. from sample in samples.Index()
               let positions = everywhere ? Enumerable.Range(0, sample.Item.Ids.Length) : [sample.Item.Position]
               where positions.Any(position => counts[AblationSources.BucketOf(position)] == 1)
               select sample.Index,
        ];
    }

    static AblationSample At(ValueArray<int> ids, int number, int least, int seed)
    {
        var count = int.Min(ids.Length, MostPosition) - least;
        var drawn = new SeededRandom(seed, "ablated position", number / 2).Below(int.Max(1, count));
        return new(ids, number % 2 == 0 || count < 1 ? least + drawn : least + count - 1 - drawn);
    }
}
