namespace RatIlgpu.Cli.Options;

/// <summary>A choice of positions, layers or heads: one, several, a range, or all.</summary>
/// <remarks><c>2:5</c> is 2, 3, 4; negative numbers count from the end; <c>:3</c> and <c>-2:</c> are open at one
/// side.</remarks>
sealed record Selection
{
    /// <summary>The forms that <see cref="Parse(string)"/> takes, for errors.</summary>
    public const string Forms = "numbers such as 3 or 0,2,-1, a range such as 2:5, or all";

    readonly ValueArray<Part> parts;

    Selection(ValueArray<Part> parts) => this.parts = parts;

    /// <summary>Gets all of an axis.</summary>
    public static Selection All { get; } = new([new(null, null, IsRange: true)]);

    /// <summary>Gets the last of an axis.</summary>
    public static Selection Last { get; } = Parse("-1");

    /// <summary>Returns the choice of some numbers.</summary>
    public static Selection Of(IEnumerable<int> numbers) =>
        new([.. numbers.Select(number => new Part(number, null, IsRange: false))]);

    /// <summary>Returns a choice that leaves something out; null where all are chosen.</summary>
    public static Selection? Narrower(Selection? selection) => selection == All ? null : selection;

    /// <summary>Gets whether one number is chosen by itself.</summary>
    public bool IsOne => parts is [{ IsRange: false }];

    /// <summary>Reads a choice.</summary>
    /// <exception cref="FormatException">The text is none.</exception>
    public static Selection Parse(string text) => Parse(text, Forms);

    /// <summary>Reads a choice where other forms are taken, too.</summary>
    /// <param name="text">The choice.</param>
    /// <param name="expected">All forms, for errors.</param>
    /// <exception cref="FormatException">The text is none.</exception>
    public static Selection Parse(string text, string expected)
    {
        if (text == "all")
            return All;
        return new([.. text.Split(',').Select(part => Part.Parse(part, text, expected))]);
    }

    /// <summary>Returns the chosen numbers, ascending, each once.</summary>
    /// <param name="count">The length of the axis.</param>
    /// <param name="option">The option, for errors.</param>
    /// <param name="axis">What the axis is, for errors, such as <c>a model of 4 layers</c>.</param>
    /// <param name="isLeftOut">Tells which numbers a range leaves out; null for none.</param>
    /// <exception cref="ArgumentException">A number is outside the axis, or a range has none.</exception>
    public ImmutableArray<int> Resolve(int count, string option, string axis, Func<int, bool>? isLeftOut = null)
    {
        var found = new SortedSet<int>();
        foreach (var part in parts)
            found.UnionWith(part.Resolve(count, option, axis)
                .Where(number => !part.IsRange || isLeftOut?.Invoke(number) != true));
        return found.Count > 0
            ? [.. found]
            : throw new ArgumentException($"{option} is {this}, which leaves none of {axis}.");
    }

    /// <summary>Returns the chosen numbers as indices that mean the same on axes of different lengths.</summary>
    /// <param name="option">The option, for errors.</param>
    /// <exception cref="ArgumentException">A range goes from one end of the axis to the other.</exception>
    public ValueArray<Index> Indices(string option) =>
        [.. parts.SelectMany(part => part.Indices(option)).Distinct()];

    /// <summary>Returns the text that <see cref="Parse(string)"/> takes.</summary>
    public override string ToString() => this == All ? "all" : string.Join(',', parts.Select(part => part.Text));

    sealed record Part(int? Start, int? End, bool IsRange)
    {
        public string Text => IsRange
            ? FormattableString.Invariant($"{Start}:{End}")
            : FormattableString.Invariant($"{Start}");

        public static Part Parse(string text, string whole, string expected)
        {
            var ends = text.Split(':');
            var isRange = ends.Length == 2 && text.Length > 1;
            if (!isRange && ends.Length != 1)
                throw Unread(text, whole, expected);
            var part = new Part(Read(ends[0]), isRange ? Read(ends[1]) : null, isRange);
            if (!isRange && part.Start is null)
                throw Unread(text, whole, expected);
            // The two ends compare where both count from the same side.
            return part is { Start: { } start, End: { } end } && (start < 0) == (end < 0) && start >= end
                ? throw new FormatException(
                    $"has '{OneLine.Shorten(text)}', which is empty: the end of a range is not in it.")
                : part;

            int? Read(string number) => number.Length == 0 ? null
                : int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var read)
                    && number[0] != '+'
                    ? read
                    : throw Unread(text, whole, expected);
        }

        public IEnumerable<int> Resolve(int count, string option, string axis)
        {
            var start = Start is { } first ? Place(first, count) : 0;
            if (!IsRange)
                return start >= 0 && start < count
                    ? [start]
                    : throw new ArgumentException(
                        $"{option} is {Text}, expected {-count} to {count - 1} for {axis}.");
            var end = End is { } last ? Place(last, count) : count;
            return start >= 0 && end <= count && start < end
                ? Enumerable.Range(start, end - start)
                : throw new ArgumentException(
                    $"{option} has {Text}, expected a range between {-count} and {count}, with something in it, for "
                    + $"{axis}.");
        }

        public IEnumerable<Index> Indices(string option)
        {
            var (start, end) = (Start ?? 0, IsRange ? End ?? 0 : Start!.Value + 1);
            if (IsRange && ((End is null && start >= 0) || (End is not null && (start < 0) != (end < 0))))
                throw new ArgumentException(
                    $"{option} has {Text}, which names other numbers of prompts of other lengths; count both ends from "
                    + "the same side.");
            return Enumerable.Range(start, end - start).Select(number => number < 0 ? ^-number : (Index)number);
        }

        static int Place(int number, int count) => number < 0 ? number + count : number;

        static FormatException Unread(string part, string whole, string expected) => new(
            (whole.Length == 0 ? "is empty"
                : part == whole ? $"is '{OneLine.Shorten(whole)}'"
                : $"is '{OneLine.Shorten(whole)}', which has a '{OneLine.Shorten(part)}'")
            + $", expected {expected}.");
    }
}
