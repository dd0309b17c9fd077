using System.Text.RegularExpressions;

namespace RatIlgpu.Html.Tests;

public sealed class PaletteTests
{
    // Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009),
    // severity 1, on linear RGB.
    static readonly double[][] Deficiencies =
    [
        [1, 0, 0, 0, 1, 0, 0, 0, 1],
        [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881],
        [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
        [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900],
    ];

    [Theory]
    [InlineData("ink")]
    [InlineData("ink-2")]
    [InlineData("ink-3")]
    public void Text_can_be_read_on_every_ground(string ink)
    {
        foreach (var ground in new[] { "ground", "surface", "surface-2" })
        {
            Assert.InRange(Palette.Contrast(Palette.Named[ink].Light, Palette.Named[ground].Light), 4.5, 21);
            Assert.InRange(Palette.Contrast(Palette.Named[ink].Dark, Palette.Named[ground].Dark), 4.5, 21);
        }
    }

    [Fact]
    public void Text_can_be_read_on_every_shade_and_chip() =>
        Assert.All(
            [.. Palette.Heat, .. Palette.Signed, .. Palette.Paths, .. Palette.MoreInA, .. Palette.MoreInB], pair =>
        {
            Assert.InRange(Palette.Contrast(Palette.InkOn(pair.Light), pair.Light), 4.5, 21);
            Assert.InRange(Palette.Contrast(Palette.InkOn(pair.Dark), pair.Dark), 4.5, 21);
        });

    [Fact]
    public void Marks_stand_out_from_the_surface() =>
        Assert.All([.. Palette.Paths, Palette.Named["line-2"], Palette.Named["focus"], Palette.Named["bar"]], pair =>
        {
            Assert.InRange(Palette.Contrast(pair.Light, Palette.Named["surface"].Light), 3, 21);
            Assert.InRange(Palette.Contrast(pair.Dark, Palette.Named["surface"].Dark), 3, 21);
        });

    [Fact]
    public void More_heat_is_more_contrast()
    {
        foreach (var (less, more) in Palette.Heat.Zip(Palette.Heat.Skip(1)))
        {
            Assert.True(Palette.Contrast(more.Light, "#ffffff") > Palette.Contrast(less.Light, "#ffffff"));
            Assert.True(Palette.Contrast(more.Dark, "#000000") > Palette.Contrast(less.Dark, "#000000"));
        }
    }

    [Fact]
    public void A_larger_number_is_more_contrast_on_both_sides_of_0()
    {
        var middle = Palette.Signed.Length / 2;
        for (var i = 1; i <= middle; i++)
            foreach (var (more, less) in new[] { (middle + i, middle + i - 1), (middle - i, middle - i + 1) })
            {
                var (strong, weak) = (Palette.Signed[more], Palette.Signed[less]);
                Assert.True(Palette.Contrast(strong.Light, "#ffffff") > Palette.Contrast(weak.Light, "#ffffff"));
                Assert.True(Palette.Contrast(strong.Dark, "#000000") > Palette.Contrast(weak.Dark, "#000000"));
            }
    }

    [Fact]
    public void A_negative_number_is_told_from_a_positive_one_by_every_kind_of_sight()
    {
        foreach (var sight in Deficiencies)
            for (var i = 0; i < Palette.Signed.Length / 2; i++)
            {
                var (negative, positive) = (Palette.Signed[i], Palette.Signed[^(i + 1)]);
                Assert.InRange(Distance(Seen(negative.Light, sight), Seen(positive.Light, sight)), 5, 200);
                Assert.InRange(Distance(Seen(negative.Dark, sight), Seen(positive.Dark, sight)), 5, 200);
            }
    }

    [Fact]
    public void Paths_are_told_apart_by_every_kind_of_sight()
    {
        foreach (var sight in Deficiencies)
            for (var i = 0; i < Palette.Paths.Length; i++)
                for (var j = 0; j < i; j++)
                {
                    var (one, other) = (Palette.Paths[i], Palette.Paths[j]);
                    Assert.InRange(Distance(Seen(one.Light, sight), Seen(other.Light, sight)), 9.5, 200);
                    Assert.InRange(Distance(Seen(one.Dark, sight), Seen(other.Dark, sight)), 9.5, 200);
                }
    }

    [Fact]
    public void More_of_one_is_told_from_more_of_the_other_by_every_kind_of_sight()
    {
        foreach (var sight in Deficiencies)
            foreach (var (a, b) in Palette.MoreInA.Zip(Palette.MoreInB))
            {
                Assert.InRange(Distance(Seen(a.Light, sight), Seen(b.Light, sight)), 5, 200);
                Assert.InRange(Distance(Seen(a.Dark, sight), Seen(b.Dark, sight)), 5, 200);
            }
    }

    [Fact]
    public void Every_colour_follows_the_scheme()
    {
        var css = Palette.Css + Palette.HeatCss + Palette.DifferenceCss;
        const string Colour = "#([0-9a-f]{3}|[0-9a-f]{6})";
        Assert.DoesNotContain('#', Regex.Replace(css, $@"light-dark\({Colour}, {Colour}\);", ""));
        Assert.Equal(Palette.Named.Count + (2 * (7 + 7 + 8)), Regex.Count(css, "light-dark"));
    }

    static double Distance((double L, double A, double B) x, (double L, double A, double B) y) =>
        100 * Math.Sqrt(Square(x.L - y.L) + Square(x.A - y.A) + Square(x.B - y.B));

    static double Square(double value) => value * value;

    // Oklab, as Ottosson defines it.
    static (double L, double A, double B) Seen(string hue, double[] sight)
    {
        var rgb = int.Parse(hue.AsSpan(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var (r, g, b) = Times(sight, Linear(rgb >> 16), Linear((rgb >> 8) & 255), Linear(rgb & 255));
        var (l, m, s) = Times(
            [
                0.4122214708, 0.5363325363, 0.0514459929,
                0.2119034982, 0.6806995451, 0.1073969566,
                0.0883024619, 0.2817188376, 0.6299787005,
            ],
            Math.Clamp(r, 0, 1), Math.Clamp(g, 0, 1), Math.Clamp(b, 0, 1));
        return Times(
            [
                0.2104542553, 0.7936177850, -0.0040720468,
                1.9779984951, -2.4285922050, 0.4505937099,
                0.0259040371, 0.7827717662, -0.8086757660,
            ],
            Math.Cbrt(l), Math.Cbrt(m), Math.Cbrt(s));
    }

    static (double, double, double) Times(double[] matrix, double x, double y, double z)
    {
        return (Row(0), Row(3), Row(6));

        double Row(int start) => (matrix[start] * x) + (matrix[start + 1] * y) + (matrix[start + 2] * z);
    }

    static double Linear(int channel)
    {
        var value = channel / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }
}
