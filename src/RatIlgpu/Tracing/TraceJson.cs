using System.Text.Json;
using RatIlgpu.Files;
using RatIlgpu.Text;

namespace RatIlgpu.Tracing;

/// <summary>Writes traces to <c>trace.json</c> and reads them back.</summary>
/// <remarks>Tools for Reverse Attention Tracer can read the files; our own data is under the key <c>ratilgpu</c>. Files
/// of either program are read. Positions of a path run from the target back; links run from the earlier position to the
/// later one and name their nodes. Text that is not well-formed (a half of a surrogate pair) has U+FFFD under the
/// common keys, and its UTF-16 code units under ours.</remarks>
public static class TraceJson
{
    internal const string OwnKey = "ratilgpu";
    internal const int Version = 1;

    const int MostPending = 1 << 16;

    // The same bytes on every system.
    internal static readonly JsonWriterOptions Layout = new() { Indented = true, NewLine = "\n" };

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Returns the text of the file: ASCII, and safe inside a script element of a page.</summary>
    /// <exception cref="ArgumentException">A number of the trace is not finite.</exception>
    public static string Write(TraceResult trace)
    {
        using var bytes = new MemoryStream();
        Write(trace, bytes);
        return Encoding.ASCII.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>Writes the file to a stream, which stays open.</summary>
    /// <exception cref="ArgumentException">A number of the trace is not finite.</exception>
    public static void Write(TraceResult trace, Stream destination)
    {
        using var json = new Utf8JsonWriter(destination, Layout);
        json.WriteStartObject();
        WriteMetadata(json, trace);
        WriteList(json, "tokens", trace.Tokens, token => json.WriteStringValue(WellFormed(token.Text)));
        WriteList(json, "beams", trace.Paths, path => WritePath(json, path, trace.Tokens));
        WriteSankey(json, trace.Sankey, trace.Layer);
        WriteList(json, "paths_text", trace.PathTexts, json.WriteStringValue);
        WriteOwn(json, trace);
        json.WriteEndObject();
    }

    /// <summary>Reads the text of a file.</summary>
    /// <inheritdoc cref="Read(Stream, string)"/>
    /// <param name="json">The text.</param>
    /// <param name="name">The name of the file in errors.</param>
    public static TraceResult Read(string json, string name = "trace.json")
    {
        try
        {
            return Read(Strict.GetBytes(json), name);
        }
        catch (EncoderFallbackException)
        {
            throw Refusal.Of(name, $"has half a surrogate pair, expected well-formed Unicode.");
        }
    }

    /// <summary>Reads a file from a stream, up to its end.</summary>
    /// <remarks>Sankey data and lines of text are computed from the rest of the file; the Sankey data of the file must
    /// agree. Of a file that Reverse Attention Tracer wrote, the options it does not keep have their
    /// defaults, and a notice says so; the numbers of tokens beside the paths are −1.</remarks>
    /// <param name="json">The file, in UTF-8.</param>
    /// <param name="name">The name of the file in errors.</param>
    /// <exception cref="InvalidDataException">It is no trace, or contradicts itself.</exception>
    public static TraceResult Read(Stream json, string name = "trace.json")
    {
        using var bytes = new MemoryStream();
        json.CopyTo(bytes);
        return Read(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), name);
    }

    internal static TraceResult Read(ReadOnlySpan<byte> json, string name) =>
        new TraceReader(JsonPart.Parse(json, name)).Read();

    static void WriteMetadata(Utf8JsonWriter json, TraceResult trace)
    {
        json.WriteStartObject("metadata");
        json.WriteNumber("seq_len", trace.Tokens.Length);
        json.WriteNumber("target_pos", trace.TargetPosition);
        json.WriteNumber("layer", trace.Layer);
        json.WriteNumber("top_beam", trace.Options.TopBeam);
        json.WriteNumber("top_k", trace.Options.TopK);
        json.WriteEndObject();
    }

    static void WritePath(Utf8JsonWriter json, BeamPath path, ImmutableArray<TokenText> tokens)
    {
        json.WriteStartObject();
        WriteList(json, "positions", path.Positions, json.WriteNumberValue);
        WriteList(json, "tokens", path.Positions, position => json.WriteStringValue(WellFormed(tokens[position].Text)));
        WriteList(json, "token_ids", path.Positions, position => json.WriteNumberValue(tokens[position].Id));
        WriteList(json, "edge_attns", path.EdgeAttentions, json.WriteNumberValue);
        json.WriteNumber("score_raw", path.RawScore);
        json.WriteNumber("score_norm", path.Score);
        json.WriteEndObject();
    }

    static void WriteSankey(Utf8JsonWriter json, SankeyGraph sankey, int layer)
    {
        json.WriteStartObject("sankey");
        WriteList(json, "nodes", sankey.Nodes, node =>
        {
            json.WriteStartObject();
            json.WriteString("id", node.Id);
            json.WriteString("name", WellFormed(node.Name));
            json.WriteNumber("position", node.Position);
            json.WriteNumber("layer", node.Layer);
            json.WriteEndObject();
        });
        WriteList(json, "links", sankey.Links, link =>
        {
            json.WriteStartObject();
            json.WriteString("source", SankeyNode.IdOf(layer, link.Source));
            json.WriteString("target", SankeyNode.IdOf(layer, link.Target));
            json.WriteNumber("value", link.Value);
            WriteList(json, "beam_indices", link.PathIndices, json.WriteNumberValue);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    static void WriteOwn(Utf8JsonWriter json, TraceResult trace)
    {
        json.WriteStartObject(OwnKey);
        json.WriteNumber("version", Version);
        WriteModel(json, trace.Model);
        WriteOptions(json, trace.Options);
        WriteTokens(json, trace.Tokens);
        WriteList(json, "path_weights", trace.PathWeights, json.WriteNumberValue);
        WriteList(json, "self_attention", trace.SelfAttention, self =>
        {
            json.WriteStartObject();
            json.WriteNumber("position", self.Key);
            json.WriteNumber("attention", self.Value);
            json.WriteEndObject();
        });
        WriteList(json, "target_attention", trace.TargetAttention, json.WriteNumberValue);
        WriteList(json, "notices", trace.Notices, notice => WriteText(json, notice));
        // Files, reports and pages count prompts from 1.
        json.WriteNumber("prompt", trace.Prompt + 1L);
        json.WriteNumber("prompt_length", trace.PromptLength);
        WriteList(json, "predictions", trace.Predictions, prediction => WritePrediction(json, prediction));
        WriteList(json, "interventions", trace.Interventions, intervention => WriteText(json, intervention));
        if (!trace.Explanations.IsEmpty)
            WriteList(json, "explanations", trace.Explanations, link => WriteExplanation(json, link));
        if (trace.Origin is { } origin)
            WriteOrigin(json, origin);
        json.WriteEndObject();
    }

    static void WriteExplanation(Utf8JsonWriter json, LinkExplanation link)
    {
        json.WriteStartObject();
        json.WriteNumber("query", link.Target);
        json.WriteNumber("key", link.Source);
        json.WriteNumber("score", link.Score);
        json.WriteNumber("attention", link.Attention);
        json.WriteNumber("position_alone", link.PositionAlone);
        WriteList(json, "pairs", link.Pairs, pair =>
        {
            json.WriteStartObject();
            WriteTextIf(json, "query", pair.Query);
            WriteTextIf(json, "key", pair.Key);
            json.WriteNumber("value", pair.Value);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    internal static void WriteModel(Utf8JsonWriter json, TracedModel model)
    {
        json.WriteStartObject("model");
        json.WritePropertyName("name");
        WriteText(json, model.Name);
        json.WriteNumber("layer_count", model.LayerCount);
        json.WriteNumber("head_count", model.HeadCount);
        json.WriteEndObject();
    }

    static void WritePrediction(Utf8JsonWriter json, PredictedToken prediction)
    {
        json.WriteStartObject();
        json.WriteNumber("token_id", prediction.Token.Id);
        WriteTextIf(json, "token", prediction.Token.Text);
        if (prediction.Token.IsPartial)
            json.WriteBase64String("bytes", prediction.Token.Bytes.AsSpan());
        json.WriteNumber("probability", prediction.Probability);
        json.WriteNumber("logit", prediction.Logit);
        json.WriteEndObject();
    }

    internal static void WriteOrigin(Utf8JsonWriter json, TraceOrigin origin)
    {
        json.WriteStartObject("origin");
        WriteTextIf(json, "title", origin.Title);
        WriteTextIf(json, "command", origin.Command);
        WriteTextIf(json, "version", origin.Version);
        json.WriteEndObject();
    }

    static void WriteOptions(Utf8JsonWriter json, TraceOptions options)
    {
        json.WriteStartObject("options");
        json.WriteNumber("min_attn", options.MinAttention);
        json.WriteString("agg_heads", options.Heads.ToString());
        if (options.Weights != AttentionWeights.Standard)
            json.WriteString("weights", PathText.NameOf(options.Weights));
        json.WriteString("length_norm", options.LengthNormalization.ToString());
        json.WriteBoolean("stop_at_bos", options.StopAtBos);
        json.WriteNumber("predictions", options.Predictions);
        if (options.BosTokenId is { } bos)
            json.WriteNumber("bos_token_id", bos);
        if (options.AttentionMask is { } mask)
            WriteList(json, "attention_mask", mask, json.WriteNumberValue);
        json.WriteEndObject();
    }

    internal static void WriteTokens(Utf8JsonWriter json, ImmutableArray<TokenText> tokens)
    {
        WriteList(json, "token_ids", tokens, token => json.WriteNumberValue(token.Id));
        WriteList(json, "token_bytes", tokens.Index().Where(token => token.Item.IsPartial), token =>
        {
            json.WriteStartObject();
            json.WriteNumber("position", token.Index);
            json.WriteBase64String("bytes", token.Item.Bytes.AsSpan());
            json.WriteEndObject();
        });
        WriteList(json, "token_texts", tokens.Index().Where(token => !IsWellFormed(token.Item.Text)), token =>
        {
            json.WriteStartObject();
            json.WriteNumber("position", token.Index);
            json.WritePropertyName("text");
            WriteText(json, token.Item.Text);
            json.WriteEndObject();
        });
    }

    static void WriteTextIf(Utf8JsonWriter json, string name, string? text)
    {
        if (text is null)
            return;
        json.WritePropertyName(name);
        WriteText(json, text);
    }

    internal static void WriteText(Utf8JsonWriter json, string text)
    {
        if (IsWellFormed(text))
        {
            json.WriteStringValue(text);
            return;
        }

        json.WriteStartObject();
        WriteList(json, "utf16", text, unit => json.WriteNumberValue(unit));
        json.WriteEndObject();
    }

    internal static void WriteList<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            write(item);
            // The writer keeps what is not flushed, which is hundreds of megabytes for many paths.
            if (json.BytesPending > MostPending)
                json.Flush();
        }

        json.WriteEndArray();
    }

    internal static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    static bool IsWellFormed(string text) => WellFormed(text) == text;
}
