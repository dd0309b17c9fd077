using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>What a query component looks for and avoids, and what values come with it.</summary>
/// <param name="Component">The query component.</param>
/// <param name="LooksFor">The key components with the largest positive scores, the largest first.</param>
/// <param name="Avoids">The key components with the largest negative scores, the largest first.</param>
public sealed record ComponentStory(
    int Component, ValueArray<StoryKey> LooksFor, ValueArray<StoryKey> Avoids)
{
    // The distances at which scores are looked at, where there are some of them.
    static readonly ImmutableArray<int> Offsets = [0, 1, 2, 4, 8];

    const int Keys = 5, DetailedKeys = 3, Values = 3;

    /// <summary>Tells of query components.</summary>
    /// <param name="scores">The scores of <see cref="ComponentScores.OverOffsets"/>, which are summed over the
    /// heads.</param>
    /// <param name="activity">The co-activation of key and value components; over all key/value heads.</param>
    /// <param name="most">The most query components.</param>
    public static ValueArray<ComponentStory> Of(LabelledArray scores, ComponentActivity activity, int most = 10)
    {
        int[] all = [.. Enumerable.Range(0, scores.Axes[0].Labels.Length)];
        int[] usual = [.. all.Where(place => Offsets.Contains(Number(scores.Axes[0].Labels[place])))];
        var places = usual.Length > 0 ? usual : all;
        return
        [
            // The last term is the bias.
            .. Enumerable.Range(0, int.Min(most, scores.Axes[2].Labels.Length - 1)).Select(query =>
                Tell(scores, activity, places, query)),
        ];
    }

    static ComponentStory Tell(LabelledArray scores, ComponentActivity activity, int[] places, int query)
    {
        var keys = Enumerable.Range(0, scores.Axes[3].Labels.Length - 1).Select(key =>
        {
            ValueArray<double> sums = [.. places.Select(place => SumOf(scores, place, query, key))];
            var peak = TensorPrimitives.IndexOfMaxMagnitude<double>(sums.AsSpan());
            return new StoryKey(
                Number(scores.Axes[3].Labels[key]), sums[peak], Number(scores.Axes[0].Labels[places[peak]]),
                [.. places.Select(place => Number(scores.Axes[0].Labels[place]))], sums, []);
        }).OrderByDescending(key => Math.Abs(key.Peak)).ToList();
        return new(
            Number(scores.Axes[2].Labels[query]), Chosen(keys.Where(key => key.Peak > 0)),
            Chosen(keys.Where(key => key.Peak < 0)));

        ValueArray<StoryKey> Chosen(IEnumerable<StoryKey> some) =>
        [
            .. some.Take(Keys).Select((key, place) => place < DetailedKeys
                ? key with { Values = ValuesOf(activity, key.Component) }
                : key),
        ];
    }

    static ValueArray<StoryValue> ValuesOf(ComponentActivity activity, int key)
    {
        var keys = activity.Matrices[(int)AttentionProjection.Key].Components;
        var values = activity.Matrices[(int)AttentionProjection.Value].Components;
        var place = keys.Items.IndexOf(key);
        return place < 0
            ? []
            :
            [
                .. values.Select((value, row) => new StoryValue(
                        value, activity.Groups.Sum(pairs => pairs[(row * keys.Length) + place].Both)))
                    .Where(value => value.Both > 0).OrderByDescending(value => value.Both).Take(Values),
            ];
    }

    static double SumOf(LabelledArray scores, int place, int query, int key) =>
        Enumerable.Range(0, scores.Axes[1].Labels.Length).Sum(head => scores[place, head, query, key] ?? 0);

    static int Number(string label) => int.Parse(label, CultureInfo.InvariantCulture);
}

/// <summary>A key component that a query component scores.</summary>
/// <param name="Component">The key component.</param>
/// <param name="Peak">The score with the largest magnitude over the offsets, summed over the heads.</param>
/// <param name="Offset">The offset there.</param>
/// <param name="Offsets">The offsets.</param>
/// <param name="Scores">The score at each.</param>
/// <param name="Values">The value components that are active at the same tokens most often; of the first keys.</param>
public sealed record StoryKey(
    int Component,
    double Peak,
    int Offset,
    ValueArray<int> Offsets,
    ValueArray<double> Scores,
    ValueArray<StoryValue> Values);

/// <summary>A value component that is active with a key component.</summary>
/// <param name="Component">The value component.</param>
/// <param name="Both">The tokens at which both are active, over all key/value heads.</param>
public readonly record struct StoryValue(int Component, long Both);
