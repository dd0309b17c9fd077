using RatIlgpu.Generation;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Generation;

public sealed class TextGeneratorTests : IDisposable
{
    readonly CpuDevice device = new();
    readonly LanguageModel model;
    readonly TextGenerator generator;

    public TextGeneratorTests()
    {
        model = LanguageModel.Load(DemoModel.Folder, device);
        generator = new(model);
    }

    public void Dispose()
    {
        model.Dispose();
        device.Dispose();
    }

    [Theory]
    [InlineData("When Mary and John went to the store, John gave a drink to", " Mary")]
    [InlineData("The capital of France is", " Paris")]
    [InlineData("Monday, Tuesday, Wednesday,", " Thursday")]
    public void The_demonstration_model_knows_what_follows(string prompt, string next) =>
        Assert.Equal(next, model.Tokenizer.Decode([.. generator.Generate(Ids(prompt), 1)]));

    [Fact]
    public void Greedy_tokens_are_those_of_a_full_pass_for_each()
    {
        var ids = Ids("The capital of France is");
        var expected = new List<int>();
        var sequence = ids.ToList();
        while (expected.Count < 8)
        {
            using var logits = model.Network.Forward([.. sequence], new() { LogitCount = 1 });
            var next = new Sampler(new()).Next(device.Download(logits).AsSpan(0, model.Tokenizer.Count));
            if (model.EndTokenIds.Contains(next))
                break;
            expected.Add(next);
            sequence.Add(next);
        }

        Assert.Equal(expected, generator.Generate(ids, 8));
        Assert.NotEmpty(expected);
    }

    // Without the penalty the text has the token of a word twice.
    [Fact]
    public void Greedy_tokens_with_a_penalty_are_those_of_penalized_logits()
    {
        var ids = Ids("When Mary and John went to the store, John gave a drink to");
        var text = ids.ToList();
        while (text.Count < ids.Length + 6)
        {
            using var logits = model.Network.Forward([.. text], new() { LogitCount = 1 });
            var row = device.Download(logits).AsSpan(0, model.Tokenizer.Count).ToArray();
            foreach (var id in text.Distinct())
                row[id] = row[id] < 0 ? row[id] * 4 : row[id] / 4;
            text.Add(new Sampler(new()).Next(row));
        }

        var written = generator.Generate(ids, 6, new() { RepetitionPenalty = 4 }).ToArray();
        Assert.Equal(text.Skip(ids.Length).TakeWhile(id => !model.EndTokenIds.Contains(id)), written);
        Assert.NotEqual(generator.Generate(ids, 6), written);
    }

    [Fact]
    public void A_greedy_token_brings_no_logits_from_the_device()
    {
        using var watched = new WatchedDevice(device);
        using var other = LanguageModel.Load(DemoModel.Folder, watched);
        var ids = Ids("The capital of France is");
        Assert.Equal(generator.Generate(ids, 2), new TextGenerator(other).Generate(ids, 2));
        Assert.Equal(2, watched.Operations.Count(name => name == "Top"));
        Assert.Equal(0, watched.Downloads);
    }

    [Fact]
    public void An_id_without_a_token_is_not_chosen_however_likely_it_is()
    {
        // The last ids have no token.
        using var tiny = new TinyQwen2(TinyQwen2.Small with { VocabularySize = 300 });
        using var files = new TinyTokenizer().WithFiles();
        using var other = tiny.On(device, files.Load());
        var logits = new float[300];
        (logits[299], logits[290], logits[17]) = (9, 8, 5);
        var probe = new RecordingProbe(site => site == Site.Logits, (_, shown, on) => on.Upload(logits, shown));
        var changed = new TextGenerator(other) { Probe = probe };
        Assert.Equal([17, 17], changed.Generate([1, 2], 2));
        Assert.Equal([17, 17], changed.Generate([1, 2], 2, new() { Temperature = 0.01 }));

        var tracer = new ReverseAttentionTracer(other);
        var intervention = Intervention.Edit(
            InterventionTarget.At(other.Network, Activation.Logits), (_, _, row) => logits.CopyTo(row));
        var predicted = tracer.Trace([1, 2], new() { Predictions = 2, Interventions = [intervention] }).Predictions;
        Assert.Equal([17, 0], predicted.Select(one => one.Token.Id));
        // e⁵ of e⁹ + e⁸ + e⁵ + 297
        Assert.Equal(148.4131591 / 11_529.4502, predicted[0].Probability, 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Logits_of_which_none_can_be_chosen_are_refused(double temperature)
    {
        var refusal = Assert.Throws<ArgumentException>(
            () => With(logits => logits.Fill(float.NegativeInfinity), temperature));
        Assert.Equal("No token can be chosen: every logit is −∞ or NaN.", refusal.Message);
    }

    [Theory]
    [InlineData(0, float.NaN)]
    [InlineData(1, float.NaN)]
    [InlineData(0, float.PositiveInfinity)]
    [InlineData(1, float.PositiveInfinity)]
    public void No_token_is_chosen_beside_a_logit_that_is_not_a_number(double temperature, float number)
    {
        var refusal = Assert.Throws<ArithmeticException>(() => With(logits => logits[^1] = number, temperature));
        Assert.Equal("The logits are not numbers: the weights are damaged or overflow.", refusal.Message);
    }

    void With(SpanAction change, double temperature)
    {
        var probe = new RecordingProbe(site => site == Site.Logits, (_, shown, on) =>
        {
            var logits = on.Download(shown);
            change(logits);
            on.Upload(logits, shown);
        });
        _ = new TextGenerator(model) { Probe = probe }
            .Generate(Ids("When"), 1, new() { Temperature = temperature }).Count();
    }

    delegate void SpanAction(Span<float> numbers);

    [Fact]
    public void A_seed_repeats_its_text()
    {
        var options = new SamplingOptions { Temperature = 1.5, TopP = 0.95, Seed = 11 };
        var ids = Ids("When");
        var text = generator.Generate(ids, 20, options).ToArray();
        Assert.Equal(text, generator.Generate(ids, 20, options));
        Assert.NotEqual(text, generator.Generate(ids, 20, options with { Seed = 12 }));
    }

    [Fact]
    public void Every_enumeration_of_a_text_yields_the_same_tokens()
    {
        var text = generator.Generate(Ids("When"), 20, new() { Temperature = 1.5, Seed = 11 });
        Assert.Equal(text.ToArray(), text.ToArray());
    }

    [Fact]
    public void Only_tokens_that_mean_something_are_written()
    {
        var ids = generator.Generate(Ids("When"), 60, new() { Temperature = 50 });
        Assert.All(ids, id => Assert.True(model.Tokenizer.Has(id)));
    }

    [Fact]
    public void An_end_token_ends_the_text_and_is_not_part_of_it()
    {
        var ids = generator.Generate(Ids("The capital of France is"), 400).ToArray();
        Assert.InRange(ids.Length, 1, 399);
        Assert.DoesNotContain(ids, model.EndTokenIds.Contains);
    }

    [Fact]
    public void Nothing_is_asked_for_and_nothing_written()
    {
        Assert.Empty(generator.Generate(Ids("When"), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => generator.Generate(Ids("When"), -1));
        Assert.Throws<ArgumentException>(() => generator.Generate([], 1).Count());
    }

    int[] Ids(string text) => [.. model.Tokenizer.Encode(text).Ids];
}
