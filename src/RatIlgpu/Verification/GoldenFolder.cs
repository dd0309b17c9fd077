using RatIlgpu.Devices;
using RatIlgpu.Files;
using RatIlgpu.Models;
using RatIlgpu.Tracing;

namespace RatIlgpu.Verification;

/// <summary>The inputs and reference traces of a golden folder: a checkpoint with <c>golden.json</c> and
/// <c>golden.safetensors</c> beside it. The mask is that of the masked run, 0 for
/// padding.</summary>
sealed record GoldenFolder(
    Qwen2Config Config,
    ImmutableArray<int> Ids,
    ImmutableArray<int> AttentionMask,
    ImmutableArray<GoldenTrace> Traces)
{
    const int LargestFile = 256 << 20;

    /// <summary>Reads the inputs and traces of a folder.</summary>
    public static GoldenFolder Read(string folder)
    {
        var path = Path.Combine(folder, "golden.json");
        if (!File.Exists(path))
            throw new InvalidDataException(
                $"{folder}: no golden.json; expected a checkpoint with golden.json and golden.safetensors.");
        var root = JsonPart.Read(path, LargestFile);
        var config = Qwen2Config.Read(folder);
        var tokens = root["input_ids"];
        ImmutableArray<int> ids = [.. tokens.Items().Select(id => id.Whole(0, config.VocabularySize - 1))];
        tokens.Need(!ids.IsEmpty, "at least one token");
        ImmutableArray<int> mask = [.. root["attention_mask"].Items(ids.Length).Select(entry => entry.Whole(0, 1))];
        return new(
            config, ids, mask, [.. root["traces"].Items().Select(trace => GoldenTrace.Read(trace, config, mask))]);
    }
}

/// <summary>One reference trace.</summary>
/// <param name="Options">What was asked; with a mask for the masked run.</param>
/// <param name="Paths">The paths, best first.</param>
/// <param name="Nodes">The positions of the paths, ascending.</param>
/// <param name="Links">The links, in the order of their first use.</param>
sealed record GoldenTrace(
    TraceOptions Options,
    ImmutableArray<BeamPath> Paths,
    ImmutableArray<int> Nodes,
    ImmutableArray<GoldenLink> Links)
{
    /// <summary>Gets whether it is of the masked run.</summary>
    public bool IsMasked => Options.AttentionMask.HasValue;

    /// <summary>Reads a trace.</summary>
    /// <exception cref="InvalidDataException">It is none, or asks for what the prompt or the model does not
    /// have.</exception>
    public static GoldenTrace Read(JsonPart trace, Qwen2Config config, ImmutableArray<int> mask)
    {
        var options = new TraceOptions
        {
            TargetPosition = Place(trace["target_pos"], mask.Length),
            Layer = Place(trace["layer"], config.LayerCount),
            TopBeam = trace["top_beam"].Whole(1),
            TopK = trace["top_k"].Whole(1),
            MinAttention = trace["min_attn"].Number(0, 1),
            Heads = trace["agg_heads"].As(HeadAggregation.Parse, "heads"),
            LengthNormalization = trace["length_norm"].As(LengthNormalization.Parse, "a length normalization"),
            StopAtBos = trace["stop_at_bos"].Flag(),
            Predictions = 0,
            // A tiny checkpoint may name a token that it does not have; then no path ends at one.
            BosTokenId = config.BosTokenId < config.VocabularySize ? config.BosTokenId : null,
            AttentionMask = trace["masked"].Flag() ? mask : null,
        };
        try
        {
            options = options.Resolve(
                mask.Length, config.LayerCount, config.HeadCount, config.VocabularySize);
        }
        catch (ArgumentException fault)
        {
            throw Refusal.Of(trace.File, $"{trace.Name}: {fault.Message}");
        }

        return new(
            options,
            [.. trace["beams"].Items().Select(ReadPath)],
            Wholes(trace["sankey"]["nodes"]),
            [.. trace["sankey"]["links"].Items().Select(ReadLink)]);
    }

    static BeamPath ReadPath(JsonPart path)
    {
        var positions = Wholes(path["positions"]);
        path["positions"].Need(!positions.IsEmpty, "at least one position");
        return new(
            positions,
            [.. path["edge_attns"].Items(positions.Length - 1).Select(edge => edge.Number())],
            path["score_raw"].Number(),
            path["score_norm"].Number());
    }

    static GoldenLink ReadLink(JsonPart link) => new(
        link["source"].Whole(0), link["target"].Whole(0), link["value"].Number(), Wholes(link["beams"]));

    // A negative number counts from the end.
    static Index Place(JsonPart number, int count) =>
        number.Whole(-count, count - 1) is var place && place < 0 ? ^-place : place;

    static ImmutableArray<int> Wholes(JsonPart list) => [.. list.Items().Select(item => item.Whole(0))];
}

/// <summary>One reference link of a Sankey graph.</summary>
sealed record GoldenLink(int Source, int Target, double Value, ImmutableArray<int> PathIndices);
