using System.Security.Cryptography;

namespace RatIlgpu.Properties;

/// <summary>A sound file that keeps a partial result, with the hash of its content at the end, and what reads
/// it.</summary>
/// <param name="sound">The bytes of the file.</param>
/// <param name="load">Reads a file.</param>
public sealed class PartFile(byte[] sound, Action<string> load) : IDisposable
{
    readonly TemporaryFolder folder = new();

    /// <summary>Gets the path of the file that was read last.</summary>
    public string Path => folder.Path("part");

    public void Dispose() => folder.Dispose();

    /// <summary>Returns damages: one byte of a file with another value.</summary>
    /// <param name="places">The places of the byte.</param>
    public static Arbitrary<WrongByte> Damages(Gen<int> places) => Arb.From(
        from at in places
        from value in Gen.OneOf(Gen.Choose(0, 255), Gen.Elements(0, 1, 127, 128, 255))
        select new WrongByte(at, (byte)value),
        damage => damage.At > 0 ? [damage with { At = damage.At / 2 }, damage with { At = damage.At - 1 }] : []);

    /// <summary>A file that ends at the damage is refused.</summary>
    public void RefusesTheStart(WrongByte damage) => Assert.True(IsRefused(sound[..damage.At]));

    /// <summary>A damaged file is refused, and no other one.</summary>
    public void RefusesDamage(WrongByte damage) =>
        Assert.Equal(sound[damage.At] != damage.Value, IsRefused(Damaged(damage)));

    /// <summary>Returns whether a damaged file is refused that has the right hash, as a hostile one would.</summary>
    public bool IsRefusedWithRightHash(WrongByte damage)
    {
        var bytes = Damaged(damage);
        SHA256.HashData(bytes.AsSpan(..^SHA256.HashSizeInBytes), bytes.AsSpan(^SHA256.HashSizeInBytes..));
        return IsRefused(bytes);
    }

    byte[] Damaged(WrongByte damage)
    {
        byte[] bytes = [.. sound];
        bytes[damage.At] = damage.Value;
        return bytes;
    }

    // Other exceptions than a refusal that starts with the path fail the law.
    bool IsRefused(byte[] bytes)
    {
        File.WriteAllBytes(Path, bytes);
        try
        {
            load(Path);
            return false;
        }
        catch (InvalidDataException refused)
        {
            Assert.StartsWith(Path, refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refused.Message);
            return true;
        }
    }

    /// <summary>A byte of a file with another value.</summary>
    public sealed record WrongByte(int At, byte Value);
}
