using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>Holds the formulas to the definition of the model, in double.</summary>
public sealed class ConstructedModelTests
{
    /// <summary>Scores up to 150 in double.</summary>
    const double Double = 1e-10;

    /// <summary>The formulas of deeper layers take the attention of the first one, 1 − 2·10⁻⁸, as 1.</summary>
    const double Deep = 1e-6;

    const int Tokens = 48;

    static ImmutableArray<int> Prompt { get; } = [.. PositionalCases.Prompt(Tokens)];

    [Fact]
    public void A_head_that_looks_back_has_the_pattern_of_its_formula()
    {
        foreach (var shape in (ConstructedShape[])[ConstructedShape.Reference, ConstructedShape.Qwen2])
        {
            var run = new DoubleConstructed(PositionalModels.Offset(4, 110, shape), Prompt);
            Same(PositionalCases.Pattern(Tokens, 4, 110, shape), run.Pattern(new(0, 1)), Double);
            Same(ClosedForms.Pattern(Tokens, (_, _) => 0), run.Pattern(new(0, 0)), Double);
        }
    }

    // The slowest pair turns by 3·10⁻⁸ for each position, and a score of 9 changes by 10⁻¹¹.
    [Fact]
    public void A_head_that_looks_at_keys_has_the_pattern_of_its_formula()
    {
        var run = new DoubleConstructed(PositionalModels.KeySelective(9, 3, 11), Prompt);
        Same(
            ClosedForms.Pattern(Tokens, (_, key) => Prompt[key] is 3 or 11 ? 9 : 0),
            run.Pattern(new(0, PositionalModels.SelectiveHead)), Double);
    }

    [Fact]
    public void A_head_that_looks_for_tokens_has_the_pattern_of_its_formula()
    {
        foreach (var repulsion in (double[])[0, 60, 150])
            Same(
                MatchingCases.DuplicatePattern(MatchingCases.Random, repulsion),
                new DoubleConstructed(MatchingModels.Duplicate(30, repulsion), MatchingCases.Random)
                    .Pattern(new(0, MatchingModels.DuplicateHead)),
                Double);
        foreach (var ids in (ImmutableArray<int>[])[MatchingCases.Run, MatchingCases.Permuted, MatchingCases.Fillers])
            Same(
                MatchingCases.SuccessorPattern(ids),
                new DoubleConstructed(MatchingModels.Successor(15), ids)
                    .Pattern(new(0, MatchingModels.SuccessorHead)),
                Double);
    }

    [Fact]
    public void A_circuit_of_two_layers_has_the_pattern_of_its_formula()
    {
        foreach (var ids in (ImmutableArray<int>[])[MatchingCases.Twice, CircuitCases.WithFirst])
            Same(
                CircuitCases.Pattern(ids),
                new DoubleConstructed(CircuitModels.Induction(), ids).Pattern(CircuitModels.Inductor), Deep);
        var without = new DoubleConstructed(CircuitModels.Induction(), MatchingCases.Twice, CircuitModels.Previous);
        Same(ClosedForms.Pattern(32, (_, _) => 0), without.Pattern(CircuitModels.Inductor), Double);
    }

    [Fact]
    public void Heads_of_names_have_the_rows_and_logits_of_their_formulas()
    {
        foreach (var sentence in (ImmutableArray<int>[])[NameModels.Sentence, NameModels.Control])
        {
            var forms = new NameForms(sentence);
            var run = new DoubleConstructed(NameModels.Inhibition(), sentence);
            Same([forms.InhibitorRow()], [run.Pattern(NameModels.Inhibitor)[^1]], Deep);
            Same([forms.MoverRow()], [run.Pattern(NameModels.Mover)[^1]], Deep);
            Assert.Equal(Difference(run), forms.Difference(true), 10 * Deep);
            var without = new DoubleConstructed(NameModels.Inhibition(), sentence, NameModels.Inhibitor);
            Assert.Equal(Difference(without), forms.Difference(false), 10 * Deep);
        }

        static double Difference(DoubleConstructed run) =>
            run.Logits[^1][NameModels.IndirectObject] - run.Logits[^1][NameModels.Subject];
    }

    [Fact]
    public void A_model_without_a_tokenizer_has_numbered_tokens()
    {
        using var folder = new TemporaryFolder();
        using var device = new PlainDevice();
        PositionalModels.Offset(1, 100, ConstructedShape.Qwen2).Save(folder.Root);
        using var model = LanguageModel.Load(folder.Root, device);
        Assert.Equal("#15", model.Tokenizer.Token(15).Text);
        Assert.Equal((256, 64, 4, 2), (
            model.Config.HiddenSize, model.Config.HeadSize, model.Config.HeadCount, model.Config.KeyValueHeadCount));
        Assert.True(model.Config.TiesEmbeddings);
        Assert.Equal(1e6, model.Config.RopeTheta);
    }

    static void Same(double[][] expected, double[][] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        foreach (var (one, other) in expected.Zip(found))
        {
            Assert.Equal(one.Length, other.Length);
            Assert.All(one.Zip(other), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        }
    }
}
