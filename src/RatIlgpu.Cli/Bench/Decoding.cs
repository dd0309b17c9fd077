namespace RatIlgpu.Cli.Bench;

/// <summary>Writes tokens after a prompt whose keys and values are kept, the likeliest each time, as a generation
/// does.</summary>
/// <param name="model">The model.</param>
/// <param name="prompt">The prompt, which only the first run runs.</param>
/// <param name="cancellation">Stops between two tokens.</param>
sealed class Decoding(Qwen2Model model, int[] prompt, CancellationToken cancellation) : IDisposable
{
    /// <summary>How many tokens a run writes.</summary>
    public const int NewTokens = 32;

    KeyValueCache? cache;
    readonly int[] written = new int[1 + NewTokens];

    /// <summary>Gets the token after the prompt, which the first run finds, and those of the last run.</summary>
    public ReadOnlySpan<int> Written => written;

    /// <summary>Writes the tokens.</summary>
    public void Run()
    {
        if (cache is null)
        {
            cache = new(model.Config, model.Device, prompt.Length + NewTokens);
            written[0] = Next(prompt);
        }

        cache.Truncate(prompt.Length);
        for (var count = 0; count < NewTokens; count++)
            written[count + 1] = Next([written[count]]);
    }

    /// <summary>Frees the keys and values.</summary>
    public void Dispose() => cache?.Dispose();

    int Next(int[] ids)
    {
        using var last = model.Forward(ids, new() { LogitCount = 1, Cache = cache, Cancellation = cancellation });
        Span<int> id = [0];
        Span<float> logit = [0];
        model.Device.Top(last, null, 1, id, logit);
        return id[0];
    }
}
