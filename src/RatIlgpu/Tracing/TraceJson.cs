using System.Text;

namespace RatIlgpu.Tracing;

/// <summary>Writes traces to <c>trace.json</c> and reads them back.</summary>
/// <remarks>The file has the keys of Reverse Attention Tracer, so that what reads its files reads ours; all that it
/// does not know lies under one more key, <c>ratilgpu</c>. Files of either are read. Positions of a path run from the
/// target back; links run from the earlier position to the later one and name their nodes. Text that is not well-formed
/// (a half of a surrogate pair) has U+FFFD under the common keys, and its UTF-16 code units under ours.</remarks>
public static partial class TraceJson
{
    internal const string OwnKey = "ratilgpu";
    internal const int Version = 1;

    internal static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    static bool IsWellFormed(string text) => WellFormed(text) == text;
}
