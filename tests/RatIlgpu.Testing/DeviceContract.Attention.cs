using RatIlgpu.Devices;

namespace RatIlgpu.Testing;

public abstract partial class DeviceContract
{
    [Fact]
    public void Scores_by_hand() =>
        // The head size is 4, so that each product is halved.
        Assert.Equal([3, -1, 3.5f, 2], Compute(on =>
        {
            var scores = on.Allocate(2, 1, 2);
            on.Device.Scores(
                on.Put([1, 2, 3, 0, 0, 0, 1, 2], 1, 2, 4), on.Put([1, 1, 1, 3, 0, -1, 0, 2], 2, 1, 4), scores);
            return on.Read(scores);
        }));

    [Fact]
    public void Softmax_by_hand() => Near(
        // Weights 1, 3 and 4; the second row sees two keys, the third three.
        [1, 0, 0, 0.25f, 0.75f, 0, 0.125f, 0.375f, 0.5f],
        Compute(on =>
        {
            float[] row = [0, MathF.Log(3), MathF.Log(4)];
            var pattern = on.Allocate(1, 3, 3);
            on.Device.CausalSoftmax(on.Put([.. row, .. row, .. row], 1, 3, 3), Visibility.Causal, pattern);
            return on.Read(pattern);
        }));

    [Fact]
    public void Mix_by_hand() => Assert.Equal([1, 2, 2, 3, 2, 3, 3, 4], Compute(on =>
    {
        var mixed = on.Allocate(2, 2, 2);
        on.Device.Mix(
            on.Put([1, 0, 0.5f, 0.5f, 0.5f, 0.5f, 0, 1], 2, 2, 2), on.Put([1, 2, 3, 4], 2, 1, 2), mixed);
        return on.Read(mixed);
    }));

    [Fact]
    public void Values_that_no_query_weighs_are_not_mixed() => Assert.Equal([0.5f, 1, 0.5f, 1], Compute(on =>
    {
        // No query weighs the last key; the second query weighs only the first.
        var mixed = on.Allocate(2, 1, 2);
        on.Device.Mix(on.Put([0.25f, 0.25f, 0, 0.5f, 0, 0], 1, 2, 3), on.Put([1, 2, 1, 2, 9, 9], 3, 1, 2), mixed);
        return on.Read(mixed);
    }));

    [Fact]
    public void Keys_that_a_query_cannot_see_get_exactly_0()
    {
        var attention = new AttentionCase(6, 2, 9, 1, 5) { Window = 4, Mask = [1, 1, 1, 1, 0, 1, 1, 1, 1] };
        var pattern = Compute(attention.Pattern);
        for (var row = 0; row < 12; row++)
            for (var (k, position) = (0, row % 6 + 3); k < 9; k++)
                Assert.Equal(k > position || k <= position - 4 || k == 4, pattern[row * 9 + k] == 0);
    }

    [Fact]
    public void A_query_that_sees_no_key_is_uniform_over_all()
    {
        // Every key of the first two queries is hidden; the third sees only the last key of its window.
        var attention = new AttentionCase(3, 1, 5, 1, 4) { Window = 2, Mask = [1, 0, 0, 0, 1] };
        var pattern = Compute(attention.Pattern);
        Near([0.2f, 0.2f, 0.2f, 0.2f, 0.2f, 0.2f, 0.2f, 0.2f, 0.2f, 0.2f, 0, 0, 0, 0, 1], pattern);
    }

    [Fact]
    public void Softmax_in_place() => Near([1, 0, 0.25f, 0.75f], Compute(on =>
    {
        var pattern = on.Put([0, 7, 0, MathF.Log(3)], 1, 2, 2);
        on.Device.CausalSoftmax(pattern, Visibility.Causal, pattern);
        return on.Read(pattern);
    }));

    [Fact]
    public void Softmax_of_large_scores_does_not_overflow() => Near([1, 0, 0, 1], Compute(on =>
    {
        var pattern = on.Allocate(1, 2, 2);
        on.Device.CausalSoftmax(on.Put([1e4f, 0, -1e4f, 1e4f], 1, 2, 2), Visibility.Causal, pattern);
        return on.Read(pattern);
    }));

    [Fact]
    public void Rows_of_a_pattern_sum_to_1()
    {
        foreach (var attention in AttentionCases())
        {
            var pattern = Compute(attention.Pattern);
            foreach (var row in pattern.Chunk(Math.Max(1, attention.Keys)))
                Near([1], [(float)row.Sum(p => (double)p)], what: $"{attention}");
        }
    }

    [Fact]
    public void Scores_softmax_and_mix_of_every_case()
    {
        foreach (var attention in AttentionCases())
            StepsAgree(attention);
    }

    [Fact]
    public void Scores_softmax_and_mix_of_any_number_of_keys() => EachLength(keys =>
        StepsAgree(new AttentionCase(Math.Min(keys, 2), 2, keys, 1, 6)));

    [Fact]
    public void Scores_softmax_and_mix_of_any_head_size() => EachLength(size =>
        StepsAgree(new AttentionCase(3, 2, 4, 2, size + 1)));

    [Fact]
    public void Scores_softmax_and_mix_of_more_than_one_thread_should_do() =>
        StepsAgree(new AttentionCase(Many(130), 6, Many(300), 2, 20));

    void StepsAgree(AttentionCase attention)
    {
        var pattern = Numbers(24, attention.Heads * attention.Queries * attention.Keys);
        var magnitude = Repeated(1 + attention.LargestScore, pattern.Length);
        var mixed = attention.Queries * attention.Heads * attention.HeadSize;
        AgreesWithPlain(attention.Scores, magnitude, $"scores of {attention}");
        AgreesWithPlain(attention.Pattern, magnitude, $"pattern of {attention}");
        AgreesWithPlain(attention.PatternAtOnce, magnitude, $"pattern at once of {attention}");
        AgreesWithPlain(
            on => attention.Mix(on, pattern), Repeated(MathF.Sqrt(attention.Keys), mixed), $"mix of {attention}");
    }

    IEnumerable<AttentionCase> AttentionCases() => AllAttentions().Where((_, i) => !IsSlow || i % 23 == 0);

    static IEnumerable<AttentionCase> AllAttentions()
    {
        foreach (var (heads, keyHeads) in new[] { (1, 1), (3, 3), (4, 2), (7, 1), (14, 2) })
            foreach (var (queries, keys) in new[] { (0, 0), (0, 5), (1, 1), (1, 37), (5, 5), (23, 23), (9, 41) })
                foreach (var window in new[] { 1, 8, int.MaxValue })
                    foreach (var masked in new[] { 0, 1, 2 })
                        yield return new(queries, heads, keys, keyHeads, 12)
                        {
                            Window = window,
                            Mask = Mask(masked, keys),
                        };
    }

    // None hidden; every third seen; none seen.
    static float[]? Mask(int kind, int keys) => kind switch
    {
        0 => null,
        1 => [.. Enumerable.Range(0, keys).Select(k => k % 3 == 0 ? -2f : 0f)],
        _ => new float[keys],
    };

    static float[] Repeated(float number, int count) => [.. Enumerable.Repeat(number, count)];
}
