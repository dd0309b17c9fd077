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

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Law]
    public void A_truncated_file_is_refused_not_crashed(WrongByte damage) =>
        Assert.True(IsRefused(damage.File, bytes => bytes[..damage.At]) || damage.File == "merges.txt");

    [Law]
    public void A_file_with_a_wrong_byte_is_read_or_refused_not_crashed(WrongByte damage) =>
        IsRefused(damage.File, bytes => [.. bytes[..damage.At], damage.Value, .. bytes[(damage.At + 1)..]]);

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
            folder.Write(name == damaged ? damage(bytes) : bytes, name);
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

    public sealed record WrongByte(string File, int At, byte Value);
}
