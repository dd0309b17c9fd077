namespace RatIlgpu.Text;

/// <summary>The methods of texts.</summary>
static class TextMethods
{
    /// <summary>The methods by their names.</summary>
    public static readonly Dictionary<string, Callable> All = new[]
    {
        Callable.Of("strip", call => Strip(call, true, true), ("chars", null)),
        Callable.Of("lstrip", call => Strip(call, true, false), ("chars", null)),
        Callable.Of("rstrip", call => Strip(call, false, true), ("chars", null)),
        Callable.Of("split", call => Split(call, fromEnd: false), ("sep", null), ("maxsplit", -1L)),
        Callable.Of("rsplit", call => Split(call, fromEnd: true), ("sep", null), ("maxsplit", -1L)),
        Callable.Of("splitlines", call => Lines(call.Run, Self(call), call.Flag(0)), ("keepends", false)),
        Callable.Of("startswith", call => Options(call).Any(
            option => Starts(call, option)), Callable.Need("prefix")),
        Callable.Of("endswith", call => Options(call).Any(
            option => Ends(call, option)), Callable.Need("suffix")),
        Callable.Of("removeprefix", call => Starts(call, call.Text(0))
            ? Kept(call.Run, Self(call)[call.Text(0).Length..]) : Self(call), Callable.Need("prefix")),
        Callable.Of("removesuffix", call => Ends(call, call.Text(0))
            ? Kept(call.Run, Self(call)[..^call.Text(0).Length]) : Self(call), Callable.Need("suffix")),
        Callable.Of("replace", call => Replace(call.Run, Self(call), call.Text(0), call.Text(1), call.Whole(2)),
            Callable.Need("old"), Callable.Need("new"), ("count", -1L)),
        Callable.Of("find", call => Find(call, fromEnd: false), Callable.Need("sub")),
        Callable.Of("rfind", call => Find(call, fromEnd: true), Callable.Need("sub")),
        Callable.Of("count", call => Count(call), Callable.Need("sub")),
        Callable.Of("join", call => Join(call.Run, Self(call), Operators.Items(call.Run, call[0])),
            Callable.Need("iterable")),
        Callable.Of("upper", call => LetterCase.Upper(call.Run, Self(call))),
        Callable.Of("lower", call => LetterCase.Lower(call.Run, Self(call))),
        Callable.Of("title", call => LetterCase.Title(call.Run, Self(call))),
        Callable.Of("capitalize", call => LetterCase.Capital(call.Run, Self(call))),
        Callable.Of("isspace", call => IsSpace(call.Run, Self(call))),
        Callable.Of("isdigit", call => IsDigit(call.Run, Self(call))),
    }.ToDictionary(method => method.Name);

    /// <summary>Returns a text without white space, or without some characters, at its ends.</summary>
    /// <remarks>@huggingface/jinja strips all white space whatever it is given (findings/chat-jinja-lstrip.sh); the
    /// models' own code does not.</remarks>
    public static string Strip(TemplateRun run, string text, string? characters, bool atStart = true, bool atEnd = true)
    {
        run.Scan(text);
        var (start, end) = (0, text.Length);
        var wanted = characters?.EnumerateRunes().ToHashSet();
        while (atStart && start < end && IsStripped(text, start, wanted))
            start += char.IsHighSurrogate(text[start]) ? 2 : 1;
        while (atEnd && start < end && IsStripped(text, Last(text, end), wanted))
            end = Last(text, end);
        return start == 0 && end == text.Length ? text : Kept(run, text[start..end]);
    }

    /// <summary>Returns a text in which others take the place of some.</summary>
    /// <param name="run">The rendering.</param>
    /// <param name="text">The text.</param>
    /// <param name="old">The text that is replaced.</param>
    /// <param name="with">The text that takes its place.</param>
    /// <param name="most">How many are replaced; all, if it is negative.</param>
    public static string Replace(TemplateRun run, string text, string old, string with, long most)
    {
        if (old.Length == 0)
            throw run.Unknown("a replacement of the empty text");
        run.Charge(text.Length);
        run.Seek(text, old);
        var replaced = new StringBuilder();
        var start = 0;
        for (; most != 0; most--)
        {
            var place = text.IndexOf(old, start, StringComparison.Ordinal);
            if (place < 0)
                break;
            run.Step();
            run.Charge(with.Length);
            replaced.Append(text, start, place - start).Append(with);
            start = place + old.Length;
        }

        return replaced.Append(text, start, text.Length - start).ToString();
    }

    /// <summary>Returns texts with another between each two.</summary>
    /// <exception cref="TemplateException">An item is no text.</exception>
    public static string Join(TemplateRun run, string between, IEnumerable<object?> items)
    {
        var joined = new StringBuilder();
        var isFirst = true;
        foreach (var item in items)
        {
            var text = item as string
                ?? throw run.Fault($"an item to be joined is {PythonText.TypeOf(item)}, expected a text");
            run.Step();
            run.Charge(text.Length + (long)between.Length);
            joined.Append(isFirst ? "" : between).Append(text);
            isFirst = false;
        }

        return joined.ToString();
    }

    /// <summary>Returns the lines of a text.</summary>
    public static Sequence Lines(TemplateRun run, string text, bool keepsEnds)
    {
        List<object?> lines = [];
        run.Charge(text.Length);
        for (var start = 0; start < text.Length;)
        {
            run.Step();
            var length = text.AsSpan(start).IndexOfAny("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029");
            var end = length < 0 ? text.Length : start + length;
            var next = length < 0 ? end : text.AsSpan(end).StartsWith("\r\n") ? end + 2 : end + 1;
            lines.Add(text[start..(keepsEnds ? next : end)]);
            start = next;
        }

        return new Sequence(run, SequenceKind.List, lines);
    }

    static string Self(CallArguments call) => (string)call.Self!;

    static string Strip(CallArguments call, bool atStart, bool atEnd) =>
        Strip(call.Run, Self(call), call.TextOrNone(0), atStart, atEnd);

    static bool IsStripped(string text, int place, HashSet<Rune>? wanted) =>
        wanted?.Contains(Rune.GetRuneAt(text, place)) ?? PythonSpace.Is(text[place]);

    static int Last(string text, int end) => end - (char.IsLowSurrogate(text[end - 1]) ? 2 : 1);

    static string Kept(TemplateRun run, string text)
    {
        run.Charge(text.Length);
        return text;
    }

    static Sequence Split(CallArguments call, bool fromEnd)
    {
        var (text, separator, most) = (Self(call), call.TextOrNone(0), call.Whole(1));
        if (separator == "")
            throw call.Run.Fault("a text is split at the empty text");
        call.Run.Charge(text.Length);
        call.Run.Seek(text, separator ?? "");
        most = most < 0 ? long.MaxValue : most;
        return new Sequence(call.Run, SequenceKind.List, separator is null
            ? TextPieces.AtSpace(call.Run, text, most, fromEnd)
            : TextPieces.At(call.Run, text, separator, most, fromEnd));
    }

    static IEnumerable<string> Options(CallArguments call) => call[0] is Sequence { Kind: SequenceKind.Tuple } options
        ? options.Items.Select(option => option as string
            ?? throw call.Run.Fault($"a start or an end is {PythonText.TypeOf(option)}, expected a text"))
        : [call.Text(0)];

    static bool Starts(CallArguments call, string start)
    {
        call.Run.Scan(start);
        return Self(call).StartsWith(start, StringComparison.Ordinal);
    }

    static bool Ends(CallArguments call, string end)
    {
        call.Run.Scan(end);
        return Self(call).EndsWith(end, StringComparison.Ordinal);
    }

    static long Find(CallArguments call, bool fromEnd)
    {
        var (text, part) = (Self(call), call.Text(0));
        call.Run.Seek(text, part);
        var place = fromEnd
            ? text.LastIndexOf(part, StringComparison.Ordinal)
            : text.IndexOf(part, StringComparison.Ordinal);
        return place < 0 ? -1 : CodePoints.Count(text[..place]);
    }

    static long Count(CallArguments call)
    {
        var (text, part) = (Self(call), call.Text(0));
        call.Run.Seek(text, part);
        return part.Length == 0 ? CodePoints.Count(text) + 1 : text.AsSpan().Count(part);
    }

    static bool IsSpace(TemplateRun run, string text)
    {
        run.Scan(text);
        return text.Length > 0 && text.All(PythonSpace.Is);
    }

    static bool IsDigit(TemplateRun run, string text)
    {
        run.Scan(text);
        return text.All(char.IsAscii) ? text.Length > 0 && text.All(char.IsAsciiDigit)
            : throw run.Unknown("the method 'isdigit' of a text that is not ASCII");
    }
}
