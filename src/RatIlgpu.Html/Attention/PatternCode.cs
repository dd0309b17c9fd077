namespace RatIlgpu.Html;

/// <summary>Writes probabilities as whole numbers: in 65,536 equal steps, or in 256 steps of the square root, which are
/// finer near zero.</summary>
static class PatternCode
{
    /// <summary>The code of probability 1.</summary>
    public const int One = ushort.MaxValue;

    static readonly byte[] Roots = [.. Enumerable.Range(0, One + 1).Select(
        code => (byte)Math.Round(Math.Sqrt(code / (double)One) * byte.MaxValue))];

    static readonly ushort[] Middles = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(
        root => (ushort)Math.Round(root * (double)root * One / (byte.MaxValue * byte.MaxValue)))];

    static readonly ushort[] Largest = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(
        root => (ushort)(Array.FindLastIndex(Roots, one => one == root)))];

    static readonly ushort[] Errors = LargestErrors();

    /// <summary>Returns the nearest code of a probability; a number outside [0, 1] gets the code of the nearer end.
    /// </summary>
    public static ushort Of(float probability) => (ushort)((Math.Clamp((double)probability, 0, 1) * One) + 0.5);

    /// <summary>Returns the code of a probability times a factor, both given by their codes.</summary>
    public static ushort Weighted(ushort code, ushort factor) => (ushort)((((uint)code * factor) + (One / 2)) / One);

    /// <summary>Returns the square root of a code, in 256 steps; a code above zero has a root above zero.</summary>
    public static byte RootOf(ushort code) => Roots[code];

    /// <summary>Returns the code that a root stands for.</summary>
    public static ushort MiddleOf(byte root) => Middles[root];

    /// <summary>Returns the largest code that has a root.</summary>
    public static ushort LargestOf(byte root) => Largest[root];

    /// <summary>Returns how far a code up to this one can be from the code that its root stands for.</summary>
    public static ushort LargestErrorUpTo(ushort code) => Errors[code];

    static ushort[] LargestErrors()
    {
        var errors = new ushort[One + 1];
        for (var code = 1; code <= One; code++)
            errors[code] = (ushort)Math.Max(errors[code - 1], Math.Abs(Middles[Roots[code]] - code));
        return errors;
    }
}
