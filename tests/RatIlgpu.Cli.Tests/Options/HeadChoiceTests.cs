using System.Text.RegularExpressions;
using RatIlgpu.Cli.Options;
using RatIlgpu.Testing;

namespace RatIlgpu.Cli.Tests.Options;

public sealed class HeadChoiceTests
{
    const string Prompt = "When Mary and John went to the store, John gave a drink to";

    const string Corrupted = "When Mary and John went to the store, Mary gave a drink to";

    [Fact]
    public void Names_are_read_each_once() => Assert.Equal(
        [new HeadIndex(3, 2), new(1, 0), new(-1, -2)], HeadChoice.ParseNames("L3H2,1.0,l-1h-2,3.2"));

    [Theory]
    [InlineData("3", "is '3', expected names such as L3H2 or 3.2.")]
    [InlineData("L3H2,3", "is 'L3H2,3', which has a '3', expected names such as L3H2 or 3.2.")]
    [InlineData("L+3H2", "is 'L+3H2', expected names such as L3H2 or 3.2.")]
    [InlineData("", "is '', expected names such as L3H2 or 3.2.")]
    public void What_names_no_head_is_refused(string text, string fault) =>
        Assert.Equal(fault, Assert.Throws<FormatException>(() => HeadChoice.ParseNames(text)).Message);

    [Fact]
    public void The_name_of_one_head_is_no_list() => Assert.Equal(
        "is 'L3H2,3.1', expected one head.",
        Assert.Throws<FormatException>(() => HeadChoice.ParseName("L3H2,3.1")).Message);

    [Theory]
    [InlineData("L3H1", "3.1", "explain", "--head")]
    [InlineData("L3H1", "l-1h-7", "explain", "--head")]
    [InlineData("L1H0", "1.0", "explain", "--head", "L3H1", "--ablate")]
    [InlineData("L1H0", "L-3H0,1.0", "attribute", "--ablate")]
    [InlineData("L1H0", "L-3H0", "lens", "--ablate")]
    [InlineData("L1H0", "1.-8", "trace", "--output", "{0}", "--ablate")]
    [InlineData("L1H0", "1.-8", "trace", "--output", "{0}", "--through", "--ablate")]
    [InlineData("L1H0", "L-3H0", "attention", "--output", "{0}", "--heads", "L3H1", "--ablate")]
    [InlineData("L1H0", "1.0,L-3H-8", "patch", "--corrupted", Corrupted, "--source")]
    [InlineData(
        "L1H0", "1.0,L-3H-8", "ablate", "--output", "{0}", "--position", "5", "--redundancy", "--heads", "L1H3",
        "--value-heads")]
    public void Every_option_takes_the_same_names(string plain, string other, params string[] call)
    {
        using var folder = new TemporaryFolder();
        var (first, second) = (Run(plain), Run(other));
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        Assert.Equal(first, second);

        CommandRun Run(string name) => CommandRun.Of(
            [.. call.Select(word => string.Format(CultureInfo.InvariantCulture, word, folder.Root)), name, Prompt]);
    }

    [Theory]
    [InlineData("explain", "--head")]
    [InlineData("attribute", "--ablate")]
    [InlineData("patch", "--corrupted", Corrupted, "--source")]
    public void A_head_that_the_model_does_not_have_is_refused(params string[] call) =>
        CommandRun.Of([.. call, "L-5H0", Prompt]).Refuses(
            $"{call[^1]}: L-5H0 asked, but the model has layers 0 to 3, each with heads 0 to 7; negative numbers count "
            + "from the end.");

    [Theory]
    [InlineData("is 'x', expected names such as L3H2 or 3.2.", "predict", "x")]
    [InlineData("is '3,x', which has a '3', expected names such as L3H2 or 3.2.", "predict", "3,x")]
    [InlineData("is 'L3', expected numbers such as 3 or 0,2,-1, a range such as 2:5, or all.", "trace", "L3")]
    [InlineData(
        "is 'L3H2,1', which has a 'L3H2', expected numbers such as 3 or 0,2,-1, a range such as 2:5, or all.",
        "attribute", "L3H2,1")]
    [InlineData(
        "is 'x', expected names such as L3H2 or 3.2, or numbers such as 3 or 0,2,-1, a range such as 2:5, or all.",
        "ablate", "x")]
    public void A_command_offers_the_forms_that_it_takes(string fault, string command, string heads) =>
        CommandRun.Of(command, "--heads", heads, Prompt).IsMisused(
            $"--heads {fault}", $" {command}");

    [Theory]
    [InlineData("trace", "--heads")]
    [InlineData("trace", "--ablate")]
    [InlineData("attribute", "--unit", "head", "--heads")]
    [InlineData("attribute", "--ablate")]
    [InlineData("lens", "--ablate")]
    [InlineData("explain", "--head")]
    [InlineData("explain", "--head", "L3H1", "--ablate")]
    [InlineData("patch", "--corrupted", Corrupted, "--activation", "head-output", "--heads")]
    [InlineData("patch", "--corrupted", Corrupted, "--source")]
    [InlineData("attention", "--heads")]
    [InlineData("attention", "--ablate")]
    [InlineData("predict", "--heads")]
    [InlineData("components", "--heads")]
    [InlineData("ablate", "--heads")]
    [InlineData("ablate", "--redundancy", "--heads", "L1H3", "--value-heads")]
    public void A_form_that_an_error_offers_is_taken(params string[] call)
    {
        using var folder = new TemporaryFolder();
        var refusals = new[] { "x", "L3", "L3H", "1..2", "0,x", "L3H2,x", "", "0,2", "L3H2", "all" }
            .Select(Run).Where(run => run.ExitCode == 2).ToList();
        Assert.NotEmpty(refusals);
        foreach (var refusal in refusals)
        {
            var forms = OfferedIn(refusal.Error);
            Assert.NotEmpty(forms);
            foreach (var form in forms)
            {
                var taken = Run(form);
                Assert.StartsWith($"ratilgpu: '{folder.Path("none")}': ", taken.Error, StringComparison.Ordinal);
                Assert.Equal(1, taken.ExitCode);
            }
        }

        // The model is not there: what comes to it was taken.
        CommandRun Run(string value) => CommandRun.Of([.. call, value, "--model", folder.Path("none"), Prompt]);
    }

    // Such as L3H2, 3.2, 0,2,-1, 2:5 and all.
    static IReadOnlyList<string> OfferedIn(string error) =>
    [
        .. Regex.Matches(
                error, @"(?<=such as | or )(all\b|L?-?[0-9][LH0-9:-]*(\.[0-9]+)?(,-?[0-9]+)*)",
                RegexOptions.ExplicitCapture)
            .Select(found => found.Value),
    ];
}
