using System.Text.Json;
using RatIlgpu.Files;

namespace RatIlgpu.Tracing;

/// <summary>Writes flows through all layers as JSON, and reads them back.</summary>
/// <remarks>Tokens, target and search have the keys of <c>trace.json</c>; shares, paths and all else are under the key
/// <c>ratilgpu</c>. Paths of such a flow stay at positions, which those of Reverse Attention Tracer do not, so they are
/// not under its key <c>beams</c>.</remarks>
public static class FlowJson
{
    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <exception cref="ArgumentException">A number of the flow is not finite.</exception>
    public static string Write(FlowResult flow)
    {
        using var bytes = new MemoryStream();
        Write(flow, bytes);
        return Encoding.ASCII.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <exception cref="ArgumentException">A number of the flow is not finite.</exception>
    public static void Write(FlowResult flow, Stream destination)
    {
        using var json = new Utf8JsonWriter(destination, TraceJson.Layout);
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteNumber("seq_len", flow.Tokens.Length);
        json.WriteNumber("target_pos", flow.TargetPosition);
        json.WriteNumber("top_beam", flow.Options.TopBeam);
        json.WriteNumber("top_k", flow.Options.TopK);
        json.WriteEndObject();
        TraceJson.WriteList(
            json, "tokens", flow.Tokens, token => json.WriteStringValue(TraceJson.WellFormed(token.Text)));
        TraceJson.WriteList(json, "paths_text", flow.PathTexts, json.WriteStringValue);
        WriteOwn(json, flow);
        json.WriteEndObject();
    }

    /// <summary>Reads a file from a stream, up to its end.</summary>
    /// <remarks>Lines of text are made anew from the rest of the file.</remarks>
    /// <param name="json">The file, in UTF-8.</param>
    /// <param name="name">The name of the file in errors.</param>
    /// <exception cref="InvalidDataException">It is no flow, or contradicts itself.</exception>
    public static FlowResult Read(Stream json, string name = "flow.json")
    {
        using var bytes = new MemoryStream();
        json.CopyTo(bytes);
        return new FlowReader(JsonPart.Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), name)).Read();
    }

    /// <summary>Tells whether a file is that of a flow, and not of a trace of one layer.</summary>
    /// <param name="json">The file, in UTF-8.</param>
    /// <param name="name">The name of the file in errors.</param>
    /// <exception cref="InvalidDataException">It is no JSON of an object.</exception>
    public static bool IsFlow(ReadOnlySpan<byte> json, string name = "flow.json") =>
        JsonPart.Parse(json, name).Find(TraceJson.OwnKey) is { IsObject: true } own && own.Find("through") is not null;

    static void WriteOwn(Utf8JsonWriter json, FlowResult flow)
    {
        json.WriteStartObject(TraceJson.OwnKey);
        json.WriteNumber("version", TraceJson.Version);
        TraceJson.WriteModel(json, flow.Model);
        WriteOptions(json, flow.Options);
        TraceJson.WriteTokens(json, flow.Tokens);
        WriteThrough(json, flow);
        TraceJson.WriteList(json, "notices", flow.Notices, notice => TraceJson.WriteText(json, notice));
        // Files, reports and pages count prompts from 1.
        json.WriteNumber("prompt", flow.Prompt + 1L);
        json.WriteNumber("prompt_length", flow.PromptLength);
        TraceJson.WriteList(
            json, "interventions", flow.Interventions, intervention => TraceJson.WriteText(json, intervention));
        if (flow.Origin is { } origin)
            TraceJson.WriteOrigin(json, origin);
        json.WriteEndObject();
    }

    static void WriteOptions(Utf8JsonWriter json, FlowOptions options)
    {
        json.WriteStartObject("options");
        json.WriteString("flow", options.Method == FlowMethod.Norm ? "norm" : "rollout");
        json.WriteNumber("from_layer", options.FromLayer.Value);
        json.WriteNumber("to_layer", options.ToLayer.Value);
        json.WriteNumber("min_share", options.MinShare);
        if (options.AttentionMask is { } mask)
            TraceJson.WriteList(json, "attention_mask", mask, json.WriteNumberValue);
        json.WriteEndObject();
    }

    static void WriteThrough(Utf8JsonWriter json, FlowResult flow)
    {
        json.WriteStartObject("through");
        TraceJson.WriteList(json, "shares", flow.Shares, json.WriteNumberValue);
        json.WriteNumber("path_share", flow.PathShare);
        TraceJson.WriteList(json, "paths", flow.Paths, path =>
        {
            json.WriteStartObject();
            TraceJson.WriteList(json, "positions", path.Positions, json.WriteNumberValue);
            TraceJson.WriteList(json, "flows", path.Flows, json.WriteNumberValue);
            json.WriteNumber("score", path.Score);
            json.WriteNumber("probability", path.Probability);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }
}
