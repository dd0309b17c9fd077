using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;

namespace RatIlgpu.Properties;

/// <summary>Holds the laws to their number of cases, to shrinkers, and to the variables that a user may set.</summary>
public sealed partial class LawTests
{
    const BindingFlags All =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    // Some tests run the last two laws in another process, with this variable set.
    const string Trial = "RATILGPU_LAW_TRIAL";

    static readonly bool IsTrial = Environment.GetEnvironmentVariable(Trial) is not null;

    [Fact]
    public void No_law_tries_fewer_cases_than_it_is_said_to()
    {
        var least = Least();
        Assert.Equal(least.Keys.Order(), Laws().Select(Name).Order());
        Assert.All(Laws(), law => Assert.InRange(Attribute(law).Cases, least[Name(law)], int.MaxValue));
    }

    [Fact]
    public void The_number_of_cases_and_their_sizes_are_set_in_one_place_only()
    {
        var types = typeof(LawTests).Assembly.GetTypes();
        Assert.All(types.SelectMany(type => type.GetMethods(All)), method => Assert.True(
            method.GetCustomAttribute<PropertyAttribute>() is null or LawAttribute, Name(method)));
        var fromEnvironment = new LawAttribute(-1).MaxTest is var number and > 0 ? number : (int?)null;
        var classes = types.Select(type => type.GetCustomAttribute<PropertiesAttribute>()).OfType<PropertyAttribute>();
        Assert.All(Laws().Select(Attribute).Concat(classes), found =>
        {
            var law = found as LawAttribute;
            Assert.Equal(law is null ? -1 : fromEnvironment ?? law.Cases, found.MaxTest);
            Assert.Equal((-1, -1, -1), (found.StartSize, found.EndSize, found.MaxRejected));
        });
    }

    // FsCheck derives an arbitrary from a constructor where a type has none of its own.
    [Fact]
    public void Every_law_has_arbitraries_that_shrink() => Assert.All(Laws(), law =>
    {
        Type[] types =
        [
            .. Attribute(law).Arbitrary,
            .. law.DeclaringType!.GetCustomAttribute<PropertiesAttribute>()?.Arbitrary ?? [],
        ];
        Assert.NotEmpty(law.GetParameters());
        foreach (var type in law.GetParameters().Select(parameter => parameter.ParameterType))
        {
            Assert.Contains(
                types.SelectMany(one => one.GetProperties(All)),
                property => property.PropertyType == typeof(Arbitrary<>).MakeGenericType(type));
            var cases = Config.Default.WithArbitrary(types).ArbMap.ArbFor(type);
            Assert.Contains(cases.Generator.Sample(50, 100), one => cases.Shrinker(one).Any());
        }
    });

    [Fact]
    public void The_environment_sets_the_number_of_cases() =>
        Assert.Equal(7, Tried(Run(nameof(Any_number_is_tried), ("RATILGPU_LAW_CASES", "7"))).Length);

    [Fact]
    public void A_number_of_cases_below_1_fails_every_law() => Assert.Contains(
        "RATILGPU_LAW_CASES is 0: expected a number from 1",
        Run(nameof(Any_number_is_tried), ("RATILGPU_LAW_CASES", "0")),
        StringComparison.Ordinal);

    [Fact]
    public void The_seed_that_a_failure_prints_repeats_the_run()
    {
        var first = Run(nameof(A_number_is_below_900_if_that_is_tried));
        var printed = Seed().Match(first).Value;
        Assert.Contains("\n  Shrunk:\n  900\n", first.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        foreach (var replay in (string[])[printed, printed.Trim('(', ')')])
        {
            var again = Run(nameof(A_number_is_below_900_if_that_is_tried), ("RATILGPU_LAW_SEED", replay));
            Assert.Contains(printed, again, StringComparison.Ordinal);
            Assert.Equal(Tried(first), Tried(again));
        }
    }

    [Law(Arbitrary = [typeof(Numbers)])]
    internal void Any_number_is_tried(int number)
    {
        if (IsTrial)
            Console.WriteLine($"tried {number}");
    }

    [Law(1000, Arbitrary = [typeof(Numbers)])]
    internal void A_number_is_below_900_if_that_is_tried(int number)
    {
        Any_number_is_tried(number);
        Assert.InRange(number, 0, IsTrial ? 899 : 1000);
    }

    static string Run(string law, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { typeof(LawTests).Assembly.Location, "--filter-method", $"*.{law}" },
            RedirectStandardOutput = true,
        };
        foreach (var name in (string[])["RATILGPU_LAW_CASES", "RATILGPU_LAW_SEED"])
            start.Environment.Remove(name);
        foreach (var (name, value) in environment.Append((Trial, "1")))
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    static string[] Tried(string output) => [.. Case().Matches(output).Select(match => match.Groups[1].Value)];

    static IEnumerable<MethodInfo> Laws() => typeof(LawTests).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods(All))
        .Where(method => method.GetCustomAttribute<LawAttribute>() is not null);

    static LawAttribute Attribute(MethodInfo law) => law.GetCustomAttribute<LawAttribute>()!;

    static string Name(MethodInfo law) => $"{law.DeclaringType!.Name}.{law.Name}";

    // A line has a number of cases, a class, and the laws of the class that try at least so many.
    static Dictionary<string, int> Least() => (
        from line in File.ReadLines(Repository.Path("properties/RatIlgpu.Properties/LawCases.txt"))
        let words = line.Split(' ')
        from law in words.Skip(2)
        select (Law: $"{words[1]}.{law}", Count: int.Parse(words[0], CultureInfo.InvariantCulture)))
        .ToDictionary(entry => entry.Law, entry => entry.Count);

    [GeneratedRegex(@"\(\d+,\d+\)")]
    private static partial Regex Seed();

    [GeneratedRegex(@"tried (\d+)")]
    private static partial Regex Case();

    static class Numbers
    {
        // A case that cannot shrink is printed as the first one alone: 900 is never the first.
        public static Arbitrary<int> Any { get; } = Arb.From(
            Gen.Choose(0, 1000).Where(number => number != 900), number => number == 0 ? [] : [number / 2, number - 1]);
    }
}
