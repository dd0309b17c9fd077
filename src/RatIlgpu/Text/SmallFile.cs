using System.Globalization;
using System.Text;

namespace RatIlgpu.Text;

/// <summary>Reads files of a tokenizer.</summary>
static class SmallFile
{
    // The largest published vocabularies take some 35 MB of JSON.
    const long MostBytes = 128L << 20;

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the whole text of a file.</summary>
    /// <exception cref="InvalidDataException">It is larger than any tokenizer's, or is not UTF-8.</exception>
    public static string Text(string file)
    {
        try
        {
            return Utf8.GetString(Read(file));
        }
        catch (DecoderFallbackException fault)
        {
            throw new InvalidDataException($"{file}: byte {fault.Index} is not UTF-8, expected UTF-8 text.", fault);
        }
    }

    static byte[] Read(string file)
    {
        using var stream = File.OpenRead(file);
        var length = stream.Length;
        if (length > MostBytes)
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture, $"{file}: has {length:N0} bytes, expected at most {MostBytes:N0}."));
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
