using System.Text;
using RatIlgpu.Cli.Prompts;

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
    /// <exception cref="InvalidDataException">It is no text, or has too many bytes.</exception>
    public string ReadInput(CancellationToken cancellation) => PromptText.Decode(
        Abandonable.Run(cancellation, () => PromptText.ReadAll(Input, "standard input")), "standard input");
}

/// <summary>A writable stream that puts its name into the message of a failed write.</summary>
sealed class NamedStream(Stream inner, string name) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            inner.Write(buffer);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            throw new IOException($"{name}: cannot be written to ({WholeFile.ReasonOf(fault)}).", fault);
        }
    }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
