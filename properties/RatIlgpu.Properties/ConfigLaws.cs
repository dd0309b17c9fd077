namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(ConfigLaws), typeof(Damage)])]
public sealed class ConfigLaws
{
    const string Sound = """
        {
          "model_type": "qwen2", "hidden_act": "silu", "hidden_size": 48, "intermediate_size": 80,
          "num_hidden_layers": 3, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 101,
          "rms_norm_eps": 1e-06, "rope_theta": 10000.0, "max_position_embeddings": 512, "tie_word_embeddings": true,
          "rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128, "beta_fast": 32,
                           "beta_slow": 1, "attention_factor": 1.1, "truncate": true},
          "layer_types": ["full_attention", "sliding_attention", "full_attention"],
          "use_sliding_window": true, "sliding_window": 8, "max_window_layers": 1, "eos_token_id": [99, 100]
        }
        """;

    const string SoundLlama = """
        {
          "model_type": "llama", "hidden_act": "silu", "hidden_size": 48, "intermediate_size": 80,
          "num_hidden_layers": 3, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": null,
          "attention_bias": false, "mlp_bias": false, "bos_token_id": null, "partial_rotary_factor": 1,
          "rope_parameters": {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0,
                              "high_freq_factor": 4.0, "original_max_position_embeddings": 128}
        }
        """;

    const string SoundMistral = """
        {
          "model_type": "mistral", "num_hidden_layers": 2, "num_attention_heads": 8, "sliding_window": 8,
          "layer_types": ["sliding_attention", "sliding_attention"], "eos_token_id": 2
        }
        """;

    static readonly byte[][] SoundTexts =
        [.. new[] { Sound, SoundLlama, SoundMistral }.Select(Encoding.UTF8.GetBytes)];

    internal static Arbitrary<int[]> Sizes { get; } = Arb.From(
        Gen.Choose(1, 64).ListOf(8).Select(sizes => sizes.ToArray()),
        sizes => Enumerable.Range(0, sizes.Length).Where(i => sizes[i] > 1)
            .Select(i => sizes.Select((size, index) => index == i ? size / 2 : size).ToArray()));

    [Law(3000)]
    public void A_damaged_config_is_refused_or_fit_to_compute_with(Damage damage)
    {
        foreach (var sound in SoundTexts)
            IsRefusedOrFit(damage.Apply(sound));
    }

    [Law]
    public void What_a_config_says_is_what_is_read(int[] sizes)
    {
        var (layers, keyHeads, window) = (sizes[2], sizes[3], sizes[7]);
        var heads = keyHeads * (1 + sizes[4] % 8);
        var config = Qwen2Config.Parse(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""
            {"model_type": "qwen2", "hidden_size": {{sizes[0]}}, "intermediate_size": {{sizes[1]}},
             "num_hidden_layers": {{layers}}, "num_attention_heads": {{heads}}, "num_key_value_heads": {{keyHeads}},
             "head_dim": {{2 * sizes[5]}}, "vocab_size": {{sizes[6]}}, "rms_norm_eps": 1e-6, "use_sliding_window": true,
             "sliding_window": {{window}}, "max_window_layers": {{sizes[4]}}, "max_position_embeddings": 32}
            """)), "config.json");

        Assert.Equal((sizes[0], sizes[1], layers), (config.HiddenSize, config.IntermediateSize, config.LayerCount));
        Assert.Equal((heads, keyHeads, 2 * sizes[5]), (config.HeadCount, config.KeyValueHeadCount, config.HeadSize));
        Assert.Equal(sizes[6], config.VocabularySize);
        for (var layer = 0; layer < layers; layer++)
            Assert.Equal(layer < sizes[4] ? int.MaxValue : window, config.WindowOf(layer));
    }

    static void IsRefusedOrFit(byte[] text)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Qwen2Config? config = null;
        try
        {
            config = Qwen2Config.Parse(text, "config.json");
        }
        catch (InvalidDataException)
        {
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024 + 100L * text.Length);
        if (config is not null)
            CheckFit(config);
    }

    static void CheckFit(Qwen2Config config)
    {
        const int Most = 1 << 24;
        Assert.InRange(config.HiddenSize, 1, Most);
        Assert.InRange(config.IntermediateSize, 1, Most);
        Assert.InRange(config.VocabularySize, 1, Most);
        Assert.InRange((long)config.HeadCount * config.HeadSize, 2, Most);
        Assert.Equal((0, 0), (config.HeadCount % config.KeyValueHeadCount, config.HeadSize % 2));
        Assert.True(config.RmsNormEpsilon > 0 && float.IsFinite(config.RmsNormEpsilon));
        for (var layer = 0; layer < config.LayerCount; layer++)
            Assert.InRange(config.WindowOf(layer), 1, int.MaxValue);
        if (config.HeadSize > 1 << 16)
            return;
        var angles = new float[2 * config.HeadSize];
        new RotaryEmbedding(config).Fill(config.MaxPositions, 2, angles);
        Assert.All(angles, angle => Assert.True(float.IsFinite(angle)));
    }
}
