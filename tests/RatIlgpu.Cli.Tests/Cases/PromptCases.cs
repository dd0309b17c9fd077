using System.Text;
using System.Text.Json;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Cases;

/// <summary>Prompts as shells and editors write them. " cat" is a token of the demonstration model.</summary>
public sealed class PromptCases : IDisposable
{
    const string Text = "The cat – sat";

    static readonly Encoding[] Marked =
        [Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32, new UTF32Encoding(true, true)];

    readonly TemporaryFolder folder = new();

    public static TheoryData<int> Encodings => [.. Enumerable.Range(0, Marked.Length)];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_byte_order_mark_is_no_part_of_a_prompt()
    {
        var input = File.ReadAllBytes(Path.Combine(CaseFolder.Of("prompt-with-byte-order-mark"), "prompt.txt"));
        var run = CommandRun.With(input, "trace", "--output", folder.Root);
        Assert.Equal("", run.Error);
        Assert.Contains("Tokens     8: The \" cat\"", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_text_with_a_mark_has_the_tokens_of_the_text(int encoding)
    {
        var expected = Ids(null, Text);
        var bytes = Bytes(Text, encoding);
        Assert.Equal(expected, Ids(bytes));
        Assert.Equal(expected, Ids(bytes, "--prompts", "-"));
        Assert.Equal(expected, Ids(null, "--prompts", folder.Write(bytes, "prompts.txt")));
        Assert.Equal(expected, Ids(null, "--prompts", folder.Write(
            Bytes($"\r\n{JsonSerializer.Serialize(new { prompt = Text })}\r\n", encoding), "prompts.jsonl")));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_prompt_loses_the_line_break_that_a_shell_puts_behind_it(int encoding)
    {
        var expected = Printed("trace", Bytes(Text, encoding));
        foreach (var end in (string[])["\r\n", "\n", "\r"])
            Assert.Equal(expected, Printed("trace", Bytes(Text + end, encoding)));
    }

    [Fact]
    public void A_mark_before_a_prompt_of_the_command_line_is_dropped()
    {
        var expected = Ids(null, Text);
        Assert.Equal(expected, Ids(null, "\uFEFF" + Text));
        Assert.Equal(expected, Ids(null, "--text", "\uFEFF" + Text));
        CommandRun.Of("trace", "\uFEFF").IsMisused("the prompt is empty, expected at least one token.");
        string[] patch = ["--activation", "head-output", "--top", "3", "--answer", " the"];
        Assert.Equal(
            CommandRun.Of(["patch", .. patch, "--corrupted", "The dog sat", "The cat sat"]),
            CommandRun.Of(["patch", .. patch, "--corrupted", "\uFEFFThe dog sat", "--clean", "\uFEFFThe cat sat"]));
    }

    [Theory]
    [InlineData("The\uFEFF cat")]
    [InlineData("The cat\uFEFF")]
    public void The_character_stays_inside_a_text(string text)
    {
        var ids = Ids(null, text);
        Assert.Equal(ids, Ids(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(text, Tokenizer.Load(DemoModel.Folder).Decode(ids));
    }

    [Fact]
    public void A_character_that_JSON_spells_out_stays()
    {
        var ids = Ids("{\"prompt\": \"\\ufeffThe\"}"u8.ToArray(), "--prompts", "-");
        Assert.Equal("\uFEFFThe", Tokenizer.Load(DemoModel.Folder).Decode(ids));
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 65 },
        "has the byte order mark of UTF-16 and 3 bytes, expected a multiple of 2; is it cut off?")]
    [InlineData(new byte[] { 0xFF, 0xFE, 0, 0, 65, 0 },
        "has the byte order mark of UTF-32 and 6 bytes, expected a multiple of 4; is it cut off?")]
    [InlineData(new byte[] { 65, 0, 66, 0, 10, 0 }, NoMark)]
    [InlineData(new byte[] { 0, 65, 0, 66, 0, 10 }, NoMark)]
    [InlineData(new byte[] { 65, 0, 66, 0, 10 }, NoMark)]
    [InlineData(new byte[] { 0x63, 0xE9, 0x65 },
        "byte 1 is not UTF-8, expected UTF-8, or UTF-16 with a byte order mark; save it as UTF-8.")]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 65, 0xC3 },
        "byte 4 is not UTF-8, expected UTF-8, or UTF-16 with a byte order mark; save it as UTF-8.")]
    public void What_is_no_text_is_refused_with_its_place(byte[] bytes, string fault)
    {
        CommandRun.With(bytes, "tokenize").Refuses($"standard input: {fault}");
        CommandRun.With(bytes, "trace", "--output", folder.Root).Refuses($"standard input: {fault}");
        var file = folder.Write(bytes, "prompts.txt");
        CommandRun.Of("lens", "--prompts", file).Refuses($"{file}: {fault}");
    }

    const string NoMark = "looks like UTF-16 without a byte order mark, expected UTF-8, or UTF-16 with the mark; save "
        + "it as UTF-8.";

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 65, 0, 0, 0xD8, 66, 0 })]
    [InlineData(new byte[] { 0xFE, 0xFF, 0xDC, 0, 0, 65 })]
    [InlineData(new byte[] { 0xFF, 0xFE, 0, 0, 0, 0, 0x11, 0 })]
    public void Damaged_text_with_a_mark_is_refused(byte[] bytes)
    {
        var run = CommandRun.With(bytes, "tokenize");
        Assert.Equal(1, run.ExitCode);
        Assert.Matches(@"\Aratilgpu: standard input: near byte \d+ is not UTF-(16|32)\.\n\z", run.Error);
    }

    [Fact]
    public void A_zero_character_is_a_character() =>
        Assert.Equal("a\0b", Tokenizer.Load(DemoModel.Folder).Decode(Ids("a\0b"u8.ToArray())));

    [Fact]
    public void Token_ids_are_taken_by_every_command_that_takes_a_prompt()
    {
        var commands = CommandLine.Root([], Terminal.System(), new()).Subcommands.OfType<TerminalCommand>()
            .Where(command => command.TakesPrompt).Select(command => command.Name).ToList();
        Assert.Contains("tokenize", commands);
        foreach (var command in commands)
        {
            string[] words = command switch
            {
                "trace" => [command, "--output", folder.Root],
                "explain" => [command, "--head", "L1H0"],
                "patch" => [command, "--activation", "head-output", "--corrupted-ids", "[420, 651]"],
                _ => [command],
            };
            var run = CommandRun.Of([.. words, "--ids", "420,650"]);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            foreach (var list in (string[])["[420, 650]", "420, 650", "[\n  420,\n  650\n]"])
                Assert.Equal(run.Output, CommandRun.Of([.. words, "--ids", list]).Output);
        }
    }

    [Theory]
    [InlineData("[]", "is empty, expected whole numbers with commas between, such as 12,7,9.")]
    [InlineData("[1, 2", "is '[1, 2', which has a '[1', expected whole numbers with commas between, such as 12,7,9.")]
    [InlineData("[1.5]", "is '[1.5]', which has a '1.5', expected whole numbers with commas between, such as 12,7,9.")]
    [InlineData("1 2", "is '1 2', which has a '1 2', expected whole numbers with commas between, such as 12,7,9.")]
    public void A_list_that_is_none_is_refused(string ids, string fault) =>
        CommandRun.Of("trace", "--ids", ids).IsMisused($"--ids {fault}");

    static byte[] Bytes(string text, int encoding) =>
        [.. Marked[encoding].Preamble, .. Marked[encoding].GetBytes(text)];

    static int[] Ids(byte[]? input, params string[] words)
    {
        var run = CommandRun.With(input, ["tokenize", "--json", "-", .. words]);
        Assert.Equal("", run.Error);
        using var json = JsonDocument.Parse(run.Output);
        return [.. json.RootElement.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
    }

    string Printed(string command, byte[] input)
    {
        var run = CommandRun.With(input, command, "--output", folder.Root);
        Assert.Equal("", run.Error);
        return run.Output;
    }
}
