using System.Collections.Immutable;
using System.Text.Json;

namespace RatIlgpu.Html;

/// <summary>Texts that have most of their lines in common, kept without saying those again.</summary>
/// <remarks>Of a long prompt every trace repeats each token twice; gzip does not reach back far enough to see
/// it.</remarks>
static class SharedText
{
    // Shorter runs cost as much to refer to as to repeat.
    const int LeastRun = 16;

    /// <summary>Returns a compressed block for each text. The first, of this identifier, holds its text whole. The
    /// others, numbered from 1, hold a JSON array of what follows upon what: text of their own, or the first line and
    /// the number of lines of a piece of the first text.</summary>
    public static ImmutableArray<DataBlock> Blocks(string id, IEnumerable<string> texts)
    {
        var all = texts.Select(text => text.Split('\n')).ToList();
        var whole = DataBlock.Compressed(id, string.Join('\n', all[0]));
        var runs = RunsOf(all[0]);
        return
        [
            whole,
            .. all.Skip(1).Select((lines, i) =>
                DataBlock.Compressed($"{id}-{i + 1}", JsonSerializer.Serialize(Parts(lines, all[0], runs)))),
        ];
    }

    // Where each run of lines first stands in the text that is kept whole.
    static Dictionary<string, int> RunsOf(string[] lines)
    {
        var runs = new Dictionary<string, int>();
        for (var start = 0; start + LeastRun <= lines.Length; start++)
            runs.TryAdd(Run(lines, start), start);
        return runs;
    }

    static List<object> Parts(string[] lines, string[] whole, Dictionary<string, int> runs)
    {
        var (parts, own) = (new List<object>(), new List<string>());
        for (var at = 0; at < lines.Length;)
        {
            if (at + LeastRun > lines.Length || !runs.TryGetValue(Run(lines, at), out var start))
            {
                own.Add(lines[at++]);
                continue;
            }

            var count = lines.AsSpan(at).CommonPrefixLength(whole.AsSpan(start));
            if (own.Count > 0)
                parts.Add(string.Join('\n', own));
            own.Clear();
            parts.Add(new[] { start, count });
            at += count;
        }

        if (own.Count > 0)
            parts.Add(string.Join('\n', own));
        return parts;
    }

    static string Run(string[] lines, int start) => string.Join('\n', lines.AsSpan(start, LeastRun));
}
