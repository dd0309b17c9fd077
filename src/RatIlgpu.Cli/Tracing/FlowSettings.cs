using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Tracing;

/// <summary>What the command line asks of a trace through all layers.</summary>
static class FlowSettings
{
    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">An option is about a trace of one layer, or options contradict each
    /// other.</exception>
    public static FlowOptions Read(ParseResult parsed, CliOptions options)
    {
        const string LeaveOut = "leave it out.";
        Refuse("goes through all layers; --from-layer and --to-layer limit them.", options.Layers);
        Refuse($"takes all heads together; {LeaveOut}", options.Heads, options.AggHeads, options.Explain);
        Refuse("is of shares, not of attention; --min-share drops paths.", options.MinAttn);
        Refuse("has its own measure of what a step carries: --flow.", options.Weights);
        Refuse($"has paths that all have as many steps; {LeaveOut}", options.LengthNorm);
        Refuse($"has paths that all end before the first layer; {LeaveOut}", options.StopAtBos, options.BosTokenId);
        Refuse($"ends in the last layer, before the prediction; {LeaveOut}", options.Predictions);
        Refuse($"is neither recorded nor read from a recording; {LeaveOut}", options.Record, options.FromRecording);
        var (from, to) = (parsed.Get(options.FromLayer) ?? 0, parsed.Get(options.ToLayer) ?? ^1);
        // A layer that counts from the end is known when the model is.
        if (from.IsFromEnd == to.IsFromEnd && from.GetOffset(int.MaxValue) > to.GetOffset(int.MaxValue))
            throw new UsageException(
                $"--from-layer is {Text(from)} and --to-layer is {Text(to)}: the first must not come after the last.");
        return new()
        {
            Method = parsed.Get(options.Flow),
            FromLayer = from,
            ToLayer = to,
            TopBeam = parsed.Get(options.TopBeam),
            TopK = parsed.Get(options.TopK),
            MinShare = parsed.Get(options.MinShare),
        };

        void Refuse(string why, params ReadOnlySpan<Option> refused)
        {
            foreach (var option in refused)
                if (parsed.Has(option))
                    throw new UsageException($"{option.Name} means nothing with --through, which {why}");
        }

        static string Text(Index layer) => layer.IsFromEnd ? $"-{layer.Value}" : $"{layer.Value}";
    }
}
