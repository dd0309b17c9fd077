using System.Text.Json;

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

    /// <summary>Writes CSV.</summary>
    public static void WriteCsv(ImmutableArray<AtlasRow> rows, Stream stream) => TableOf(rows).WriteCsv(stream);

    /// <summary>Writes a Parquet file with the columns of the CSV.</summary>
    public static void WriteParquet(ImmutableArray<AtlasRow> rows, HeadAtlas atlas, Stream stream) =>
        TableOf(rows).WriteParquet(stream, new Dictionary<string, string>
        {
            [Mark] = "1",
            ["model"] = atlas.Manifest.Model,
            ["fingerprint"] = atlas.Manifest.Fingerprint,
        });

    /// <summary>Returns a value of an enumeration as the JSON spells it.</summary>
    public static string Name(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    static ResultTable TableOf(ImmutableArray<AtlasRow> rows)
    {
        var names = Header.Split(',');
        return new(
        [
            TableColumn.Of(names[0], rows.Select(row => row.Head.Layer)),
            TableColumn.Of(names[1], rows.Select(row => row.Head.Head)),
            TableColumn.Of(names[2], rows.Select(row => row.KeyValueHead)),
            TableColumn.Of(names[3], rows.Select(row => row.ScoreId)),
            .. Enumerable.Range(0, AtlasRow.NumberCount).Select(number =>
                TableColumn.Of(names[4 + number], rows.Select(row => row.Numbers[number]))),
            TableColumn.Of(names[11], rows.Select(row => row.Score.Count)),
            TableColumn.Of(names[12], rows.Select(row => row.Roles)),
        ]);
    }
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

    /// <summary>Gets the numbers in the order of the columns.</summary>
    public ImmutableArray<double?> Numbers { get; } =
        [Score.Raw, Score.Chance, Score.Excess, Score.WithoutFirst, Score.WithoutSelf, Score.Low, Score.High];
}
