using System.Collections.Immutable;
using System.Text.Json;
using RatIlgpu.Devices;
using RatIlgpu.Tracing;

namespace RatIlgpu.Verification;

/// <summary>The inputs and reference traces of a golden folder: a checkpoint with <c>golden.json</c> and
/// <c>golden.safetensors</c> beside it.</summary>
/// <param name="Ids">The tokens of the prompt.</param>
/// <param name="AttentionMask">The mask of the masked run: 1 for a token, 0 for padding.</param>
/// <param name="Traces">The reference traces.</param>
sealed record GoldenFolder(
    ImmutableArray<int> Ids, ImmutableArray<int> AttentionMask, ImmutableArray<GoldenTrace> Traces)
{
    const long LargestFile = 256 << 20;

    static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads the inputs and traces of a folder.</summary>
    /// <exception cref="InvalidDataException">The file is missing or not as it should be.</exception>
    public static GoldenFolder Read(string folder)
    {
        var path = Path.Combine(folder, "golden.json");
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new InvalidDataException(
                $"{folder}: no golden.json; expected a checkpoint with golden.json and golden.safetensors.");
        if (file.Length > LargestFile)
            throw new InvalidDataException($"{path}: {file.Length} bytes, expected at most {LargestFile}.");
        try
        {
            using var stream = file.OpenRead();
            var raw = JsonSerializer.Deserialize<RawFolder>(stream, SnakeCase)
                ?? throw new InvalidDataException($"{path}: null, expected an object.");
            return new([.. raw.InputIds], [.. raw.AttentionMask], [.. raw.Traces.Select(GoldenTrace.From)]);
        }
        catch (Exception e) when (e is JsonException or FormatException or NullReferenceException or ArgumentException)
        {
            throw new InvalidDataException($"{path}: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    internal sealed record RawFolder(int[] InputIds, int[] AttentionMask, RawTrace[] Traces);

    internal sealed record RawTrace(
        bool Masked,
        int Layer,
        string AggHeads,
        int TargetPos,
        int TopBeam,
        int TopK,
        double MinAttn,
        string LengthNorm,
        bool StopAtBos,
        RawBeam[] Beams,
        RawSankey Sankey);

    internal sealed record RawBeam(int[] Positions, double[] EdgeAttns, double ScoreRaw, double ScoreNorm)
    {
        public BeamPath ToPath() => new([.. Positions], [.. EdgeAttns], ScoreRaw, ScoreNorm);
    }

    internal sealed record RawSankey(int[] Nodes, RawLink[] Links);

    internal sealed record RawLink(int Source, int Target, double Value, int[] Beams);
}

/// <summary>One reference trace.</summary>
/// <param name="Masked">Whether the run has the folder's mask.</param>
/// <param name="Options">What was asked.</param>
/// <param name="Paths">The paths, best first.</param>
/// <param name="Nodes">The positions of the paths, ascending.</param>
/// <param name="Links">The links, in the order of their first use.</param>
sealed record GoldenTrace(
    bool Masked,
    TraceOptions Options,
    ImmutableArray<BeamPath> Paths,
    ImmutableArray<int> Nodes,
    ImmutableArray<GoldenLink> Links)
{
    internal static GoldenTrace From(GoldenFolder.RawTrace raw) => new(
        raw.Masked,
        new TraceOptions
        {
            TargetPosition = raw.TargetPos,
            Layer = raw.Layer,
            TopBeam = raw.TopBeam,
            TopK = raw.TopK,
            MinAttention = raw.MinAttn,
            Heads = HeadAggregation.Parse(raw.AggHeads),
            LengthNormalization = LengthNormalization.Parse(raw.LengthNorm),
            StopAtBos = raw.StopAtBos,
        },
        [.. raw.Beams.Select(beam => beam.ToPath())],
        [.. raw.Sankey.Nodes],
        [.. raw.Sankey.Links.Select(link => new GoldenLink(link.Source, link.Target, link.Value, [.. link.Beams]))]);
}

/// <summary>One reference link of a Sankey graph.</summary>
/// <param name="Source">The earlier position.</param>
/// <param name="Target">The later position.</param>
/// <param name="Value">The sum of weight times attention.</param>
/// <param name="PathIndices">The paths that take the link.</param>
sealed record GoldenLink(int Source, int Target, double Value, ImmutableArray<int> PathIndices);
