using RatIlgpu.Analysis;

namespace RatIlgpu.Properties;

/// <summary>Changes of weights and of the order of prompts that leave attention as it is.</summary>
[Properties(Arbitrary = [typeof(ModelCase)])]
public sealed class HeadSymmetryLaws
{
    // Attention of two orders of summation, and the bound that docs/numerics.md has for it.
    const double Rounding = 2e-5;

    // Every case writes two models to files.
    const int Many = 60;

    [Law(Many)]
    public void Exchanged_heads_of_a_group_have_exchanged_patterns(ModelCase some)
    {
        var config = Biased(some).Config();
        var exchanged = Record(Biased(some), (name, numbers) =>
        {
            if (name.Contains("q_proj", StringComparison.Ordinal))
                Exchange(numbers, config, numbers.Length / config.HeadCount);
            if (name.Contains("o_proj", StringComparison.Ordinal))
                for (var row = 0; row < config.HiddenSize; row++)
                    Exchange(
                        numbers.AsSpan(row * config.HeadCount * config.HeadSize, config.HeadCount * config.HeadSize),
                        config, config.HeadSize);
        });
        var expected = Record(Biased(some));
        foreach (var site in expected.Sites)
            for (var head = 0; head < config.HeadCount; head++)
                for (var query = 0; query < some.Length; query++)
                    foreach (var (one, other) in expected[site].Row(query, head).ToArray()
                        .Zip(exchanged[site].Row(query, Partner(head, config)).ToArray()))
                        Assert.Equal(one, other, Rounding);
    }

    // Powers of two are exact.
    [Law(Many)]
    public void Larger_keys_make_up_for_smaller_queries(ModelCase some)
    {
        var factor = MathF.ScaleB(1, (some.Seed % 9) - 4);
        Same(Record(Biased(some)), Record(Biased(some), (name, numbers) =>
        {
            if (name.Contains("q_proj", StringComparison.Ordinal))
                Scale(numbers, 1 / factor);
            if (name.Contains("k_proj", StringComparison.Ordinal))
                Scale(numbers, factor);
        }));

        static void Scale(float[] numbers, float factor)
        {
            foreach (ref var number in numbers.AsSpan())
                number *= factor;
        }
    }

    [Law(Many)]
    public void A_key_bias_in_a_pair_that_no_query_uses_changes_nothing(ModelCase some)
    {
        var half = some.HeadSize / 2;
        var pair = some.Seed % half;
        Same(Record(Biased(some), Silence), Record(Biased(some), (name, numbers) =>
        {
            Silence(name, numbers);
            if (name.Contains("k_proj.bias", StringComparison.Ordinal))
                foreach (var (number, at) in ((float, int)[])[(3, pair), (-2, pair + half)])
                    for (var head = 0; head < some.KeyHeads; head++)
                        numbers[(head * some.HeadSize) + at] += number;
        }));

        // A pair has one row of the bias, and one row of the matrix for each number.
        void Silence(string name, float[] numbers)
        {
            if (!name.Contains("q_proj", StringComparison.Ordinal))
                return;
            var rows = some.KeyHeads * some.Group * some.HeadSize;
            var width = numbers.Length / rows;
            for (var row = 0; row < rows; row++)
                if (row % half == pair)
                    numbers.AsSpan(row * width, width).Clear();
        }
    }

    [Law(Many)]
    public void Patterns_do_not_depend_on_the_order_of_prompts(ModelCase some) => some.Holds((tiny, model, ids) =>
    {
        RecordedPrompt[] prompts =
        [
            new([.. ids]), new([.. tiny.Prompt(some.Length, some.Seed + 1)]), new([.. ids.Reverse()]),
            new([.. tiny.Prompt(1, some.Seed + 2)]),
        ];
        var recorder = new Recorder(model);
        foreach (var (one, other) in All(prompts).Zip(All(prompts.Reverse()).Reverse()))
            Same(one, other);

        IEnumerable<Recording> All(IEnumerable<RecordedPrompt> asked) =>
            recorder.RecordAll([.. asked], [new(Activation.Pattern)]).ToList();
    });

    // The laws are of models with biases and without norms of heads.
    static ModelCase Biased(ModelCase some) => some with { Family = "qwen2" };

    static Recording Record(ModelCase some, Action<string, float[]>? change = null)
    {
        using var tiny = some.Make(change);
        using var device = new CpuDevice();
        using var model = tiny.On(device);
        return new Recorder(model).Record(tiny.Prompt(some.Length, some.Seed), [new(Activation.Pattern)]);
    }

    static void Same(Recording expected, Recording found)
    {
        Assert.Equal(expected.Sites, found.Sites);
        foreach (var site in expected.Sites)
            Assert.Equal(expected[site].Values, found[site].Values);
    }

    // Turns the order of the heads of each group round.
    internal static void Exchange(Span<float> numbers, Qwen2Config config, int size)
    {
        var before = numbers.ToArray();
        for (var head = 0; head < config.HeadCount; head++)
            before.AsSpan(head * size, size).CopyTo(numbers[(Partner(head, config) * size)..]);
    }

    static int Partner(int head, Qwen2Config config)
    {
        var group = head / config.GroupSize;
        return (2 * group * config.GroupSize) + config.GroupSize - 1 - head;
    }
}
