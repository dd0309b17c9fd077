namespace RatIlgpu.Text;

/// <summary>Python's arithmetic, also of texts and lists.</summary>
static class Arithmetic
{
    // Beyond this a whole number is no longer exact as a double.
    const long Exact = 1L << 53;

    /// <summary>Returns what an operator makes of two values.</summary>
    /// <exception cref="TemplateException">The operator has no meaning for them, or the result is not known
    /// here.</exception>
    public static object? Of(TemplateRun run, string sign, object? left, object? right)
    {
        Operators.NeedDefined(run, left);
        if (sign == "%" && left is string)
            throw run.Unknown("the operator '%' behind a text");
        Operators.NeedDefined(run, right);
        if (Operators.WholeOrNull(left) is { } one && Operators.WholeOrNull(right) is { } other)
            return Whole(run, sign, one, other);
        if (Operators.NumberOrNull(left) is { } number && Operators.NumberOrNull(right) is { } second)
            return Fractional(run, sign, number, second);
        return (sign, left, right) switch
        {
            ("+", string first, string last) => Concat(run, first, last),
            ("+", Sequence first, Sequence last) when first.Kind == last.Kind && IsPlain(first) =>
                new Sequence(run, first.Kind, [.. first.Items, .. last.Items]),
            ("*", string or Sequence, _) when Operators.WholeOrNull(right) is { } times => Repeat(run, left, times),
            ("*", _, string or Sequence) when Operators.WholeOrNull(left) is { } times => Repeat(run, right, times),
            (_, SafeText, _) or (_, _, SafeText) =>
                throw run.Unknown($"the operator '{sign}' on a text marked as safe"),
            _ => throw run.Fault(
                $"the operator '{sign}' has no meaning for {PythonText.TypeOf(left)} and {PythonText.TypeOf(right)}"),
        };
    }

    /// <summary>Returns a number with the other sign, or the same.</summary>
    /// <exception cref="TemplateException">The value is no number.</exception>
    public static object? Signed(TemplateRun run, string sign, object? value)
    {
        Operators.NeedDefined(run, value);
        return value is double number ? sign == "-" ? -number : number
            : Operators.WholeOrNull(value) is { } whole ? Checked(run, () => sign == "-" ? checked(-whole) : whole)
            : throw run.Fault($"the operator '{sign}' has no meaning for {PythonText.TypeOf(value)}");
    }

    static bool IsPlain(Sequence sequence) => sequence.Kind is SequenceKind.List or SequenceKind.Tuple;

    static string Concat(TemplateRun run, string first, string last)
    {
        run.Charge(first.Length + (long)last.Length);
        return first + last;
    }

    static object? Repeat(TemplateRun run, object? value, long times)
    {
        times = Math.Max(times, 0);
        if (value is string text)
        {
            run.Charge(text.Length == 0 ? 0 : Math.Min(times, int.MaxValue) * text.Length);
            return text.Length == 0 ? "" : new StringBuilder().Insert(0, text, (int)times).ToString();
        }

        var sequence = (Sequence)value!;
        if (!IsPlain(sequence))
            throw run.Fault($"the operator '*' has no meaning for {PythonText.TypeOf(value)}");
        if (sequence.Items.Count == 0)
            return value;
        run.Step(Math.Min(times, int.MaxValue) * sequence.Items.Count);
        return new Sequence(run, sequence.Kind, [.. Enumerable.Repeat(sequence.Items, (int)times).SelectMany(x => x)]);
    }

    static object? Whole(TemplateRun run, string sign, long left, long right) => sign switch
    {
        "+" => Checked(run, () => checked(left + right)),
        "-" => Checked(run, () => checked(left - right)),
        "*" => Checked(run, () => checked(left * right)),
        "/" when Math.Abs((double)left) > Exact || Math.Abs((double)right) > Exact =>
            throw run.Unknown("a quotient of whole numbers of more than 53 bits"),
        "/" => left / (double)NonZero(run, right),
        "//" => Checked(run, () => checked(left / NonZero(run, right)) - (HasOtherSign(left, right) ? 1 : 0)),
        "%" => right == -1 ? 0L : left % NonZero(run, right) + (HasOtherSign(left, right) ? right : 0),
        _ when right < 0 => Fractional(run, sign, left, right),
        _ => Checked(run, () => Power(left, right)),
    };

    // Python rounds quotients down, .NET toward 0.
    static bool HasOtherSign(long left, long right) => right != -1 && left % right is not 0 and var rest
        && rest < 0 != right < 0;

    static object? Fractional(TemplateRun run, string sign, double left, double right) => sign switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => right != 0 ? left / right : throw DivisionByZero(run),
        "**" => PowerOf(run, left, right),
        _ when right == 0 => throw DivisionByZero(run),
        "%" => Remainder(left, right),
        _ => Quotient(left, right),
    };

    static double Remainder(double left, double right)
    {
        var rest = left % right;
        return rest == 0 ? Math.CopySign(0, right) : rest < 0 != right < 0 ? rest + right : rest;
    }

    static double Quotient(double left, double right)
    {
        var rest = left % right;
        var quotient = (left - rest) / right - (rest != 0 && rest < 0 != right < 0 ? 1 : 0);
        var floor = Math.Floor(quotient);
        return quotient == 0 ? Math.CopySign(0, left / right) : quotient - floor > 0.5 ? floor + 1 : floor;
    }

    static double PowerOf(TemplateRun run, double left, double right)
    {
        var power = Math.Pow(left, right);
        return double.IsFinite(power) || !double.IsFinite(left) || !double.IsFinite(right)
            ? power
            : throw run.Fault("the power is no finite number");
    }

    static long Power(long left, long right)
    {
        var power = 1L;
        if (left is 0 or 1 or -1)
            return right == 0 ? 1 : left == -1 && right % 2 == 0 ? 1 : left;
        for (; right > 0; right--)
            power = checked(power * left);
        return power;
    }

    static long NonZero(TemplateRun run, long number) => number != 0 ? number : throw DivisionByZero(run);

    static TemplateException DivisionByZero(TemplateRun run) => run.Fault("a division by zero");

    static object? Checked(TemplateRun run, Func<long> compute)
    {
        try
        {
            return compute();
        }
        catch (OverflowException)
        {
            throw run.Unknown("a whole number of more than 64 bits");
        }
    }
}
