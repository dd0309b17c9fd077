using System.Text.Json;
using System.Text.RegularExpressions;
using RatIlgpu.Html;

namespace RatIlgpu.Cli.Tracing;

/// <summary>The files that traces are written to: a page, and the data of each trace.</summary>
/// <remarks>A single trace goes into <c>trace.json</c>, the file of Reverse Attention Tracer, whose schema holds one
/// trace only. Flows through all layers go into <c>flow.json</c> in the same way.</remarks>
static partial class TraceFiles
{
    /// <summary>The page.</summary>
    public const string Page = "index.html";

    /// <summary>Tells whether a file of this name is one that a trace writes.</summary>
    public static bool IsOwn(string name) => name == Page || Data.IsMatch(name);

    /// <summary>Writes the files, and deletes the trace files of an earlier run, which the new page does not
    /// show.</summary>
    /// <param name="page">Makes the page.</param>
    /// <param name="data">The names of the data of the traces, and what writes them.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="session">The session.</param>
    public static WrittenTraces Write(
        Func<HtmlPage> page,
        ImmutableArray<(string Name, Action<Stream> Write)> data,
        OutputFolder folder,
        Session session)
    {
        // The page is made first: it may be refused.
        var html = Abandonable.Run(session.Cancellation, page);
        var written = new List<string>();
        foreach (var (name, write) in data)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            written.Add(folder.Write(name, write));
        }

        var file = folder.Write(Page, html.Write);
        var kept = data.Select(one => one.Name).ToHashSet();
        return new(file, written, folder.Delete(name => Data.IsMatch(name) && !kept.Contains(name)));
    }

    /// <summary>Writes the JSON of all traces: that of <c>trace.json</c> for one, a list for several.</summary>
    public static void WriteJson(IReadOnlyList<TraceResult> results, Session session, Stream destination)
    {
        if (results is [var single])
        {
            TraceJson.Write(single, destination);
            return;
        }

        using var json = new Utf8JsonWriter(destination, new() { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteString("kind", "trace");
        json.WriteNumber("version", 1);
        json.WriteStartArray("traces");
        foreach (var result in results)
        {
            json.WriteRawValue(TraceJson.Write(result));
            json.Flush();
        }

        json.WriteEndArray();
        if (session.IsBatch)
            TraceSummaryJson.WriteRows(TraceSummary.Of(results), json);
        json.WriteEndObject();
    }

    [GeneratedRegex(
        @"\A(trace|flow)(-prompt[1-9]\d{0,8})?(-P(0|[1-9]\d{0,8}))?(-L(0|[1-9]\d{0,8})(H(0|[1-9]\d{0,8}))?)?\.json\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Data { get; }
}

/// <summary>The files that were written.</summary>
/// <param name="Page">The page.</param>
/// <param name="Data">The data of the traces.</param>
/// <param name="Deleted">The files of an earlier run that were deleted.</param>
sealed record WrittenTraces(string Page, IReadOnlyList<string> Data, IReadOnlyList<string> Deleted);
