using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

public sealed class TextSequencesTests : IDisposable
{
    static readonly Tokenizer Bytes = WholeWords.Load();

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_long_text_gives_several_sequences_and_none_has_two_texts()
    {
        var maker = new TextSequences(Bytes, 300, new() { Most = 4, Least = 2 });
        var made = maker.Read(TextCorpus.Of("123456", "xy", "789")).ToList();
        Assert.Equal(["1234", "56", "xy", "789"], made.Select(one => Bytes.Decode(one.Ids.AsSpan())));
        Assert.Equal([(0, 0), (0, 1), (1, 0), (2, 0)], made.Select(one => (one.Document, one.Part)));
        Assert.Equal("text 2", made[3].Name);
    }

    [Fact]
    public void Parts_that_are_too_short_are_skipped_and_told()
    {
        var skipped = new List<TextSequence>();
        var maker = new TextSequences(Bytes, 300, new() { Most = 4, Least = 3 });
        var made = maker.Read(TextCorpus.Of("123456", "xy", "", "789"), skipped: skipped.Add).ToList();
        Assert.Equal([(0, 0), (3, 0)], made.Select(one => (one.Document, one.Part)));
        Assert.Equal([(0, 1), (1, 0)], skipped.Select(one => (one.Document, one.Part)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void The_shards_together_are_the_whole(int shards)
    {
        var maker = new TextSequences(Bytes, 300);
        var whole = maker.Read(TextCorpus.BuiltIn).ToList();
        var parts = Enumerable.Range(0, shards).SelectMany(shard => maker.Read(TextCorpus.BuiltIn, shard, shards));
        Assert.Equal(whole, parts.OrderBy(one => one.Document).ThenBy(one => one.Part));
    }

    [Fact]
    public void The_token_between_texts_comes_before_every_part()
    {
        var maker = new TextSequences(Bytes, 300, new() { Most = 4, Least = 2, StartsWithEndOfText = true });
        var made = maker.Read(TextCorpus.Of("12345")).ToList();
        Assert.Equal([WholeWords.EndOfText, '1', '2', '3'], made[0].Ids);
        Assert.Equal([WholeWords.EndOfText, '4', '5'], made[1].Ids);
        Assert.All(made, one => Assert.Equal(1, one.Start));
    }

    [Fact]
    public void Without_a_tokenizer_each_text_stands_for_random_tokens()
    {
        var maker = new TextSequences(WholeWords.Numbers(16), 16);
        var made = maker.Read(TextCorpus.Of("a", "b")).ToList();
        Assert.Equal([256, 256], made.Select(one => one.Ids.Length));
        Assert.NotEqual(made[0].Ids, made[1].Ids);
        Assert.Equal(made[1], maker.Read(TextCorpus.Of("a", "b"), shard: 1, shards: 2).Single());
        Assert.Contains("random tokens", Assert.Single(maker.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_without_a_row_is_refused()
    {
        var maker = new TextSequences(Bytes, 100);
        var fault = Assert.Throws<InvalidDataException>(() => maker.Read(TextCorpus.Of("xyz")).ToList());
        Assert.Equal(
            "text 0: has the token 120, 'x', expected one of the 100 that the model has an embedding of; leave the "
            + "text of that token out.",
            fault.Message);
    }

    [Fact]
    public void Files_are_one_text_each_or_one_a_line()
    {
        var (a, b) = (File("a.txt", "one\r\n\n  \ntwo"), File("b.txt", "\uFEFFthree\n"));
        Assert.Equal(
            [new(0, a, "one\r\n\n  \ntwo"), new(1, b, "three\n")], TextCorpus.OfFiles([a, b]).Documents());
        Assert.Equal(
            [new(0, $"{a}:1", "one"), new(1, $"{a}:4", "two"), new(2, $"{b}:1", "three")],
            TextCorpus.OfFiles([a, b], CorpusUnit.Line).Documents());
        Assert.Equal(
            [new(1, $"{a}:4", "two")], TextCorpus.OfFiles([a, b], CorpusUnit.Line).Documents(shard: 1, shards: 3));
    }

    // The pieces in which a file is read have 65,536 bytes.
    [Fact]
    public void Lines_go_on_over_the_pieces_in_which_they_are_read()
    {
        string[] lines = [new('a', 65_530), new('ä', 70_000), new('b', 65_536), "c"];
        var path = File("long.txt", string.Join('\n', lines));
        Assert.Equal(
            lines, TextCorpus.OfFiles([path], CorpusUnit.Line).Documents().Select(document => document.Text));
    }

    [Fact]
    public void A_line_of_JSON_has_its_text_under_a_key()
    {
        var path = File("a.jsonl", "{\"text\": \"one\\ntwo\", \"id\": 3}\n{\"id\": 4}\n");
        var documents = TextCorpus.OfFiles([path], CorpusUnit.Line).Documents();
        Assert.Equal("one\ntwo", documents.First().Text);
        var fault = Assert.Throws<InvalidDataException>(() => documents.ToList());
        Assert.StartsWith(
            $"{path}:2: is '{{\"id\": 4}}', expected a JSON object", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused_with_their_place()
    {
        var path = folder.Write([(byte)'a', (byte)'\n', (byte)'b', 0xFF, (byte)'\n'], "a.txt");
        var fault = Assert.Throws<InvalidDataException>(
            () => TextCorpus.OfFiles([path], CorpusUnit.Line).Documents().ToList());
        Assert.Equal(
            $"{path}:2: byte 1 of the line is not UTF-8, expected UTF-8 text; save the file as UTF-8.", fault.Message);
        Assert.Throws<InvalidDataException>(() => TextCorpus.OfFiles([path]).Documents().ToList());
        Assert.Equal("a", TextCorpus.OfFiles([path], CorpusUnit.Line).Documents(shard: 0, shards: 2).Single().Text);
    }

    [Fact]
    public void Files_and_shards_that_are_not_there_are_refused()
    {
        Assert.Throws<FileNotFoundException>(
            () => TextCorpus.OfFiles([folder.Path("no.txt")]).Documents().ToList());
        Assert.Throws<ArgumentException>(() => TextCorpus.OfFiles([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => TextCorpus.BuiltIn.Documents(shard: 2, shards: 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TextSequences(Bytes, 300, new() { Most = 8 }));
    }

    // sha256sum of a file with "abc" says so.
    [Fact]
    public void The_hash_is_that_of_the_contents_one_after_the_other()
    {
        const string Abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        Assert.Equal(Abc, TextCorpus.OfFiles([File("a", "ab"), File("b", "c")]).Hash());
        Assert.Equal(Abc, TextCorpus.Of("a", "bc").Hash());
    }

    string File(string name, string text) => folder.Write(System.Text.Encoding.UTF8.GetBytes(text), name);
}
