namespace RatIlgpu.Text;

/// <summary>The filters that follow a bar.</summary>
static partial class Filters
{
    /// <summary>The filters by their names.</summary>
    public static readonly Dictionary<string, Callable> All = Texts().Concat(Numbers()).Concat(Choices())
        .Concat(Orders()).ToDictionary(filter => filter.Name);

    static IEnumerable<Callable> Texts() =>
    [
        Callable.Of("trim", call => TextMethods.Strip(call.Run, Self(call), call.TextOrNone(0)), ("chars", null)),
        Callable.Of("upper", call => LetterCase.Upper(call.Run, Self(call))),
        Callable.Of("lower", call => LetterCase.Lower(call.Run, Self(call))),
        Callable.Of("capitalize", call => LetterCase.Capital(call.Run, Self(call))),
        Callable.Of("title", call => Title(call.Run, Self(call))),
        Callable.Of(
            "replace",
            call => TextMethods.Replace(
                call.Run, Self(call), Text(call, 0), Text(call, 1), call[2] is null ? -1 : call.Whole(2)),
            Callable.Need("old"), Callable.Need("new"), ("count", null)),
        Callable.Of("string", call => call.Self is SafeText ? call.Self : Self(call)),
        Callable.Of("safe", call => new SafeText(Self(call))),
        Callable.Of("indent", Indent, ("width", 4L), ("first", false), ("blank", false)),
        Callable.Of("join", Join, ("d", ""), ("attribute", null)),
        Callable.Of(
            "tojson", Json, ("ensure_ascii", false), ("indent", null), ("separators", null), ("sort_keys", false)),
    ];

    static IEnumerable<Callable> Numbers() =>
    [
        Callable.Of("int", call => NumberText.Whole(call.Run, call.Self, call[0], call.Whole(1)), ("default", 0L),
            ("base", 10L)),
        Callable.Of("float", call => NumberText.Fractional(call.Run, call.Self) ?? call[0], ("default", 0.0)),
        Callable.Of("abs", Absolute),
        .. new[] { "length", "count" }.Select(name => Callable.Of(name, call =>
            (long)Operators.Length(call.Run, call.Self))),
    ];

    static IEnumerable<Callable> Choices() =>
    [
        .. new[] { "default", "d" }.Select(name => Callable.Of(
            name,
            call => call.Self is Undefined || (call.Flag(1) && !Operators.IsTrue(call.Self)) ? call[0] : call.Self,
            ("default_value", ""), ("boolean", false))),
        Callable.Of("first", First),
        Callable.Of("last", Last),
        Callable.Of("list", call => new Sequence(call.Run, SequenceKind.List, Items(call))),
        Callable.Of("items", EntriesOf),
        Callable.Of("attr", Attr, Callable.Need("name")),
        Callable.Open("map", Map),
        Callable.Open("select", call => Choose(call, hasAttribute: false, wanted: true)),
        Callable.Open("reject", call => Choose(call, hasAttribute: false, wanted: false)),
        Callable.Open("selectattr", call => Choose(call, hasAttribute: true, wanted: true)),
        Callable.Open("rejectattr", call => Choose(call, hasAttribute: true, wanted: false)),
    ];

    static string Self(CallArguments call) => PythonText.Of(call.Run, call.Self);

    static string Text(CallArguments call, int index) => PythonText.Of(call.Run, call[index]);

    // Jinja's own, which unlike Python's leaves an apostrophe inside a word.
    static string Title(TemplateRun run, string text)
    {
        var (isStart, written) = (true, new StringBuilder());
        var pieces = text.EnumerateRunes().Select(rune => rune.ToString());
        foreach (var piece in pieces)
        {
            written.Append(isStart ? LetterCase.Upper(run, piece) : LetterCase.Lower(run, piece));
            isStart = piece is "-" or "(" or "{" or "[" or "<" || PythonSpace.Is(piece[0]);
        }

        return written.ToString();
    }

    static string Indent(CallArguments call)
    {
        var width = call[0] as string ?? new string(' ', (int)Math.Clamp(call.Whole(0), 0, 1_000));
        if (call.Self is not string text)
            throw call.Run.Unknown($"filter 'indent' of {PythonText.TypeOf(call.Self)}");
        var lines = TextMethods.Lines(call.Run, text + "\n", keepsEnds: false).Items;
        var indented = new StringBuilder();
        foreach (var (i, line) in lines.Cast<string>().Index())
        {
            call.Run.Charge(line.Length + width.Length + 1);
            var isIndented = i == 0 ? call.Flag(1) : call.Flag(2) || line.Length > 0;
            indented.Append(i == 0 ? "" : "\n").Append(isIndented ? width : "").Append(line);
        }

        return indented.ToString();
    }

    static string Join(CallArguments call)
    {
        var run = call.Run;
        var attribute = call[1];
        var items = Operators.Items(run, call.Self);
        if (attribute is not null)
            items = items.Select(item => At(run, item, attribute));
        return TextMethods.Join(run, Text(call, 0), items.Select(item => (object?)PythonText.Of(run, item)));
    }

    static string Json(CallArguments call)
    {
        var indent = call[1] switch
        {
            null => null,
            string text => text,
            _ => new string(' ', (int)Math.Clamp(call.Whole(1), 0, 1_000)),
        };
        var (comma, colon) = call[2] switch
        {
            null => (indent is null ? ", " : ",", ": "),
            Sequence { Items: [string first, string second] } => (first, second),
            _ => throw call.Run.Fault("the separators of 'tojson' are no two texts"),
        };
        return new JsonText(call.Run)
        {
            IsAscii = call.Flag(0),
            Indent = indent,
            Comma = comma,
            Colon = colon,
            SortsKeys = call.Flag(3),
        }.Of(call.Self);
    }
}
