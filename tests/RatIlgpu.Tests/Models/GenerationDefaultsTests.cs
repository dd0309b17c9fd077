using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Models;

public sealed class GenerationDefaultsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // The file of Qwen2.5-0.5B-Instruct.
    [Fact]
    public void Reads_what_the_file_says()
    {
        var defaults = Read("""
            {"bos_token_id": 151643, "pad_token_id": 151643, "do_sample": true, "eos_token_id": [151645, 151643],
             "repetition_penalty": 1.1, "temperature": 0.7, "top_p": 0.8, "top_k": 20, "transformers_version": "4.37.0"}
            """)!;
        Assert.Equal([151645, 151643], defaults.EndTokenIds!.Value);
        Assert.Equal((true, 0.7, 20), (defaults.DoesSample, defaults.Temperature, defaults.TopK));
        Assert.Equal((0.8, null, 1.1), (defaults.TopP, defaults.MinP, defaults.RepetitionPenalty));
        Assert.Empty(defaults.Others);
        Assert.Equal(
            new() { Temperature = 0.7, TopK = 20, TopP = 0.8, RepetitionPenalty = 1.1, Seed = 3 },
            SamplingOptions.Of(defaults, 3));
    }

    [Fact]
    public void A_folder_without_the_file_says_nothing() => Assert.Null(GenerationDefaults.Read(folder.Root));

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"eos_token_id\": null, \"do_sample\": null, \"top_k\": null, \"min_p\": null}")]
    [InlineData("\uFEFF{\"max_new_tokens\": 2048, \"use_cache\": true, \"of_the_future\": [1]}")]
    [InlineData("{\"num_beams\": 1, \"no_repeat_ngram_size\": 0, \"typical_p\": 1.0, \"bad_words_ids\": [], "
        + "\"sequence_bias\": {}, \"guidance_scale\": 1, \"constraints\": false}")]
    public void What_is_absent_null_or_off_is_not_there(string content) =>
        Assert.Equal(new(), Read(content));

    [Fact]
    public void Without_sampling_the_likeliest_token_is_taken()
    {
        var defaults = Read("""{"do_sample": false, "temperature": 0, "top_k": -1, "repetition_penalty": 1.2}""")!;
        Assert.Equal(new() { RepetitionPenalty = 1.2 }, SamplingOptions.Of(defaults));
    }

    [Fact]
    public void Sampling_without_numbers_is_that_of_Hugging_Face() => Assert.Equal(
        new() { Temperature = 1, TopK = 50 }, SamplingOptions.Of(Read("""{"do_sample": true, "top_p": 1.5}""")!));

    [Theory]
    [InlineData("\"temperature\": 0", "temperature is 0 with do_sample, expected more than 0.")]
    [InlineData("\"top_k\": -1", "Top-k is -1, expected 0 or more.")]
    [InlineData("\"top_p\": 0", "Top-p is 0, expected more than 0 and at most 1.")]
    [InlineData("\"min_p\": 2", "Min-p is 2, expected 0 to 1.")]
    [InlineData("\"repetition_penalty\": -1", "The repetition penalty is -1, expected more than 0.")]
    [InlineData("\"typical_p\": 0.9, \"stop_strings\": [\"x\"]", "has typical_p 0.9, stop_strings [\"x\"], which no "
        + "generation here does, so its settings cannot be applied exactly.")]
    public void What_one_cannot_sample_with_is_refused_when_it_is_applied(string setting, string fault)
    {
        var defaults = Read($$"""{"do_sample": true, {{setting}}}""")!;
        var refusal = Assert.Throws<InvalidDataException>(() => SamplingOptions.Of(defaults));
        Assert.Equal($"generation_config.json: {fault}", refusal.Message);
    }

    GenerationDefaults? Read(string content)
    {
        File.WriteAllText(folder.Path("generation_config.json"), content);
        return GenerationDefaults.Read(folder.Root);
    }
}
