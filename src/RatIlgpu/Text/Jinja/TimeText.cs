namespace RatIlgpu.Text;

/// <summary>Writes the time as C's <c>strftime</c> does in the C locale.</summary>
static class TimeText
{
    /// <summary>Returns the local time in a form.</summary>
    /// <exception cref="TemplateException">A part of the form is not known here.</exception>
    public static string Of(TemplateRun run, string form)
    {
        var now = run.Clock.GetLocalNow();
        var text = new StringBuilder();
        run.Charge(16L * form.Length);
        for (var i = 0; i < form.Length; i++)
            if (form[i] != '%')
                text.Append(form[i]);
            else
            {
                var isShort = form.AsSpan(i + 1).StartsWith("-");
                i += isShort ? 2 : 1;
                var letter = i < form.Length ? form[i] : '%';
                var part = Part(now, letter)
                    ?? throw run.Unknown($"the part {Files.OneLine.Quote(letter.ToString())} of a time");
                text.Append(isShort && part.Length > 1 ? part.TrimStart('0') : part);
            }

        return text.ToString();
    }

    static string? Part(DateTimeOffset now, char letter)
    {
        var form = letter switch
        {
            'Y' => "yyyy",
            'y' => "yy",
            'm' => "MM",
            'd' => "dd",
            'H' => "HH",
            'I' => "hh",
            'M' => "mm",
            'S' => "ss",
            'p' => "tt",
            'A' => "dddd",
            'a' => "ddd",
            'B' => "MMMM",
            'b' => "MMM",
            'F' => "yyyy-MM-dd",
            'T' => "HH:mm:ss",
            _ => null,
        };
        return letter == '%' ? "%"
            : letter == 'j' ? now.DayOfYear.ToString("000", CultureInfo.InvariantCulture)
            : form is null ? null
            : now.ToString(form, CultureInfo.InvariantCulture);
    }
}
