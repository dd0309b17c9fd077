using System.Text;
using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace RatIlgpu.Cli.Heads;

/// <summary>The scores of an atlas as one table, a row for each score of each head: as CSV and as Parquet.</summary>
static class AtlasTable
{
    /// <summary>The first line of the CSV, by which the file is known.</summary>
    public const string Header = "layer,head,kv,score,raw,chance,excess,no_sink,no_self,lo,hi,n,roles";

    /// <summary>The name of the metadata of the Parquet file, by which it is known.</summary>
    public const string Mark = "ratilgpu.atlas";

    /// <summary>Returns the rows: by head, then in the order of the definitions.</summary>
    public static ImmutableArray<AtlasRow> Rows(HeadAtlas atlas) =>
    [
        .. from head in atlas.Heads
           let roles = string.Join(' ', head.Roles.Select(role => Name(role.Role)))
           from score in atlas.Scores
           where head.Scores.ContainsKey(score.Id)
           select new AtlasRow(head.Head, head.KeyValueHead, score.Id, head.Scores[score.Id], roles),
    ];

    /// <summary>Writes CSV as RFC 4180 has it: UTF-8, lines that end with CR LF.</summary>
    public static void WriteCsv(ImmutableArray<AtlasRow> rows, Stream stream)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\r\n" };
        writer.WriteLine(Header);
        foreach (var row in rows)
            writer.WriteLine(string.Join(',', (string[])
            [
                Text(row.Head.Layer), Text(row.Head.Head), Text(row.KeyValueHead), Quoted(row.ScoreId),
                .. row.Numbers.Select(Text), Text(row.Score.Count), Quoted(row.Roles),
            ]));
    }

    /// <summary>Writes a Parquet file with the columns of the CSV; what is empty there is null.</summary>
    public static void WriteParquet(ImmutableArray<AtlasRow> rows, HeadAtlas atlas, Stream stream) =>
        WriteParquetAsync(rows, atlas, stream).GetAwaiter().GetResult();

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

    static async Task WriteParquetAsync(ImmutableArray<AtlasRow> rows, HeadAtlas atlas, Stream stream)
    {
        DataField[] fields =
        [
            new DataField<int>("layer"), new DataField<int>("head"), new DataField<int>("kv"),
            new DataField("score", typeof(string), isNullable: false), new DataField<double?>("raw"),
            new DataField<double?>("chance"), new DataField<double?>("excess"), new DataField<double?>("no_sink"),
            new DataField<double?>("no_self"), new DataField<double?>("lo"), new DataField<double?>("hi"),
            new DataField<double>("n"), new DataField("roles", typeof(string), isNullable: false),
        ];
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream);
        writer.CustomMetadata = new Dictionary<string, string>
        {
            [Mark] = "1",
            ["model"] = atlas.Manifest.Model,
            ["fingerprint"] = atlas.Manifest.Fingerprint,
        };
        using var group = writer.CreateRowGroup();
        await group.WriteAsync<int>(fields[0], rows.Select(row => row.Head.Layer).ToArray());
        await group.WriteAsync<int>(fields[1], rows.Select(row => row.Head.Head).ToArray());
        await group.WriteAsync<int>(fields[2], rows.Select(row => row.KeyValueHead).ToArray());
        await group.WriteAsync(fields[3], rows.Select(row => row.ScoreId).ToArray());
        for (var number = 0; number < AtlasRow.NumberCount; number++)
            await group.WriteAsync<double>(
                fields[4 + number],
                new ReadOnlyMemory<double?>([.. rows.Select(row => row.Numbers[number])]));
        await group.WriteAsync<double>(fields[11], rows.Select(row => row.Score.Count).ToArray());
        await group.WriteAsync(fields[12], rows.Select(row => row.Roles).ToArray());
    }

    /// <summary>Returns a value of an enumeration as the JSON spells it.</summary>
    public static string Name(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    static string Text(double? number) => number?.ToString("R", CultureInfo.InvariantCulture) ?? "";
}

/// <summary>A row of the table of an atlas.</summary>
/// <param name="Head">The head.</param>
/// <param name="KeyValueHead">The key/value head that it reads.</param>
/// <param name="ScoreId">The id of the score.</param>
/// <param name="Score">The score.</param>
/// <param name="Roles">The roles of the head, with blanks between.</param>
sealed record AtlasRow(HeadIndex Head, int KeyValueHead, string ScoreId, HeadScore Score, string Roles)
{
    /// <summary>The length of <see cref="Numbers"/>.</summary>
    public const int NumberCount = 7;

    /// <summary>Gets the numbers in the order of the columns; null in place of one that is not finite.</summary>
    public ImmutableArray<double?> Numbers { get; } =
    [
        .. new[]
        {
            Score.Raw, Score.Chance, Score.Excess, Score.WithoutFirst, Score.WithoutSelf, Score.Low, Score.High,
        }.Select(number => number is { } some && double.IsFinite(some) ? number : null),
    ];
}
