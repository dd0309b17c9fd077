using System.Text.RegularExpressions;
using RatIlgpu.Html;

namespace RatIlgpu.Cli;

/// <summary>The files that a trace is written to: a page, and the data of each layer.</summary>
/// <remarks>A trace of one layer goes into <c>trace.json</c>, the file of Reverse Attention Tracer, whose schema holds
/// one layer only.</remarks>
static partial class TraceFiles
{
    const string Page = "index.html", Single = "trace.json";

    /// <summary>Checks that the files can be written to a folder. Without layers it is one file, without a
    /// number.</summary>
    public static OutputFolder FolderFor(string path, ImmutableArray<int>? layers) =>
        OutputFolder.For(path, layers is { } several ? [Page, .. several.Select(NameOf)] : [Page, Single]);

    /// <summary>Writes the files, and deletes the trace files of an earlier run, which the new page does not
    /// show.</summary>
    public static (string Page, string Data, IReadOnlyList<string> Deleted) Write(
        ImmutableArray<TraceResult> results, bool numbered, OutputFolder folder, CancellationToken cancellation)
    {
        var (files, html) = Abandonable.Run(cancellation, () =>
        {
            var written = results
                .Select(result => (Name: numbered ? NameOf(result.Layer) : Single, Json: TraceJson.Write(result)))
                .ToList();
            return (written, TracePage.Render(results));
        });
        var page = folder.Write(Page, html.Html);
        var data = string.Join(", ", files.Select(file => folder.Write(file.Name, file.Json)));
        var names = files.Select(file => file.Name).ToHashSet();
        return (page, data, folder.Delete(name => Data.IsMatch(name) && !names.Contains(name)));
    }

    static string NameOf(int layer) => $"trace-L{layer}.json";

    [GeneratedRegex(@"\Atrace(-L(0|[1-9]\d{0,8}))?\.json\z", RegexOptions.CultureInvariant)]
    private static partial Regex Data { get; }
}
