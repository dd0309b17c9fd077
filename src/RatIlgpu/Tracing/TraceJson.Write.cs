using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using RatIlgpu.Text;

namespace RatIlgpu.Tracing;

public static partial class TraceJson
{
    // The same bytes on every system.
    static readonly JsonWriterOptions Layout = new() { Indented = true, NewLine = "\n" };

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
        json.WriteStartObject("model");
        json.WritePropertyName("name");
        WriteText(json, trace.Model.Name);
        json.WriteNumber("layer_count", trace.Model.LayerCount);
        json.WriteNumber("head_count", trace.Model.HeadCount);
        json.WriteEndObject();
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
        json.WriteEndObject();
    }

    static void WriteOptions(Utf8JsonWriter json, TraceOptions options)
    {
        json.WriteStartObject("options");
        json.WriteNumber("min_attn", options.MinAttention);
        json.WriteString("agg_heads", options.Heads.ToString());
        json.WriteString("length_norm", options.LengthNormalization.ToString());
        json.WriteBoolean("stop_at_bos", options.StopAtBos);
        if (options.BosTokenId is { } bos)
            json.WriteNumber("bos_token_id", bos);
        if (options.AttentionMask is { } mask)
            WriteList(json, "attention_mask", mask, json.WriteNumberValue);
        json.WriteEndObject();
    }

    static void WriteTokens(Utf8JsonWriter json, ImmutableArray<TokenText> tokens)
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

    static void WriteText(Utf8JsonWriter json, string text)
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

    static void WriteList<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            write(item);
        json.WriteEndArray();
    }
}
