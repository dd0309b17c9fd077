using System.Buffers.Binary;
using RatIlgpu.Properties;

namespace RatIlgpu.Mutations;

/// <summary>Changes a file: its bytes, its JSON, or the pieces of its template.</summary>
static class Mutation
{
    static readonly string[] Pieces =
    [
        "{{", "}}", "{%", "%}", "{%-", "-%}", "{#", "#}", "{% for m in messages %}", "{% endfor %}", "{% if true %}",
        "{% else %}", "{% elif x %}", "{% endif %}", "{% set x = 1 %}", "{% set ns = namespace(x=0) %}",
        "{% macro f(x) %}", "{% endmacro %}", "{{ f(f) }}", "{{ range(1000000000) }}", "{{ messages * 1000000000 }}",
        "{{ 'a' * 1000000000 }}", "{{ 9223372036854775807 + 1 }}", "{{ 1 / 0 }}", "{{ 1 % 0 }}", "{{ -(-1) }}", "(",
        ")", "[", "]", "{", "}", "|", "|tojson", "|trim", "|length", "|join(',')", ".split('')", ".strip()", "[::-1]",
        "[0]", "[-9]", "['role']", " is defined", " is none", " in ", " not ", " and ", " or ", "==", "~", "+", "'",
        "\"", "\\", "loop.index0", "loop.previtem", "messages", "message", "raise_exception('x')",
        "strftime_now('%Y')", "\u00E9", "{% generation %}", "{% include 'x' %}", "{% raw %}", "{% endraw %}",
        "{% break %}", "None", "true", "1.5e300",
    ];

    /// <summary>Returns a file with changes.</summary>
    /// <param name="file">The name of the file.</param>
    /// <param name="content">Its sound content.</param>
    /// <param name="random">Decides what changes.</param>
    public static byte[] Of(string file, byte[] content, Random random) => Path.GetExtension(file) switch
    {
        ".safetensors" => Header(content, random),
        ".json" => random.Next(3) > 0 ? JsonMutation.Of(content, random) : Bytes(content, random),
        ".jinja" => random.Next(3) > 0 ? Encoding.UTF8.GetBytes(Template(Encoding.UTF8.GetString(content), random))
            : Bytes(content, random),
        _ => random.Next(4) > 0 ? Bytes(content, random) : Repeat(content, random),
    };

    /// <summary>Returns a template in which some pieces are added, dropped, doubled or moved.</summary>
    public static string Template(string text, Random random)
    {
        for (var change = random.Next(4); change >= 0; change--)
        {
            var (at, end) = (random.Next(text.Length + 1), random.Next(text.Length + 1));
            (at, end) = (int.Min(at, end), int.Max(at, end));
            text = random.Next(6) switch
            {
                0 => text[..at] + text[int.Min(end, at + 40)..],
                1 => text[..end] + text[at..],
                2 => text[..at] + Many(Pieces[random.Next(Pieces.Length)], random) + text[at..],
                3 => text[..at],
                _ => text[..at] + Pieces[random.Next(Pieces.Length)] + text[at..],
            };
            if (text.Length > 1 << 18)
                break;
        }

        return text;
    }

    static string Many(string piece, Random random) =>
        new StringBuilder().Insert(0, piece, random.Next(3) == 0 ? 20_000 : random.Next(1, 200)).ToString();

    static byte[] Bytes(byte[] content, Random random)
    {
        var changes = Enumerable.Range(0, random.Next(1, 5))
            .Select(_ => (random.Next(7), random.Next(1 << 20), random.Next(1 << 20)));
        return new Damage([.. changes]).Apply(content);
    }

    static byte[] Repeat(byte[] content, Random random)
    {
        var (at, count) = (random.Next(content.Length + 1), random.Next(1, 200));
        return [.. content[..at], .. Enumerable.Repeat(content[at..], count).SelectMany(part => part).Take(1 << 20)];
    }

    // The header changes; mostly, its length before it is right, so that more than the first check is reached.
    static byte[] Header(byte[] content, Random random)
    {
        if (content.Length < 8 || BinaryPrimitives.ReadInt64LittleEndian(content) is var length
            && (length < 2 || length > content.Length - 8))
            return Bytes(content, random);
        var end = 8 + (int)length;
        var header = random.Next(2) > 0 ? JsonMutation.Of(content[8..end], random) : Bytes(content[8..end], random);
        var said = random.Next(8) > 0 ? header.LongLength : random.Next(4) switch
        {
            0 => random.NextInt64(),
            1 => header.LongLength + random.Next(-9, 10),
            2 => -1,
            _ => content.LongLength,
        };
        var data = random.Next(8) > 0 ? content[end..] : content[end..(end + random.Next(content.Length - end + 1))];
        return [.. BitConverter.GetBytes(said), .. header, .. data];
    }
}
