namespace RatIlgpu.Html;

/// <summary>Writes how the shares of two traces differ as JSON: what <see cref="ComparePage"/> shows.</summary>
public static class CompareJson
{
    static readonly JsonWriterOptions Layout = new() { Indented = true, NewLine = "\n" };

    /// <summary>Returns the JSON. Tokens, links and paths come with the largest difference first; <c>a</c> and <c>b</c>
    /// are null where a trace does not have the counterpart.</summary>
    /// <param name="a">The first trace.</param>
    /// <param name="b">The second trace.</param>
    /// <param name="options">The names of the traces. Default: those of a new <see cref="ComparePageOptions"/>.</param>
    public static string Write(TraceResult a, TraceResult b, ComparePageOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        options ??= new();
        var comparison = new TraceComparison(a, b);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Layout))
        {
            json.WriteStartObject();
            json.WriteString("kind", "compare");
            json.WriteNumber("version", 1);
            json.WriteBoolean("equal", comparison.AreEqual);
            var isWeighted = a.Options.Weights != AttentionWeights.Standard
                || b.Options.Weights != AttentionWeights.Standard;
            WriteTrace(json, "a", options.NameA, a, isWeighted);
            WriteTrace(json, "b", options.NameB, b, isWeighted);
            WriteList(json, "tokens", comparison.Tokens, (_, position) => json.WriteNumberValue(position));
            WriteList(json, "links", comparison.Links, (trace, link) => WriteLink(json, trace.Sankey.Links[link]));
            WriteList(json, "paths", comparison.Paths, (_, path) => json.WriteNumberValue(path));
            json.WriteEndObject();

            void WriteList(
                Utf8JsonWriter writer,
                string name,
                ImmutableArray<ShareDifference> differences,
                Action<TraceResult, int> write)
            {
                writer.WriteStartArray(name);
                foreach (var one in differences)
                    WriteDifference(writer, one, () => write(a, one.A), () => write(b, one.B));
                writer.WriteEndArray();
            }
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
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
        json.WriteStartArray("tokens");
        foreach (var token in trace.Tokens)
            json.WriteStringValue(token.Text);
        json.WriteEndArray();
        json.WriteEndObject();
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

    static void WriteLink(Utf8JsonWriter json, Tracing.SankeyLink link)
    {
        json.WriteStartObject();
        json.WriteNumber("source", link.Source);
        json.WriteNumber("target", link.Target);
        json.WriteEndObject();
    }
}
