namespace RatIlgpu.Html;

/// <summary>The colours of the pages, light and dark.</summary>
/// <remarks>The hues of the paths can be told apart with deuteranopia, protanopia and tritanopia. Text has a contrast
/// of at least 4.5, marks of at least 3.</remarks>
static class Palette
{
    /// <summary>Gets the hues of the paths, which repeat after the last.</summary>
    public static ImmutableArray<(string Light, string Dark)> Paths { get; } =
    [
        ("#0b66c3", "#5aa9ff"), ("#c84d00", "#ff8a3d"), ("#38a1b9", "#59fce1"), ("#6e2920", "#a47726"),
        ("#9b75f9", "#e3a2b5"), ("#9c587c", "#deeb12"), ("#3b3975", "#3b8f91"),
    ];

    /// <summary>Gets the shades of heat, from none to the most.</summary>
    public static ImmutableArray<(string Light, string Dark)> Heat { get; } =
    [
        ("#f9fafc", "#12171b"), ("#dbe9fc", "#142e43"), ("#add1ff", "#10466c"), ("#7bb1f6", "#0e629a"),
        ("#468de5", "#2580c1"), ("#126ac8", "#50a2e3"), ("#024e9a", "#86c5fa"), ("#00346c", "#d5ebfe"),
    ];

    /// <summary>Gets the shades of signed numbers, from the most negative over 0 to the most positive.</summary>
    public static ImmutableArray<(string Light, string Dark)> Signed { get; } =
    [
        ("#7b3003", "#fdc2a2"), ("#a64302", "#f88f4f"), ("#d05b17", "#d26c28"), ("#ea814f", "#a3521c"),
        ("#f8ac8b", "#753b15"), ("#fcd4c3", "#4b2915"), ("#f8f9fa", "#17191c"), ("#cde0f9", "#1a354d"),
        ("#9ec4f4", "#1e507b"), ("#6ca4eb", "#2b70ab"), ("#3d84db", "#4391d7"), ("#0664c1", "#70b4f3"),
        ("#004991", "#add6fd"),
    ];

    /// <summary>Gets the shades for a larger share in trace A, from a small difference to a large one.</summary>
    public static ImmutableArray<(string Light, string Dark)> MoreInA { get; } =
        [("#cde0f9", "#1a354d"), ("#9ec4f4", "#1e507b"), ("#6ca4eb", "#2b70ab"), ("#0664c1", "#70b4f3")];

    /// <summary>Gets the shades for a larger share in trace B, from a small difference to a large one.</summary>
    public static ImmutableArray<(string Light, string Dark)> MoreInB { get; } =
        [("#fcd4c3", "#4b2915"), ("#f8ac8b", "#753b15"), ("#ea814f", "#a3521c"), ("#a64302", "#f88f4f")];

    /// <summary>Gets the colours that are CSS variables, by their names, in ordinal order.</summary>
    public static SortedList<string, (string Light, string Dark)> Named { get; } =
        new(StringComparer.Ordinal)
        {
            ["ground"] = ("#f6f7f9", "#0f1114"),
            ["surface"] = ("#ffffff", "#14161a"),
            ["surface-2"] = ("#eef1f4", "#1d2127"),
            ["ink"] = ("#16191d", "#eceff3"),
            ["ink-2"] = ("#4a535e", "#b6bec8"),
            ["ink-3"] = ("#5f6873", "#8d97a3"),
            ["line"] = ("#d5dae0", "#303740"),
            ["line-2"] = ("#868f9a", "#6a7480"),
            ["focus"] = ("#0b66c3", "#5aa9ff"),
            ["hit"] = ("#ffd84d", "#7a6200"),
            ["accent"] = Paths[1],
            ["bar"] = ("#2c343d", "#c9d1da"),
            ["bar-target"] = ("#16191d", "#ffffff"),
        };

    /// <summary>Gets CSS rules for the colours of every page; <c>light-dark()</c> follows the active scheme.</summary>
    public static string Css { get; } = Write();

    /// <summary>Gets CSS rules for the shades of heat.</summary>
    public static string HeatCss { get; } = WriteHeat();

    /// <summary>Gets CSS rules for the shades of differences.</summary>
    public static string DifferenceCss { get; } = WriteDifferences();

    /// <summary>Gets CSS rules for the shades of a matrix: those of heat and of signed numbers, by name and for
    /// marks.</summary>
    public static string MatrixCss { get; } = HeatCss + WriteMatrix();

    /// <summary>Returns black or white, whichever has more contrast to a colour.</summary>
    public static string InkOn(string colour) =>
        Contrast(colour, "#ffffff") >= Contrast(colour, "#000000") ? "#ffffff" : "#000000";

    /// <summary>Returns the contrast of two colours, from 1 to 21.</summary>
    /// <remarks>Web Content Accessibility Guidelines 2.2, "contrast ratio".</remarks>
    public static double Contrast(string a, string b)
    {
        var (one, other) = (Luminance(a), Luminance(b));
        return (Math.Max(one, other) + 0.05) / (Math.Min(one, other) + 0.05);
    }

    /// <summary>Returns a colour between two.</summary>
    /// <param name="from">The colour at 0.</param>
    /// <param name="to">The colour at 1.</param>
    /// <param name="part">How far it lies from the first one, in [0, 1].</param>
    public static string Mixed(string from, string to, double part)
    {
        var (one, other) = (Channels(from), Channels(to));
        var mixed = 0;
        for (var shift = 16; shift >= 0; shift -= 8)
        {
            var (a, b) = ((one >> shift) & 255, (other >> shift) & 255);
            mixed |= (int)Math.Round(a + ((b - a) * part)) << shift;
        }

        return string.Create(CultureInfo.InvariantCulture, $"#{mixed:x6}");
    }

    static int Channels(string colour) =>
        int.Parse(colour.AsSpan(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    static string Write()
    {
        var css = new StringBuilder(":root {\n");
        foreach (var (name, colour) in Named)
            css.Append(CultureInfo.InvariantCulture, $"--{name}: {Value(colour)};\n");
        css.Append("}\n");
        for (var i = 0; i < Paths.Length; i++)
            AppendPair(css, $".hue-{i}", "--hue", "--hue-ink", Paths[i]);
        return css.ToString();
    }

    static string WriteHeat()
    {
        var css = new StringBuilder();
        // The lowest shade is the surface itself.
        for (var i = 1; i < Heat.Length; i++)
            AppendPair(css, $"[data-h=\"{i}\"]", "background", "color", Heat[i]);
        return css.ToString();
    }

    static string WriteMatrix()
    {
        var css = new StringBuilder(":root {\n");
        foreach (var (name, scale) in new[] { ("h", Heat), ("v", Signed) })
            for (var i = 0; i < scale.Length; i++)
                css.Append(CultureInfo.InvariantCulture, $"--{name}{i}: {Value(scale[i])};\n");
        css.Append("}\n");
        for (var i = 0; i < Signed.Length; i++)
            AppendPair(css, $"[data-v=\"{i - (Signed.Length / 2)}\"]", "background", "color", Signed[i]);
        return css.ToString();
    }

    static string WriteDifferences()
    {
        var css = new StringBuilder();
        foreach (var (side, steps) in new[] { ("a", MoreInA), ("b", MoreInB) })
            for (var i = 0; i < steps.Length; i++)
                AppendPair(css, $"[data-d={side}{i + 1}]", "--step", "--step-ink", steps[i]);
        return css.ToString();
    }

    // Appends a rule with a colour and the colour of text on it.
    static void AppendPair(
        StringBuilder css, string selector, string ground, string ink, (string Light, string Dark) colour) =>
        css.Append(CultureInfo.InvariantCulture, $"{selector} {{ {ground}: {Value(colour)}; ")
            .Append(CultureInfo.InvariantCulture, $"{ink}: {Value((InkOn(colour.Light), InkOn(colour.Dark)))}; }}\n");

    static string Value((string Light, string Dark) colour) => $"light-dark({colour.Light}, {colour.Dark})"
        .Replace("#ffffff", "#fff", StringComparison.Ordinal).Replace("#000000", "#000", StringComparison.Ordinal);

    static double Luminance(string colour)
    {
        var rgb = Channels(colour);
        return (0.2126 * Linear(rgb >> 16)) + (0.7152 * Linear((rgb >> 8) & 255)) + (0.0722 * Linear(rgb & 255));
    }

    static double Linear(int channel)
    {
        var value = channel / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }
}
