using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace RatIlgpu.Html;

/// <summary>Writes HTML: <see cref="Write"/> escapes interpolated values, <see cref="WriteRaw"/> escapes
/// nothing.</summary>
sealed class HtmlWriter
{
    // Keeps the letters of all scripts, and encodes characters that are special in HTML or invisible.
    static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    readonly StringBuilder html = new();

    /// <summary>Writes a template: its literal parts are markup, its interpolated values become text.</summary>
    public HtmlWriter Write([InterpolatedStringHandlerArgument("")] ref Template template) => template.Writer;

    /// <summary>Writes trusted markup, script or style without escaping.</summary>
    public HtmlWriter WriteRaw(string trusted)
    {
        html.Append(trusted);
        return this;
    }

    /// <summary>Lets a function write a part of the document.</summary>
    public HtmlWriter Include(Action<HtmlWriter> part)
    {
        part(this);
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => html.ToString();

    /// <summary>Writes the parts of an interpolated string as they are evaluated.</summary>
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
