using RatIlgpu.Cli.Options;

namespace RatIlgpu.Cli.Tests.Options;

/// <summary>Messages of the library in the words of the command line.</summary>
public sealed class OptionNamesTests
{
    [Theory]
    [InlineData(
        "RotatedQuery of layer 0 was not recorded: ask for RotatedQuery when recording.",
        "rotated-query of layer 0 was not recorded: ask for rotated-query when recording.")]
    [InlineData("Head 2 of Value of layer 3 was not recorded.", "Head 2 of value of layer 3 was not recorded.")]
    [InlineData("Logits was not recorded.", "logits was not recorded.")]
    [InlineData("record Pattern, or RotatedQuery and RotatedKey.", "record Pattern, or rotated-query and rotated-key.")]
    public void An_activation_is_spelled_as_options_spell_it(string message, string said) => Says(message, said);

    [Theory]
    [InlineData("/runs/RotatedQuery/a.st: no such file.")]
    [InlineData("The prompt is 'HeadValue of layer 3', expected ids.")]
    [InlineData("RotatedQuery.st was not found.")]
    [InlineData("No LanguageModel of layer 3 is there.")]
    [InlineData("Key 3 is padding.")]
    public void Other_words_stay_as_they_are(string message) => Says(message, message);

    [Theory]
    [InlineData("zero HeadValue of layer 3, heads 0, 2: the run ends.", "--ablate L3H0,L3H2: the run ends.")]
    [InlineData(
        "scale MlpOutput of layer 1: the run ends after Value of layer 0.",
        "scale the MLP output of layer 1: the run ends after value of layer 0.")]
    public void An_intervention_is_told_in_the_words_of_reports(string message, string said) => Says(message, said);

    static void Says(string message, string said)
    {
        Assert.Equal(said, OptionNames.MessageOf(new ArgumentException(message)));
        // A message may be passed on.
        Assert.Equal(said, OptionNames.MessageOf(new InvalidDataException(said)));
    }
}
