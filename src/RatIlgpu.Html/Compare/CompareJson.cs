using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>Writes how the shares of two traces or flows differ as JSON: what <see cref="ComparePage"/>
/// shows.</summary>
public static class CompareJson
{
    static readonly JsonWriterOptions Layout = new() { Indented = true, NewLine = "\n" };

    /// <summary>Returns the JSON. Tokens, links and paths come with the largest difference first; <c>a</c> and <c>b</c>
    /// are null where a trace does not have the counterpart. Of two traces that explain links, the parts of their
    /// scores follow (<see cref="ComparePage.PartsOf"/>).</summary>
    /// <param name="a">The first trace.</param>
    /// <param name="b">The second trace.</param>
    /// <param name="options">The names of the traces. Default: those of a new <see cref="ComparePageOptions"/>.</param>
    public static string Write(TraceResult a, TraceResult b, ComparePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        options ??= new();
        var isWeighted = a.Options.Weights != AttentionWeights.Standard
            || b.Options.Weights != AttentionWeights.Standard;
        return Write(
            "compare", new TraceComparison(a, b),
            json =>
            {
                WriteTrace(json, "a", options.NameA, a, isWeighted);
                WriteTrace(json, "b", options.NameB, b, isWeighted);
            });
    }

    /// <summary>Returns the JSON of two flows: as of two traces, but links are steps, each with its layer.</summary>
    /// <param name="a">The first flow.</param>
    /// <param name="b">The second flow.</param>
    /// <param name="options">The names of the flows. Default: those of a new <see cref="ComparePageOptions"/>.</param>
    public static string Write(FlowResult a, FlowResult b, ComparePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        options ??= new();
        return Write(
            "compare-flow", new FlowComparison(a, b),
            json =>
            {
                WriteFlow(json, "a", options.NameA, a);
                WriteFlow(json, "b", options.NameB, b);
            });
    }

    static string Write(string kind, Comparison comparison, Action<Utf8JsonWriter> writeBoth)
    {
        var (a, b) = (comparison.SideA, comparison.SideB);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Layout))
        {
            json.WriteStartObject();
            json.WriteString("kind", kind);
            json.WriteNumber("version", 1);
            json.WriteBoolean("equal", comparison.AreEqual);
            writeBoth(json);
            WriteList(json, "tokens", comparison.Tokens, (_, position) => json.WriteNumberValue(position));
            WriteList(json, "links", comparison.Links, (side, link) => WriteLink(json, side.EndsOf(link)));
            WriteList(json, "paths", comparison.Paths, (_, path) => json.WriteNumberValue(path));
            if (comparison.Parts is { } parts)
                WriteParts(json, parts);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);

        void WriteList(
            Utf8JsonWriter writer,
            string name,
            ImmutableArray<ShareDifference> differences,
            Action<ComparedSide, int> write)
        {
            writer.WriteStartArray(name);
            foreach (var one in differences)
                WriteDifference(writer, one, () => write(a, one.A), () => write(b, one.B));
            writer.WriteEndArray();
        }
    }

    static void WriteTrace(Utf8JsonWriter json, string side, string name, TraceResult trace, bool isWeighted)
    {
        json.WriteStartObject(side);
        json.WriteString("name", name);
        json.WriteString("model", trace.Model.Name);
        json.WriteNumber("layer", trace.Layer);
        json.WriteString("heads", trace.Options.Heads.ToString());
        if (isWeighted)
            json.WriteString("weights", AttentionPlan.NameOf(trace.Options.Weights));
        json.WriteNumber("position", trace.TargetPosition);
        WriteRun(json, trace.Tokens, trace.Options.AttentionMask, trace.Interventions);
        json.WriteEndObject();
    }

    static void WriteFlow(Utf8JsonWriter json, string side, string name, FlowResult flow)
    {
        json.WriteStartObject(side);
        json.WriteString("name", name);
        json.WriteString("model", flow.Model.Name);
        json.WriteString("flow", flow.Options.Method == FlowMethod.Norm ? "norm" : "rollout");
        json.WriteNumber("from_layer", flow.Options.FromLayer.Value);
        json.WriteNumber("to_layer", flow.Options.ToLayer.Value);
        json.WriteNumber("position", flow.TargetPosition);
        WriteRun(json, flow.Tokens, flow.Options.AttentionMask, flow.Interventions);
        json.WriteEndObject();
    }

    static void WriteRun(
        Utf8JsonWriter json, ImmutableArray<TokenText> tokens, ValueArray<int>? mask, ValueArray<string> interventions)
    {
        TraceData.Array(json, "tokens", tokens, token => json.WriteStringValue(token.Text));
        if (mask is { } given)
            TraceData.Array(json, "attention_mask", given, json.WriteNumberValue);
        TraceData.Array(json, "interventions", interventions, json.WriteStringValue);
    }

    static void WriteDifference(Utf8JsonWriter json, ShareDifference one, Action writeA, Action writeB)
    {
        json.WriteStartObject();
        foreach (var (side, index, write) in new[] { ("a", one.A, writeA), ("b", one.B, writeB) })
        {
            json.WritePropertyName(side);
            if (index == Alignment.None)
                json.WriteNullValue();
            else
                write();
        }

        json.WriteNumber("share_a", one.ShareA);
        json.WriteNumber("share_b", one.ShareB);
        json.WriteNumber("difference", one.Difference);
        json.WriteEndObject();
    }

    static void WriteParts(Utf8JsonWriter json, ImmutableArray<PartDifference> parts)
    {
        json.WriteStartArray("parts");
        foreach (var part in parts)
        {
            json.WriteStartObject();
            foreach (var (side, link) in new[] { ("a", part.A), ("b", part.B) })
            {
                json.WritePropertyName(side);
                WriteLink(json, (link.Target, link.Source, null));
            }

            json.WriteString("query", part.Query);
            json.WriteString("key", part.Key);
            WriteValue("value_a", part.ValueA);
            WriteValue("value_b", part.ValueB);
            json.WriteNumber("difference", part.Difference);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        void WriteValue(string name, double? value)
        {
            if (value is { } known)
                json.WriteNumber(name, known);
            else
                json.WriteNull(name);
        }
    }

    static void WriteLink(Utf8JsonWriter json, (int Query, int Key, int? Layer) link)
    {
        json.WriteStartObject();
        if (link.Layer is { } layer)
            json.WriteNumber("layer", layer);
        json.WriteNumber("source", link.Key);
        json.WriteNumber("target", link.Query);
        json.WriteEndObject();
    }
}
