using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace RatIlgpu.Properties;

/// <summary>Holds a statement against many random cases.</summary>
/// <remarks><c>RATILGPU_LAW_CASES</c> sets how many cases a law tries, <c>RATILGPU_LAW_SEED</c> repeats a run: a
/// failure prints the seed as <c>seed,gamma</c>, and the case it shrank to.</remarks>
static class Law
{
    /// <summary>Tries a statement on cases; an exception, such as one of Assert, makes it fail.</summary>
    /// <param name="cases">Where cases come from, with a shrinker of their own.</param>
    /// <param name="statement">What must hold for each.</param>
    /// <param name="count">How many cases, unless the environment says.</param>
    public static void Holds<T>(Arbitrary<T> cases, Action<T> statement, int count = 200)
    {
        var config = Config.QuickThrowOnFailure.WithMaxTest(FromEnvironment("RATILGPU_LAW_CASES") ?? count);
        if (Environment.GetEnvironmentVariable("RATILGPU_LAW_SEED") is { Length: > 0 } seed)
        {
            var parts = seed.Split(',');
            config = config.WithReplay(
                ulong.Parse(parts[0], CultureInfo.InvariantCulture),
                ulong.Parse(parts[1], CultureInfo.InvariantCulture));
        }

        Prop.ForAll(cases, statement).Check(config);
    }

    /// <summary>Makes cases with a shrinker; a generator alone would never shrink.</summary>
    public static Arbitrary<T> Cases<T>(Gen<T> generator, Func<T, IEnumerable<T>> smaller) =>
        Arb.From(generator, smaller);

    static int? FromEnvironment(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
            : null;
}
