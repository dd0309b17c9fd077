using System.Text;

namespace RatIlgpu.Cli;

/// <summary>Where a command reads and writes.</summary>
/// <param name="Input">Standard input, as bytes.</param>
/// <param name="IsInputPiped">Whether standard input comes from a file or another command.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="ShowsProgress">Whether standard error is a terminal, on which a line may be rewritten.</param>
sealed record Terminal(Stream Input, bool IsInputPiped, TextWriter Output, TextWriter Error, bool ShowsProgress)
{
    /// <summary>Returns the terminal of this process.</summary>
    public static Terminal System()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var output = new NamedStream(Console.OpenStandardOutput(), "standard output");
        return new Terminal(
            Console.OpenStandardInput(),
            Console.IsInputRedirected,
            new StreamWriter(output, utf8) { AutoFlush = true },
            new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true },
            ShowsProgress: !Console.IsErrorRedirected);
    }

    /// <summary>Reads all of standard input.</summary>
    /// <exception cref="InvalidDataException">It is not UTF-8.</exception>
    /// <exception cref="OperationCanceledException">The command was stopped before the input ended.</exception>
    public string ReadInput(CancellationToken cancellation)
    {
        var bytes = LeftBehind.WhenStopped(cancellation, () =>
        {
            using var read = new MemoryStream();
            Input.CopyTo(read);
            return read.ToArray();
        });
        try
        {
            // Not a reader: that would drop a byte order mark, which is part of the text like anything else.
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"standard input: byte {e.Index} is not UTF-8.", e);
        }
    }
}
