using System.Text;
using Parquet;
using RatIlgpu.Analysis;
using RatIlgpu.Cli.Heads;

namespace RatIlgpu.Cli.Tests.Heads;

public sealed class AtlasTableTests
{
    static readonly ImmutableArray<AtlasRow> Rows =
    [
        new(new(1, 2), 1, "previous", new(0.5, 40) { Chance = 0.25, WithoutFirst = 0.625, Low = -0.5, High = 1 }, ""),
        new(new(10, 0), 0, "a,\"b\"", new(double.NaN, 1), "previous_token induction"),
        new(new(10, 0), 0, "=1+1", new(1e-20, 12.5), ""),
    ];

    static readonly HeadAtlas Atlas = new()
    {
        Manifest = new()
        {
            Model = "m",
            Fingerprint = "f",
            LayerCount = 11,
            HeadCount = 4,
            KeyValueHeadCount = 2,
        },
        Scores = [],
        Heads = [],
    };

    [Fact]
    public void A_row_is_a_line_of_a_table()
    {
        using var stream = new MemoryStream();
        AtlasTable.WriteCsv(Rows, stream);
        Assert.Equal(
            "layer,head,kv,score,raw,chance,excess,no_sink,no_self,lo,hi,n,roles\r\n"
            + "1,2,1,previous,0.5,0.25,0.3333333333333333,0.625,,-0.5,1,40,\r\n"
            + "10,0,0,\"a,\"\"b\"\"\",,,,,,,,1,previous_token induction\r\n"
            + "10,0,0,'=1+1,1E-20,,1E-20,,,,,12.5,\r\n",
            Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData("=SUM(A1)", "'=SUM(A1)")]
    [InlineData("  +1", "'  +1")]
    [InlineData("-1", "'-1")]
    [InlineData("@a", "'@a")]
    [InlineData("\ta", "'\ta")]
    [InlineData("a=b", "a=b")]
    [InlineData("a\nb", "\"a\nb\"")]
    [InlineData("\"", "\"\"\"\"")]
    public void A_text_that_begins_like_a_formula_stays_a_text(string text, string field) =>
        Assert.Equal(field, ResultTable.Quoted(text));

    [Fact]
    public async Task The_columns_of_a_parquet_file_read_back()
    {
        using var stream = new MemoryStream();
        AtlasTable.WriteParquet(Rows, Atlas, stream);
        stream.Position = 0;
        await using var reader = await ParquetReader.CreateAsync(
            stream, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(
            AtlasTable.Header, string.Join(',', reader.Schema.DataFields.Select(field => field.Name)));
        Assert.Equal("m", reader.CustomMetadata["model"]);
        using var group = reader.OpenRowGroupReader(0);
        Assert.Equal(3, group.RowCount);
        var (layers, raws, counts) = (new int[3], new double?[3], new double[3]);
        var scores = new string[3];
        var fields = reader.Schema.DataFields;
        await group.ReadAsync<int>(fields[0], layers, cancellationToken: TestContext.Current.CancellationToken);
        await group.ReadAsync(fields[3], scores, cancellationToken: TestContext.Current.CancellationToken);
        await group.ReadAsync<double>(fields[4], raws, cancellationToken: TestContext.Current.CancellationToken);
        await group.ReadAsync<double>(fields[11], counts, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([1, 10, 10], layers);
        Assert.Equal(["previous", "a,\"b\"", "=1+1"], scores);
        Assert.Equal([0.5, null, 1e-20], raws);
        Assert.Equal([40, 1, 12.5], counts);
    }

    [Fact]
    public void The_same_atlas_gives_the_same_bytes()
    {
        using var first = new MemoryStream();
        using var second = new MemoryStream();
        AtlasTable.WriteParquet(Rows, Atlas, first);
        AtlasTable.WriteParquet(Rows, Atlas, second);
        Assert.Equal(first.ToArray(), second.ToArray());
    }
}
