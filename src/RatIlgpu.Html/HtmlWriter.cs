using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace RatIlgpu.Html;

/// <summary>Writes a document; <see cref="Write"/> escapes what is filled in, <see cref="WriteRaw"/> nothing.</summary>
sealed class HtmlWriter
{
    // Letters of all scripts stay as they are; what is special in HTML or cannot be seen does not.
    static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    readonly StringBuilder html = new();

    /// <summary>Writes a template; its text is markup, its holes are text.</summary>
    public HtmlWriter Write([InterpolatedStringHandlerArgument("")] ref Template template) => template.Writer;

    /// <summary>Writes what is markup, script or style already.</summary>
    public HtmlWriter WriteRaw(string trusted)
    {
        html.Append(trusted);
        return this;
    }

    /// <summary>Writes a part of the document.</summary>
    public HtmlWriter Include(Action<HtmlWriter> part)
    {
        part(this);
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => html.ToString();

    /// <summary>A template being written.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Template(int literalLength, int formattedCount, HtmlWriter writer)
    {
        public HtmlWriter Writer { get; } = Sized(writer, literalLength + formattedCount);

        public void AppendLiteral(string markup) => Writer.html.Append(markup);

        public void AppendFormatted(string? text) => Writer.html.Append(Encoder.Encode(text ?? ""));

        public void AppendFormatted(int number) => Writer.html.Append(CultureInfo.InvariantCulture, $"{number}");

        public void AppendFormatted(double number, string format) =>
            AppendFormatted(number.ToString(format, CultureInfo.InvariantCulture));

        static HtmlWriter Sized(HtmlWriter writer, int more)
        {
            writer.html.EnsureCapacity(writer.html.Length + more);
            return writer;
        }
    }
}
