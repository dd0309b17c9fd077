namespace RatIlgpu.Html;

/// <summary>Stores texts that share most of their lines, each shared line once.</summary>
/// <remarks>The JSON of each layer repeats every token of the prompt twice. In a long prompt the repetitions are
/// farther apart than gzip looks back.</remarks>
static class SharedText
{
    // In lines. A reference to a shorter run is as long as the run.
    const int LeastRun = 16;

    /// <summary>Returns a compressed block for each text. The first block has this identifier and holds its whole text.
    /// The others are numbered from 1 and hold a JSON array of parts: a string is text, <c>[line, count]</c> are lines
    /// of the first text.</summary>
    public static IEnumerable<DataBlock> Blocks(string id, IEnumerable<string> texts)
    {
        string[] whole = [];
        Dictionary<string, int> runs = [];
        // One text at a time, since there can be thousands.
        foreach (var (i, text) in texts.Index())
        {
            var lines = text.Split('\n');
            if (i > 0)
            {
                yield return DataBlock.Compressed($"{id}-{i}", JsonSerializer.Serialize(Parts(lines, whole, runs)));
                continue;
            }

            (whole, runs) = (lines, RunsOf(lines));
            yield return DataBlock.Compressed(id, text);
        }
    }

    // The first line of each run of lines in the first text.
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
