using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Tracing;

/// <summary>The files that traces are written to: a page, and the data of each trace.</summary>
/// <remarks>A single trace goes into <c>trace.json</c>, the file of Reverse Attention Tracer, whose schema holds one
/// trace only.</remarks>
static partial class TraceFiles
{
    /// <summary>The page.</summary>
    public const string Page = "index.html";

    /// <summary>Writes the files, and deletes the trace files of an earlier run, which the new page does not
    /// show.</summary>
    public static WrittenTraces Write(
        ImmutableArray<TraceResult> results,
        TraceNames names,
        TracePageOptions look,
        OutputFolder folder,
        Session session)
    {
        var (files, html) = Abandonable.Run(session.Cancellation, () =>
        {
            var written = results
                .Select(result => (Name: names.FileOf(TracePlace.Of(result)), Json: TraceJson.Write(result)))
                .ToList();
            return (written, TracePage.Render(results, look));
        });
        var page = folder.Write(Page, html.Html);
        var data = files.Select(file => folder.Write(file.Name, file.Json)).ToList();
        var kept = files.Select(file => file.Name).ToHashSet();
        return new(page, data, folder.Delete(name => Data.IsMatch(name) && !kept.Contains(name)));
    }

    /// <summary>Returns the JSON of all traces: that of <c>trace.json</c> for one, a list for several.</summary>
    public static string Json(IReadOnlyList<TraceResult> results)
    {
        if (results is [var single])
            return TraceJson.Write(single);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("kind", "trace");
            json.WriteNumber("version", 1);
            json.WriteStartArray("traces");
            foreach (var result in results)
                json.WriteRawValue(TraceJson.Write(result));
            json.WriteEndArray();
            var rows = TraceSummary.Of(results).ToList();
            WriteRows(json, "mean", rows.Select(row => (row.Name, row.Of.Mean)));
            WriteRows(json, "spread", rows.Select(row => (row.Name, row.Of.Spread)));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    static void WriteRows(Utf8JsonWriter json, string name, IEnumerable<(string Name, double Value)> rows)
    {
        json.WriteStartArray(name);
        foreach (var (label, value) in rows)
        {
            json.WriteStartObject();
            json.WriteString("label", label);
            if (double.IsFinite(value))
                json.WriteNumber("value", value);
            else
                json.WriteNull("value");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    [GeneratedRegex(
        @"\Atrace(-prompt[1-9]\d{0,8})?(-P(0|[1-9]\d{0,8}))?(-L(0|[1-9]\d{0,8})(H(0|[1-9]\d{0,8}))?)?\.json\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Data { get; }
}

/// <summary>The files that were written.</summary>
/// <param name="Page">The page.</param>
/// <param name="Data">The data of the traces.</param>
/// <param name="Deleted">The files of an earlier run that were deleted.</param>
sealed record WrittenTraces(string Page, IReadOnlyList<string> Data, IReadOnlyList<string> Deleted);
