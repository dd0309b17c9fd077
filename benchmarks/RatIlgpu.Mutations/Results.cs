using System.Globalization;

namespace RatIlgpu.Mutations;

/// <summary>Counts how the cases ended, by the file that was changed.</summary>
sealed class Results
{
    const int MostShown = 40;

    readonly Lock gate = new();
    readonly SortedDictionary<string, Row> rows = new(StringComparer.Ordinal);
    readonly List<string> faults = [];

    /// <summary>Gets the number of cases.</summary>
    public long Count => rows.Values.Sum(row => row.Counts.Sum());

    /// <summary>Gets whether no case ended wrongly.</summary>
    public bool IsClean => faults.Count == 0;

    /// <summary>Adds a case.</summary>
    public void Add(string file, long number, Outcome outcome)
    {
        lock (gate)
        {
            if (!rows.TryGetValue(file, out var row))
                rows[file] = row = new();
            row.Counts[(int)outcome.Kind]++;
            row.Megabytes = double.Max(row.Megabytes, outcome.Megabytes);
            row.Seconds = double.Max(row.Seconds, outcome.Seconds);
            if (outcome.Fault is { } fault)
                faults.Add($"case {number}, {file}: {fault}");
            if (Count % 50_000 == 0)
                Console.Error.WriteLine($"{Count:N0} cases, {faults.Count:N0} wrong");
        }
    }

    /// <summary>Returns the counts as a table of Markdown, and the first faults.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        foreach (var fault in faults.Take(MostShown))
            text.AppendLine(fault);
        text.AppendLine("| file | cases | right | refused | refused in use | wrong | most MB | longest ms |");
        text.AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (var (file, row) in rows.Append(new("all", Row.Sum(rows.Values))))
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| `{file}` | {row.Counts.Sum():N0} | {string.Join(" | ", row.Counts.Select(Number))} | "
                + $"{row.Megabytes:F1} | {row.Seconds * 1000:F0} |");
        return text.ToString();
    }

    static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    sealed class Row
    {
        public long[] Counts { get; } = new long[4];

        public double Megabytes { get; set; }

        public double Seconds { get; set; }

        public static Row Sum(IEnumerable<Row> rows)
        {
            var sum = new Row();
            foreach (var row in rows)
            {
                for (var kind = 0; kind < sum.Counts.Length; kind++)
                    sum.Counts[kind] += row.Counts[kind];
                (sum.Megabytes, sum.Seconds) =
                    (double.Max(sum.Megabytes, row.Megabytes), double.Max(sum.Seconds, row.Seconds));
            }

            return sum;
        }
    }
}
