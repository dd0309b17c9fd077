using System.Text;
using Parquet;
using Parquet.Schema;

namespace RatIlgpu.Cli;

/// <summary>A table of results: as CSV and as Parquet, with the same columns.</summary>
/// <param name="Columns">The columns, as long as each other.</param>
sealed record ResultTable(ImmutableArray<TableColumn> Columns)
{
    /// <summary>Gets the first line of the CSV.</summary>
    public string Header => string.Join(',', Columns.Select(column => column.Name));

    /// <summary>Writes CSV as RFC 4180 has it: UTF-8, lines that end with CR LF.</summary>
    public void WriteCsv(Stream stream)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\r\n" };
        writer.WriteLine(Header);
        for (var row = 0; row < Columns[0].Count; row++)
            writer.WriteLine(string.Join(',', Columns.Select(column => column.FieldAt(row))));
    }

    /// <summary>Writes a Parquet file; what is empty in the CSV is null there.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="metadata">What the file says of itself.</param>
    public void WriteParquet(Stream stream, IReadOnlyDictionary<string, string> metadata) =>
        WriteAsync(stream, metadata).GetAwaiter().GetResult();

    /// <summary>Returns a field of text: quoted where it has a comma, quote or line end. A spreadsheet computes a text
    /// that begins like a formula, even after spaces; an apostrophe keeps it a text.</summary>
    public static string Quoted(string text)
    {
        if (text is ['\t' or '\r' or '\n', ..] || text.TrimStart() is ['=' or '+' or '-' or '@', ..])
            text = "'" + text;
        return text.AsSpan().IndexOfAny("\",\r\n") < 0
            ? text
            : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    async Task WriteAsync(Stream stream, IReadOnlyDictionary<string, string> metadata)
    {
        await using var writer = await ParquetWriter.CreateAsync(
            new ParquetSchema([.. Columns.Select(column => column.Field)]), stream);
        writer.CustomMetadata = metadata;
        using var group = writer.CreateRowGroup();
        foreach (var column in Columns)
            await column.WriteAsync(group);
    }
}

/// <summary>A column of a table.</summary>
/// <param name="Field">The name and the type.</param>
abstract record TableColumn(DataField Field)
{
    /// <summary>Gets the name.</summary>
    public string Name => Field.Name;

    /// <summary>Gets the number of rows.</summary>
    public abstract int Count { get; }

    /// <summary>Returns what the CSV has in a row.</summary>
    public abstract string FieldAt(int row);

    /// <summary>Writes the column to a Parquet file.</summary>
    public abstract Task WriteAsync(ParquetRowGroupWriter group);

    /// <summary>Returns a column of whole numbers.</summary>
    public static TableColumn Of(string name, IEnumerable<int> values) => new Wholes(name, [.. values]);

    /// <summary>Returns a column of numbers that are all there.</summary>
    public static TableColumn Of(string name, IEnumerable<double> values) => new Numbers(name, [.. values]);

    /// <summary>Returns a column of numbers; one that is not finite is as good as none.</summary>
    public static TableColumn Of(string name, IEnumerable<double?> values) =>
        new Gaps(name, [.. values.Select(number => number is { } some && double.IsFinite(some) ? number : null)]);

    /// <summary>Returns a column of texts.</summary>
    public static TableColumn Of(string name, IEnumerable<string> values) => new Texts(name, [.. values]);

    static string Text(double? number) => number?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    sealed record Wholes(string Column, int[] Values) : TableColumn(new DataField<int>(Column))
    {
        public override int Count => Values.Length;

        public override string FieldAt(int row) => Values[row].ToString(CultureInfo.InvariantCulture);

        public override async Task WriteAsync(ParquetRowGroupWriter group) =>
            await group.WriteAsync<int>(Field, Values);
    }

    sealed record Numbers(string Column, double[] Values) : TableColumn(new DataField<double>(Column))
    {
        public override int Count => Values.Length;

        public override string FieldAt(int row) => Text(Values[row]);

        public override async Task WriteAsync(ParquetRowGroupWriter group) =>
            await group.WriteAsync<double>(Field, Values);
    }

    sealed record Gaps(string Column, double?[] Values) : TableColumn(new DataField<double?>(Column))
    {
        public override int Count => Values.Length;

        public override string FieldAt(int row) => Text(Values[row]);

        public override async Task WriteAsync(ParquetRowGroupWriter group) =>
            await group.WriteAsync<double>(Field, new ReadOnlyMemory<double?>(Values));
    }

    sealed record Texts(string Column, string[] Values)
        : TableColumn(new DataField(Column, typeof(string), isNullable: false))
    {
        public override int Count => Values.Length;

        public override string FieldAt(int row) => ResultTable.Quoted(Values[row]);

        public override async Task WriteAsync(ParquetRowGroupWriter group) => await group.WriteAsync(Field, Values);
    }
}
