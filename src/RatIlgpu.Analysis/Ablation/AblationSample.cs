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
    /// taken of one value alone, what stands there: the condition changes nothing there. Equal tokens up to a position
    /// give the same value, however many samples have them.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="everywhere">Whether all positions are changed: then the places of the samples that have any such
    /// position.</param>
    public static ImmutableArray<int> AloneInMean(ImmutableArray<AblationSample> samples, bool everywhere = false)
    {
        var alone = samples.SelectMany(sample => Enumerable.Range(0, sample.Ids.Length).Select(
                position => sample with { Position = position }))
            .GroupBy(one => AblationSources.BucketOf(one.Position))
            .Where(bucket => bucket.All(one => one.Reads(bucket.First()))).Select(bucket => bucket.Key).ToHashSet();
        return
        [
            .. from sample in samples.Index()
               let positions = everywhere ? Enumerable.Range(0, sample.Item.Ids.Length) : [sample.Item.Position]
               where positions.Any(position => alone.Contains(AblationSources.BucketOf(position)))
               select sample.Index,
        ];
    }

    // Whether all that the position reads is what that of another sample does.
    bool Reads(AblationSample other) => Position == other.Position
        && Ids.AsSpan()[..(Position + 1)].SequenceEqual(other.Ids.AsSpan()[..(Position + 1)]);

    static AblationSample At(ValueArray<int> ids, int number, int least, int seed)
    {
        var count = int.Min(ids.Length, MostPosition) - least;
        var drawn = new SeededRandom(seed, "ablated position", number / 2).Below(int.Max(1, count));
        return new(ids, number % 2 == 0 || count < 1 ? least + drawn : least + count - 1 - drawn);
    }
}
