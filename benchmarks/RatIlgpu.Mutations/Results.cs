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
            row.Take(new(outcome.Megabytes, number), new(outcome.Seconds * 1000, number));
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
        text.AppendLine(
            "| file | cases | right | refused | refused in use | wrong | most MB (case) | longest ms (case) |");
        text.AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (var (file, row) in rows.Append(new("all", Row.Sum(rows.Values))))
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| `{file}` | {row.Counts.Sum():N0} | {string.Join(" | ", row.Counts.Select(Number))} | "
                + $"{row.Megabytes.Value:F1} ({row.Megabytes.Case}) | "
                + $"{row.Milliseconds.Value:F0} ({row.Milliseconds.Case}) |");
        return text.ToString();
    }

    static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    readonly record struct Most(double Value, long Case);

    sealed class Row
    {
        public long[] Counts { get; } = new long[4];

        public Most Megabytes { get; private set; }

        public Most Milliseconds { get; private set; }

        public void Take(Most megabytes, Most milliseconds)
        {
            if (megabytes.Value > Megabytes.Value)
                Megabytes = megabytes;
            if (milliseconds.Value > Milliseconds.Value)
                Milliseconds = milliseconds;
        }

        public static Row Sum(IEnumerable<Row> rows)
        {
            var sum = new Row();
            foreach (var row in rows)
            {
                for (var kind = 0; kind < sum.Counts.Length; kind++)
                    sum.Counts[kind] += row.Counts[kind];
                sum.Take(row.Megabytes, row.Milliseconds);
            }

            return sum;
        }
    }
}
