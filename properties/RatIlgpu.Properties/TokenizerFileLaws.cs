using System.Text.Json.Nodes;

namespace RatIlgpu.Properties;

[Properties(Arbitrary = [typeof(TokenizerFileLaws)])]
public sealed class TokenizerFileLaws : IDisposable
{
    static readonly string[] Names = ["tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt"];

    internal static Arbitrary<WrongByte> Damages { get; } = Arb.From(
        from file in Gen.Elements(Names)
        let length = (int)new FileInfo(Path.Combine(DemoModel.Folder, file)).Length
        from at in Gen.Choose(0, length - 1)
        from value in Gen.OneOf(Gen.Choose(0, 255).Select(any => (byte)any), Gen.Elements(" \"{}[],-9\\\n"u8.ToArray()))
        select new WrongByte(file, at, value),
        damage => damage.At > 0 ? [damage with { At = damage.At / 2 }, damage with { At = damage.At - 1 }] : []);

    // Small tokenizers of all published forms, and a file beside them that asks for tokens around prompts.
    static readonly byte[][] Forms =
    [
        .. JsonNode.Parse(File.ReadAllText(Repository.Path("tests", "RatIlgpu.Tests", "Text", "rust-tokens.json")))!
            .AsArray().Select(one => Encoding.UTF8.GetBytes(one!["tokenizer"]!.ToJsonString())),
    ];

    static readonly byte[] Beside =
        """
        {"tokenizer_class": "LlamaTokenizerFast", "add_bos_token": true, "bos_token": {"content": "a", "lstrip": true},
         "add_eos_token": true, "eos_token": "b", "unk_token": null, "additional_special_tokens": ["t", "h"],
         "added_tokens_decoder": {"700": {"content": "<x>", "rstrip": true, "normalized": true, "single_word": true}}}
        """u8.ToArray();

    // Half of the damages are outside the vocabulary, which is most of a file.
    internal static Arbitrary<WrongForm> WrongForms { get; } = Arb.From(
        from form in Gen.Choose(0, Forms.Length - 1)
        from isBeside in Gen.Elements(true, false, false)
        let length = isBeside ? Beside.Length : Forms[form].Length
        let vocabulary = Forms[form].AsSpan().IndexOf("\"vocab\""u8)
        from at in Gen.OneOf(Gen.Choose(0, length - 1), Gen.Choose(0, Math.Min(length, vocabulary) - 1))
        from value in Gen.OneOf(Gen.Choose(0, 255).Select(any => (byte)any), Gen.Elements(" \"{}[],-9\\n"u8.ToArray()))
        select new WrongForm(form, isBeside, at, value),
        damage => damage.At > 0 ? [damage with { At = damage.At / 2 }, damage with { At = damage.At - 1 }] : []);

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Law]
    public void A_truncated_file_is_refused_not_crashed(WrongByte damage) =>
        Assert.True(IsRefused(damage.File, bytes => bytes[..damage.At]) || damage.File == "merges.txt");

    [Law]
    public void A_file_with_a_wrong_byte_is_read_or_refused_not_crashed(WrongByte damage) =>
        IsRefused(damage.File, bytes => [.. bytes[..damage.At], damage.Value, .. bytes[(damage.At + 1)..]]);

    [Law(1000)]
    public void A_tokenizer_of_any_form_with_a_wrong_byte_is_used_or_refused_not_crashed(WrongForm damage)
    {
        var (main, beside) = (Forms[damage.Form].ToArray(), Beside.ToArray());
        (damage.IsBeside ? beside : main)[damage.At] = damage.Value;
        Write("tokenizer.json", main);
        Write("tokenizer_config.json", beside);
        try
        {
            var text = "the  <m> abc\n<x>é 😀<s>";
            var encoded = Tokenizer.Load(folder.Root).EncodePrompt(text);
            Assert.All(encoded.Ranges, range => Assert.InRange(range.End, 0, text.Length));
        }
        catch (InvalidDataException refused)
        {
            Assert.StartsWith(folder.Root, refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refused.Message);
        }
    }

    // Tells whether the folder was refused, by a message that starts with its path. Other exceptions fail the law.
    bool IsRefused(string damaged, Func<byte[], byte[]> damage)
    {
        var whole = damaged is not ("vocab.json" or "merges.txt");
        foreach (var name in Names)
        {
            File.Delete(folder.Path(name));
            if (name == "tokenizer.json" && !whole)
                continue;
            var bytes = File.ReadAllBytes(Path.Combine(DemoModel.Folder, name));
            Write(name, name == damaged ? damage(bytes) : bytes);
        }

        try
        {
            Tokenizer.Load(folder.Root);
            return false;
        }
        catch (InvalidDataException refused)
        {
            Assert.StartsWith(folder.Root, refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refused.Message);
            return true;
        }
    }

    void Write(string name, byte[] bytes) => File.WriteAllBytes(folder.Path(name), bytes);

    public sealed record WrongForm(int Form, bool IsBeside, int At, byte Value);

    public sealed record WrongByte(string File, int At, byte Value);
}
